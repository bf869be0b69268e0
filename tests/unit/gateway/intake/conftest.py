"""A whole gateway for the tests of its intake, and two replicas of one hub on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import pytest

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway
from tests.gateway import borough
from tests.gateway.fixtures import empty
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import document, put_together

__all__ = ["gateway", "hub_file", "issuer"]


@pytest.fixture
async def replicas(
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Gateway, Gateway]]:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    await empty(postgres_url)
    made, master = document("https://id.example"), os.urandom(32)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                put_together(tmp_path, clock, made, database_url=postgres_url, enrol=enrol, master=master)
            )
            for enrol in (("police",), ())
        ]
        yield first, second
