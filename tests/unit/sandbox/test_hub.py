from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from sandbox.borough import Place
from sandbox.hub import Hub, free_ports
from sandbox.keys import AgencyKeys


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    http, mllp = free_ports(2)
    place = Place(http_port=http, mllp_port=mllp, issuer="http://127.0.0.1:1", channel="mailbox")
    return Hub(directory=tmp_path, place=place, database_url=f"sqlite:///{tmp_path / 'h.db'}", broker_url=None)


async def test_a_hub_is_laid_out_with_a_master_key_that_its_owner_alone_reads(hub: Hub, police: AgencyKeys) -> None:
    await hub.lay_out()
    key = hub.directory / "secrets" / "master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(base64.b64decode(key.read_text().strip(), validate=True)) == 32
    assert (hub.directory / "h.db").exists()
    await hub.enrol(police)
    listed = (await hub.run("agencies", "list", "--json")).json()
    assert isinstance(listed, list)
    assert [row["agency"] for row in listed if row["status"] == "active"] == ["police"]


def test_the_environment_is_this_hubs_and_no_other(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASH_MASTER_KEY", "another hub's")
    monkeypatch.setenv("MASH_BROKER_URL", "amqp://another")
    told = {name: value for name, value in hub.environment().items() if name.startswith("MASH_")}
    assert told.keys() == {"MASH_CONFIG", "MASH_DATABASE_URL", "MASH_MASTER_KEY_FILE"}
    assert told["MASH_CONFIG"] == str(hub.config)


def test_no_server_s_password_is_shown(tmp_path: Path) -> None:
    place = Place(http_port=1, mllp_port=2, issuer="http://127.0.0.1:3", channel="amqp")
    hub = Hub(directory=tmp_path, place=place, database_url="postgresql://u:hidden@h", broker_url="amqp://u:hidden@h")
    assert "hidden" not in repr(hub)


async def test_a_command_s_code_and_output_are_told(hub: Hub) -> None:
    assert (await hub.run("adapters", "list", "--json")).code == 0
    assert (await hub.run("no-such-command")).code != 0
