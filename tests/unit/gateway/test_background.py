"""What a gateway does beside its doors is what its file asks for; what is missing for it is said at the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.background import chores, client_tls
from gateway.bootstrap import Gateway
from gateway.settings import MeshSecrets
from schemas.errors import Rejected
from schemas.hub import MeshSection
from tests.gateway import borough
from tests.unit.gateway.whole import document, put_together

MESH = {"url": "https://mesh.example", "mailbox": "X26ABC1"}
FEEDS = [
    {
        "name": "mesh",
        "agency": "police",
        "adapter": "police.ppn",
        "authentication": "mesh",
        "workflows": ["W_1"],
    },
    {
        "name": "thin",
        "agency": "police",
        "adapter": "probation.event",
        "detail": {"url": "https://details.example"},
    },
]


@pytest.fixture
async def made(
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Gateway]:
    """A gateway whose file asks for both, and whose environment holds no secret."""
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    file = document("https://id.example")
    file["mesh"] = MESH
    file["feeds"] += FEEDS
    url = f"sqlite:///{tmp_path / 'whole.sqlite3'}"
    async with put_together(tmp_path, clock, file, database_url=url, enrol=()) as gateway:
        yield gateway


async def test_each_is_done_where_the_file_asks_for_it_and_the_secret_is_there(made: Gateway) -> None:
    over = asyncio.Event()
    with pytest.raises(Rejected, match="MASH_MESH_PASSWORD"):
        async with chores(made, over):
            pass
    made = replace(made, settings=replace(made.settings, mesh=MeshSecrets(password="p", shared_key="k")))
    with pytest.raises(Rejected, match="MASH_DETAIL_THIN_SECRET"):
        async with chores(made, over):
            pass
    made = replace(made, settings=replace(made.settings, detail_secrets={"thin": "s"}))
    async with chores(made, over) as found:
        assert [one.name for one in found] == ["mesh", "console", "details"]


def test_a_certificate_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no PEM")
    section = MeshSection(url="https://mesh.example", mailbox="X26ABC1", certificate="a.pem", private_key="a.pem")
    with pytest.raises(Rejected):
        client_tls(section, tmp_path)
    with pytest.raises(Rejected):
        client_tls(MeshSection(url="https://mesh.example", mailbox="X26ABC1", ca="nothing.pem"), tmp_path)
