"""The log over both databases: every test that takes ``store`` runs twice."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from crypto.checkpoint import CheckpointKey, CheckpointVerifier, generate_checkpoint_key
from gateway.log import Event, Log
from gateway.store import Reading, Store
from gateway.store.records import KeyRow
from gateway.store.tables import metadata

BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ORIGIN = "demo.mash.log"


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store.open(database_url)
    await store.upgrade()
    if store.dialect == "postgresql":
        engine = create_async_engine(database_url)
        async with engine.begin() as connection:
            await connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} CASCADE"))
        await engine.dispose()
    yield store
    await store.close()


@dataclass
class OneKey:
    """One checkpoint key, and those that were trusted before it."""

    key: CheckpointKey
    former: tuple[CheckpointVerifier, ...] = ()

    async def reload(self, work: Reading) -> bool:
        assert work is not None
        return False

    def take(self, rows: Sequence[KeyRow]) -> bool:
        assert list(rows) == []
        return False

    def checkpoint_key(self) -> CheckpointKey:
        return self.key

    def checkpoint_verifiers(self) -> tuple[CheckpointVerifier, ...]:
        return (self.key.verifier(),)

    def former_checkpoint_verifiers(self) -> tuple[CheckpointVerifier, ...]:
        return self.former


@pytest.fixture
def one_key() -> OneKey:
    return OneKey(generate_checkpoint_key(ORIGIN))


def open_log(store: Store, keys: OneKey) -> Log:
    return Log(store, keys, origin=ORIGIN, random=os.urandom, clock=lambda: NOW)


@pytest.fixture
def log(store: Store, one_key: OneKey) -> Log:
    return open_log(store, one_key)


@pytest.fixture
async def another_log(store: Store, one_key: OneKey, database_url: str) -> AsyncIterator[Log]:
    """The same log, as a second process would open it."""
    assert store.dialect in database_url
    another = Store.open(database_url)
    yield open_log(another, one_key)
    await another.close()


class Writer:
    """Appends entries, one transaction each."""

    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = log

    async def __call__(self, count: int, *, referral: str | None = None) -> list[str]:
        names = []
        for number in range(count):
            async with self._store.work() as work:
                names.append(
                    await self._log.append(
                        work,
                        event=Event.REFERRAL_VIEWED,
                        actor="council.lead",
                        now=NOW,
                        referral=referral,
                        subject=f"ref_{number}",
                    )
                )
                await work.commit()
        return names


@pytest.fixture
def write(store: Store, log: Log) -> Writer:
    return Writer(store, log)
