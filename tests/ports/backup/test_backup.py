"""A backup of either database, restored into an empty one, is the same log and opens with the same master key."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from gateway import backup as backups
from gateway.backup import backup, restore
from gateway.keys import Keys, MasterKey
from gateway.log import Log
from gateway.store import Store
from gateway.vault import Vault
from schemas.errors import Conflict, MashError, Rejected, Unavailable

BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ORIGIN = "demo.mash.log"
MASTER = MasterKey(os.urandom(32))
TEXT, AAD = b"what nobody may read", "messages.sealed.msg_1"


@pytest.fixture(params=BOTH)
async def urls(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """Two empty databases: one to fill, one to restore into."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'one.sqlite3'}", f"sqlite:///{tmp_path / 'two.sqlite3'}"
        return
    base = make_url(request.getfixturevalue("postgres_url"))
    names = [f"backup_{secrets.token_hex(6)}" for _ in range(2)]
    engine = create_async_engine(base, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for name in names:
            await connection.execute(text(f"CREATE DATABASE {name}"))
    first, second = (base.set(database=name).render_as_string(hide_password=False) for name in names)
    yield first, second
    async with engine.connect() as connection:
        for name in names:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()


async def filled(url: str) -> bytes:
    store = Store.open(url)
    await store.upgrade()
    keys = await Keys.load(store, MASTER, origin=ORIGIN, random=os.urandom)
    await keys.ensure(NOW)
    vault = Vault(keys, os.urandom)
    async with store.work() as work:
        await vault.new_scope(work, "ref_1", now=NOW)
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        await work.commit()
    await Log(store, keys, origin=ORIGIN, random=os.urandom, clock=lambda: NOW).sequence()
    await store.close()
    return sealed


async def looked_into(url: str, sealed: bytes) -> tuple[int, bool, bytes]:
    store = Store.open(url)
    keys = await Keys.load(store, MASTER, origin=ORIGIN, random=os.urandom)
    found = await Log(store, keys, origin=ORIGIN, random=os.urandom, clock=lambda: NOW).verify()
    async with store.reading() as work:
        opened = await Vault(keys, os.urandom).open(work, "ref_1", sealed, aad=AAD)
    await store.close()
    return found.entries, found.verified, opened


async def test_what_was_backed_up_is_restored_whole(urls: tuple[str, str], tmp_path: Path) -> None:
    here, there = urls
    sealed = await filled(here)
    copy = tmp_path / "hub.backup"
    backup(here, copy, os.environ)
    restore(there, copy, os.environ)
    assert await looked_into(there, sealed) == (14, True, TEXT)
    assert await looked_into(here, sealed) == (14, True, TEXT)


async def test_a_backup_is_its_owners_and_holds_nothing_readable(urls: tuple[str, str], tmp_path: Path) -> None:
    await filled(urls[0])
    folder = tmp_path / "backups"
    folder.mkdir()
    copy = folder / "hub.backup"
    backup(urls[0], copy, os.environ)
    assert list(folder.iterdir()) == [copy]
    assert copy.stat().st_mode & 0o077 == 0
    assert TEXT not in copy.read_bytes()
    assert MASTER.secret not in copy.read_bytes()


async def test_a_backup_writes_over_nothing(urls: tuple[str, str], tmp_path: Path) -> None:
    await filled(urls[0])
    copy = tmp_path / "hub.backup"
    copy.write_text("mine")
    with pytest.raises(Conflict):
        backup(urls[0], copy, os.environ)
    assert copy.read_text() == "mine"


async def test_a_database_that_holds_something_is_replaced_only_when_told(
    urls: tuple[str, str], tmp_path: Path
) -> None:
    here, there = urls
    sealed = await filled(here)
    copy = tmp_path / "hub.backup"
    backup(here, copy, os.environ)
    other = await filled(there)
    with pytest.raises(Conflict) as caught:
        restore(there, copy, os.environ)
    assert caught.value.code == "restore.not_empty"
    assert await looked_into(there, other) == (14, True, TEXT)
    restore(there, copy, os.environ, replace=True)
    assert await looked_into(there, sealed) == (14, True, TEXT)


async def test_what_is_no_backup_is_refused_and_changes_nothing(urls: tuple[str, str], tmp_path: Path) -> None:
    sealed = await filled(urls[0])
    backup(urls[0], tmp_path / "whole", os.environ)
    whole = (tmp_path / "whole").read_bytes()
    for name, content in {"empty": b"", "noise": os.urandom(5_000), "half": whole[: len(whole) // 2]}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Rejected):
            restore(urls[0], tmp_path / name, os.environ, replace=True)
    with pytest.raises(Rejected):
        restore(urls[0], tmp_path / "nothing", os.environ, replace=True)
    assert await looked_into(urls[0], sealed) == (14, True, TEXT)


def test_another_programs_database_is_no_backup(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.sqlite3"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()
    with pytest.raises(Rejected) as caught:
        restore(f"sqlite:///{tmp_path / 'hub.sqlite3'}", foreign, os.environ)
    assert caught.value.code == "backup.damaged"


def test_a_database_that_is_not_there_cannot_be_backed_up(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.sqlite3'}", "postgresql://nobody:s3cret@127.0.0.1:1/none"):
        with pytest.raises(MashError) as caught:
            backup(url, tmp_path / "hub.backup", os.environ)
        assert "s3cret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense"])
def test_any_other_database_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        backup(url, tmp_path / "hub.backup", os.environ)


def test_where_postgres_has_no_programs_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_DEBIAN", tmp_path)
    with pytest.raises(Unavailable) as caught:
        backup("postgresql://127.0.0.1/none", tmp_path / "hub.backup", {"PATH": str(tmp_path)})
    assert "install PostgreSQL's client programs" in caught.value.detail
