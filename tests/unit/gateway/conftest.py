"""A store of its own, keys and a log, for each test of the gateway's parts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crypto.jwk import DecryptionKey, generate_sealing_key
from gateway.keys import Keys, MasterKey, material
from gateway.log import Log, origin_of
from gateway.store import Store

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ORIGIN = origin_of("demo")
POOL: list[DecryptionKey] = []


class Clock:
    """Says what time it is; a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> datetime:
        self.now += time
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def random() -> Callable[[int], bytes]:
    return os.urandom


@pytest.fixture
def rsa_pairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[DecryptionKey]:
    """RSA pairs are slow to make: each is made once per run, and no store gets the same one twice."""

    def pairs() -> Iterator[DecryptionKey]:
        place = 0
        while True:
            if place == len(POOL):
                POOL.append(generate_sealing_key())
            yield POOL[place]
            place += 1

    made = pairs()
    monkeypatch.setattr(material, "generate_sealing_key", lambda: next(made))
    return made


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.sqlite3'}"


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = Store.open(store_url)
    await store.upgrade()
    yield store
    await store.close()


@pytest.fixture
def master() -> MasterKey:
    return MasterKey(os.urandom(32))


@pytest.fixture
async def keys(
    store: Store, master: MasterKey, random: Callable[[int], bytes], rsa_pairs: Iterator[DecryptionKey]
) -> Keys:
    assert rsa_pairs is not None
    keys = await Keys.load(store, master, origin=ORIGIN, random=random)
    await keys.ensure(NOW)
    return keys


@pytest.fixture
def log(store: Store, keys: Keys, random: Callable[[int], bytes], clock: Clock) -> Log:
    return Log(store, keys, origin=ORIGIN, random=random, clock=clock)
