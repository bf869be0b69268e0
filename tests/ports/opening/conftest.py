"""Two gateways of one hub on one database: every test that takes ``gateway`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters import registry
from gateway.bootstrap import Gateway
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.fixtures import clock, empty, hub_pairs
from tests.unit.gateway.whole import document, put_together

__all__ = ["clock", "hub_pairs"]

ISSUER = "https://id.example"
BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]
MASTER = os.urandom(32)


@pytest.fixture(params=BOTH)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    url = str(request.getfixturevalue("postgres_url"))
    await empty(url)
    return url


@pytest.fixture
async def gateway(
    database_url: str, tmp_path: Path, clock: Clock, hub_pairs: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    assert hub_pairs is None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    made = document(ISSUER)
    async with put_together(tmp_path, clock, made, database_url=database_url, master=MASTER) as one:
        yield one


@pytest.fixture
async def another(gateway: Gateway, database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Gateway]:
    """The same hub, as a second process would serve it."""
    directory = tmp_path / "another"
    directory.mkdir()
    made = document(ISSUER)
    async with put_together(directory, clock, made, database_url=database_url, master=MASTER, enrol=()) as one:
        assert one.keys.jwks() == gateway.keys.jwks()
        yield one
