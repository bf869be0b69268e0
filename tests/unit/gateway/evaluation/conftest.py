"""A whole gateway on each of the two databases."""

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
from tests.unit.gateway.whole import document, put_together

BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
async def gateway(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Gateway]:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    url = str(request.getfixturevalue({"sqlite": "store_url", "postgres": "postgres_url"}[request.param]))
    if request.param == "postgres":
        await empty(url)
    async with put_together(tmp_path, clock, document("https://id.example"), database_url=url) as made:
        yield made
