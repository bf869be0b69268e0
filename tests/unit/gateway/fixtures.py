"""Fixtures of a whole gateway; a ``conftest.py`` takes those that its folder needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway
from tests.gateway import borough
from tests.gateway.fixtures import empty
from tests.unit.gateway import issuer as issuers
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import document, put_together

BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """The sign-in provider, listening."""
    async with issuers.listening() as listening:
        yield listening


@pytest.fixture
def hub_file(issuer: Issuer) -> borough.Document:
    """The hub's file, which a test may change before it takes ``gateway``."""
    return document(issuer.url)


@pytest.fixture
async def gateway(
    hub_file: borough.Document,
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Gateway]:
    """A whole gateway on SQLite."""
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    url = f"sqlite:///{tmp_path / 'whole.sqlite3'}"
    async with put_together(tmp_path, clock, hub_file, database_url=url) as made:
        yield made


@pytest.fixture(params=BOTH)
async def gateway_on_both(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Gateway]:
    """A whole gateway, on each of the two databases in turn; a ``conftest.py`` takes it as ``gateway``."""
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    url = str(request.getfixturevalue({"sqlite": "store_url", "postgres": "postgres_url"}[request.param]))
    if request.param == "postgres":
        await empty(url)
    async with put_together(tmp_path, clock, document("https://id.example"), database_url=url) as made:
        yield made
