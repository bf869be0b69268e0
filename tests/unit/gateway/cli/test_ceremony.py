"""The master key among officers, by their commands: begun, given once each, put together on a new machine."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crypto.jwk import DecryptionKey, generate_sealing_key
from crypto.share import Share
from gateway.cli import mash
from gateway.keys import Keys, MasterKey, place
from gateway.keys.ceremony import Ceremonies
from gateway.log import origin_of
from gateway.settings import read_hub
from gateway.store import Store
from gateway.vault import Vault
from tests.services.softhsm import SoftToken

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OFFICERS_KEY = generate_sealing_key()
KEPT = b"what the hub keeps"


def run(*arguments: str, hub: Path, given: str | None = None, **environ: str) -> Result:
    named = {"MASH_CONFIG": str(hub / "hub.toml"), **environ}
    return CliRunner().invoke(mash, list(arguments), env=named, input=given)


def done(*arguments: str, hub: Path, given: str | None = None, **environ: str) -> str:
    result = run(*arguments, hub=hub, given=given, **environ)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def home(tmp_path: Path, rsa_pairs: Iterator[DecryptionKey]) -> Path:
    """A hub with keys and something sealed in it."""
    assert rsa_pairs is not None
    hub = tmp_path / "home"
    done("init", str(hub), hub=hub)
    asyncio.run(filled(hub, MasterKey.read(place.key_file(hub))))
    return hub


async def filled(hub: Path, master: MasterKey) -> None:
    store = Store.open(f"sqlite:///{hub / 'hub.sqlite3'}")
    await store.upgrade()
    keys = await Keys.load(store, master, origin=origin_of(read_hub(hub / "hub.toml")[0].hub.id), random=os.urandom)
    await keys.ensure(NOW)
    vault = Vault(keys, os.urandom)
    async with store.work() as work:
        await vault.new_scope(work, "ref_1", now=NOW)
        sealed = await vault.seal(work, "ref_1", KEPT, aad="messages.sealed.msg_1")
        await work.settings.put("test.sealed", base64.b64encode(sealed).decode())
        await work.commit()
    await store.close()


async def looked_into(hub: Path) -> tuple[bytes, list[tuple[str, bytes]]]:
    """What was sealed, and the log's entries."""
    store = Store.open(f"sqlite:///{hub / 'hub.sqlite3'}")
    master = MasterKey.read(place.key_file(hub))
    keys = await Keys.load(store, master, origin=origin_of(read_hub(hub / "hub.toml")[0].hub.id), random=os.urandom)
    async with store.reading() as work:
        sealed = base64.b64decode(await work.settings.get("test.sealed") or "")
        opened = await Vault(keys, os.urandom).open(work, "ref_1", sealed, aad="messages.sealed.msg_1")
        entries = [*await work.log.entries(0, 1_000), *await work.log.unsequenced(1_000)]
    await store.close()
    return opened, [(entry.event, entry.entry) for entry in entries]


def officer(folder: Path, name: str) -> str:
    key = OFFICERS_KEY
    (folder / f"{name}.jwk").write_text(json.dumps({**key.public().jwk(), "kid": "her-own-name"}))
    (folder / f"{name}.der").write_bytes(key.to_der())
    return f"{name}={folder / f'{name}.jwk'}"


def begun(home: Path, folder: Path) -> dict[str, Path]:
    """A ceremony of three, two needed, with every share taken; anna's is sealed to her."""
    named = [officer(folder, "anna"), "ben", "cleo"]
    done("ceremony", "begin", "--threshold", "2", *(part for one in named for part in ("--officer", one)), hub=home)
    files = {}
    for name in ("anna", "ben", "cleo"):
        files[name] = folder / f"{name}.share"
        files[name].write_text(done("ceremony", "share", name, hub=home))
    return files


def new_machine(home: Path, folder: Path) -> Path:
    there = folder / "there"
    there.mkdir()
    (there / "hub.toml").write_bytes((home / "hub.toml").read_bytes())
    return there


def test_a_new_machine_gets_the_key_from_officers_and_the_rest_from_a_backup(home: Path, tmp_path: Path) -> None:
    files = begun(home, tmp_path)
    done("db", "backup", str(tmp_path / "hub.backup"), hub=home)
    there = new_machine(home, tmp_path)
    chosen = [str(files["cleo"]), str(files["anna"]), "--officer-key", str(tmp_path / "anna.der")]
    told = done("ceremony", "restore", *chosen, "--backup", str(tmp_path / "hub.backup"), hub=there)
    secret = place.key_file(there)
    assert secret.read_text() == place.key_file(home).read_text()
    assert secret.stat().st_mode & 0o077 == 0
    assert secret.read_text().strip() not in told
    opened, entries = asyncio.run(looked_into(there))
    assert opened == KEPT
    events = [event for event, _ in entries]
    assert events.count("ceremony.begun") == 1
    assert events.count("ceremony.share_given") == 3
    assert events.count("ceremony.restored") == 1
    assert "verified" in done("log", "verify", hub=there)


def test_shares_are_typed_in_where_no_file_is_named(home: Path, tmp_path: Path) -> None:
    files = begun(home, tmp_path)
    there = new_machine(home, tmp_path)
    typed = files["ben"].read_text() + "\n\n" + files["cleo"].read_text()
    done("ceremony", "restore", hub=there, given=typed)
    assert place.key_file(there).read_text() == place.key_file(home).read_text()


def test_too_few_mixed_and_foreign_shares_are_refused_and_nothing_is_written(home: Path, tmp_path: Path) -> None:
    files = begun(home, tmp_path)
    (tmp_path / "second").mkdir()
    others = begun(home, tmp_path / "second")
    there = new_machine(home, tmp_path)
    for chosen, says in (
        ([files["ben"]], "2 are needed and 1 here: bring 1 more"),
        ([files["ben"], files["ben"]], "share 2 is here twice"),
        ([files["ben"], others["cleo"]], "different ceremonies"),
        ([files["ben"], files["anna"]], "--officer-key"),
    ):
        result = run("ceremony", "restore", *map(str, chosen), hub=there)
        assert result.exit_code == 1
        assert says in result.output
        assert Share.parse(files["ben"].read_text()).value.hex() not in result.output
    toml = (there / "hub.toml").read_text().replace('id = "harbour"', 'id = "river"')
    (there / "hub.toml").write_text(toml)
    result = run("ceremony", "restore", str(files["ben"]), str(files["cleo"]), hub=there)
    assert "another hub's" in result.output
    assert not place.key_file(there).exists()


def test_a_master_key_that_is_there_is_not_written_over(home: Path, tmp_path: Path) -> None:
    files = begun(home, tmp_path)
    before = place.key_file(home).read_text()
    result = run("ceremony", "restore", str(files["ben"]), str(files["cleo"]), hub=home)
    assert result.exit_code == 1
    assert "never overwritten" in result.output
    assert place.key_file(home).read_text() == before


def test_a_share_is_given_once_and_nothing_of_it_stays(home: Path, tmp_path: Path) -> None:
    files = begun(home, tmp_path)
    again = run("ceremony", "share", "ben", hub=home)
    assert again.exit_code == 1
    assert "given before" in again.output
    assert "no officer of this name" in run("ceremony", "share", "dora", hub=home).output
    _, entries = asyncio.run(looked_into(home))
    # Not even wrapped under the master key.
    assert asyncio.run(waiting(home)) is None
    kept = b"".join(path.read_bytes() for path in home.glob("hub.sqlite3*"))
    for name in ("ben", "cleo"):
        value = Share.parse(files[name].read_text()).value
        spelt = [line[3:33].encode() for line in files[name].read_text().splitlines() if line[0] != "#"]
        for form in (value, value.hex().encode(), base64.b64encode(value), *spelt):
            assert form not in kept
            assert not any(form in entry for _, entry in entries)


async def waiting(hub: Path) -> str | None:
    store = Store.open(f"sqlite:///{hub / 'hub.sqlite3'}")
    latest = await Ceremonies(store, random=os.urandom).latest()
    await store.close()
    assert latest is not None
    return latest.waiting


def test_while_shares_wait_no_new_ceremony_and_no_move_loses_them(home: Path, tmp_path: Path) -> None:
    three = [part for name in ("anna", "ben", "cleo") for part in ("--officer", name)]
    done("ceremony", "begin", "--threshold", "2", *three, hub=home)
    waiting = run("ceremony", "begin", "--threshold", "2", *three, hub=home)
    assert "shares wait to be taken by anna, ben, cleo" in waiting.output
    assert "shares wait" in run("keys", "master", "move", str(tmp_path / "other.key"), hub=home).output
    done("ceremony", "begin", "--threshold", "3", *three, "--anew", hub=home)
    assert "# 3 shares" in done("ceremony", "share", "anna", hub=home)
    assert "given before" in run("ceremony", "share", "anna", hub=home).output


@pytest.mark.parametrize("officers", [["anna"], ["anna", "anna"], ["anna", "Ben!"], [f"o{n}" for n in range(17)]])
def test_other_rounds_of_officers_are_refused(home: Path, officers: list[str]) -> None:
    named = [part for name in officers for part in ("--officer", name)]
    result = run("ceremony", "begin", "--threshold", "2", *named, hub=home)
    assert result.exit_code == 1
    assert "keys.ceremony" in result.output


def test_a_hub_on_a_token_is_moved_to_a_key_that_was_shared(home: Path, tmp_path: Path, token: SoftToken) -> None:
    pin = {"MASH_PKCS11_PIN": token.pin}
    done("keys", "master", "move", token.uri("first"), hub=home, **pin)
    three = [part for name in ("anna", "ben", "cleo") for part in ("--officer", name)]
    refused = run("ceremony", "begin", "--threshold", "2", *three, hub=home, **pin)
    assert "can't be split" in refused.output
    done("ceremony", "begin", "--threshold", "2", *three, "--pkcs11", token.uri("second"), hub=home, **pin)
    assert "object=second" in done("keys", "master", "show", hub=home, **pin)
    typed = "\n\n".join(done("ceremony", "share", name, hub=home, **pin) for name in ("anna", "cleo"))
    done("db", "backup", str(tmp_path / "hub.backup"), hub=home, **pin)
    there = new_machine(home, tmp_path)
    done("ceremony", "restore", "--backup", str(tmp_path / "hub.backup"), hub=there, given=typed)
    assert asyncio.run(looked_into(there))[0] == KEPT
