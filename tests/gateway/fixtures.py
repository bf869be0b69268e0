"""Fixtures for tests against a gateway that runs; a ``conftest.py`` takes those that its folder needs."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters import registry
from crypto.jwk import DecryptionKey, generate_sealing_key, load_sealing_key
from gateway import logs
from gateway.keys import material
from gateway.store import Store
from gateway.store.tables import metadata
from sandbox import door, person
from tests.gateway import borough
from tests.gateway import ground as grounds
from tests.gateway import town as towns
from tests.gateway.clock import Clock
from tests.gateway.ground import Ground
from tests.gateway.mending import ADAPTER, Mending
from tests.gateway.natives import CANARIES
from tests.gateway.town import Town

EMBEDDED = pytest.param("embedded", marks=[pytest.mark.sqlite, pytest.mark.mailbox])
SERVERS = pytest.param("servers", marks=[pytest.mark.postgres, pytest.mark.rabbitmq])
BUGS = ('"event": "bug"', '"background.bug"', '"amqp.bug"', '"adapter.fault"')
_POOL: list[DecryptionKey] = []


class Starter(Protocol):
    """Starts a gateway on the test's ground, with the hub's file changed where ``change`` is given."""

    def __call__(
        self, change: borough.Change | None = None, *, enrol: bool = True, listen: int | None = None
    ) -> AbstractAsyncContextManager[Town]:
        """A gateway that serves until its block ends."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    made.rule(monkeypatch)
    return made


@pytest.fixture
def mending(monkeypatch: pytest.MonkeyPatch) -> Mending:
    """The adapter of feed ``police-mend``, whole at first."""
    monkeypatch.setattr(ADAPTER, "broken", False)
    return ADAPTER


@pytest.fixture
def hub_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's RSA pairs are slow to make and to check: each is, once per run; no hub gets the same one twice."""

    def pairs() -> Iterator[DecryptionKey]:
        place = 0
        while True:
            if place == len(_POOL):
                _POOL.append(generate_sealing_key())
            yield _POOL[place]
            place += 1

    made = pairs()
    monkeypatch.setattr(material, "generate_sealing_key", lambda: next(made))
    monkeypatch.setattr(material, "load_sealing_key", _loaded)


@cache
def _loaded(secret: bytes, kid: str) -> DecryptionKey:
    return load_sealing_key(secret, kid)


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What a serving process writes to its log, configured as ``mash serve`` does; it must stay readable by anybody.

    At the end: no traceback, no bug of the gateway, and none of what the senders of these tests wrote.
    """
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        logs.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    yield stream.getvalue
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    written = stream.getvalue()
    assert "Traceback" not in written
    assert [event for event in BUGS if event in written] == [], written
    assert [canary for canary in CANARIES if canary.lower() in written.lower()] == []


@pytest.fixture
def bugs_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that plants a bug: the log may say that there was one, and still nothing of what anybody sent."""
    monkeypatch.setattr(sys.modules[__name__], "BUGS", ())


@pytest.fixture(params=[EMBEDDED, SERVERS])
def both(request: pytest.FixtureRequest) -> str:
    """``embedded`` (SQLite and mailbox), then ``servers`` (PostgreSQL and RabbitMQ)."""
    return str(request.param)


@pytest.fixture
async def place(  # noqa: PLR0917 - what a hub stands on
    both: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Clock,
    hub_pairs: None,
    mending: Mending,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: Callable[[], str],
) -> AsyncIterator[Ground]:
    """The ground of one test, on one of both."""
    assert hub_pairs is None
    assert not mending.broken
    assert not log_lines()
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    async with AsyncExitStack() as stack:
        if both == "servers":
            url = str(request.getfixturevalue("postgres_url"))
            await empty(url)
            broker = str(request.getfixturevalue("amqp_url"))
            prefix = str(request.getfixturevalue("broker_prefix"))
            yield await stack.enter_async_context(
                grounds.ground(tmp_path, clock, database_url=url, broker_url=broker, prefix=prefix)
            )
        else:
            url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
            yield await stack.enter_async_context(grounds.ground(tmp_path, clock, database_url=url))


@pytest.fixture
def start(place: Ground) -> Starter:
    """Starts gateways on the test's ground."""

    def started(
        change: borough.Change | None = None, *, enrol: bool = True, listen: int | None = None
    ) -> AbstractAsyncContextManager[Town]:
        return towns.town(place, change, enrol=enrol, listen=listen)

    return started


@pytest.fixture
async def town(start: Starter) -> AsyncIterator[Town]:
    """A gateway that serves, as its file comes."""
    async with start() as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers who do not wait when the hub says 503, so that a fault that lasts is seen at once."""
    monkeypatch.setattr(door, "LONGEST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(person, "_TRIES", 0)


async def empty(url: str) -> None:
    """Leave a PostgreSQL database with the newest tables and nothing in them."""
    store = Store.open(url)
    await store.upgrade()
    await store.close()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} CASCADE"))
    await engine.dispose()
