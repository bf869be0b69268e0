"""A hub on a file of SQLite that commands open each time as they would from a shell."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from crypto.jwk import DecryptionKey
from gateway.agencies import Agencies
from gateway.cli import opened
from gateway.configuration import Configuration
from gateway.keys import Keys, MasterKey
from gateway.log import Log, origin_of
from gateway.rehash import Rehash
from gateway.store import Store
from gateway.trust import Trust
from gateway.vault import Vault
from gateway.world import World
from schemas.hub import AgencySection, Hub, HubSection, Listen, PeopleSection, RecipientSection
from schemas.vocabulary import Role, Sector

T = TypeVar("T")
RECIPIENTS = (RecipientSection(name="lead", role=Role.PROFESSIONAL_LEAD),)
HUB = Hub(
    hub=HubSection(id="demo", name="Demo", public_url="https://hub.example"),
    http=Listen(port=8080),
    people=PeopleSection(issuer="https://id.example", audience="demo", roles={}),
    ratings=(),
    agencies=(AgencySection(id="police", name="Police", sector=Sector.POLICE, recipients=RECIPIENTS),),
    feeds=(),
)


@dataclass(frozen=True, kw_only=True)
class Parts:
    store: Store
    keys: Keys
    vault: Vault
    rehash: Rehash | None = None
    log: Log
    agencies: Agencies
    trust: Trust
    world: World


class Opening:
    """Opens the same hub again and again; ``run`` is for the test's own looks inside."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self.url = url
        self.hub = HUB
        self._master = master

    @asynccontextmanager
    async def __call__(self, config: Path | None = None) -> AsyncIterator[Parts]:
        assert config is None
        world, store = World(), Store.open(self.url)
        await store.upgrade()
        keys = await Keys.load(store, self._master, origin=origin_of("demo"), random=world.random)
        await keys.ensure(world.now())
        log = Log(store, keys, origin=keys.origin, random=world.random, clock=world.now)
        vault, agencies = Vault(keys, world.random), Agencies(store, Configuration(self.hub, ""), log)
        try:
            yield Parts(
                store=store,
                keys=keys,
                vault=vault,
                log=log,
                agencies=agencies,
                trust=Trust(store, Configuration(self.hub, ""), log),
                world=world,
            )
        finally:
            await store.close()

    def run(self, body: Callable[[Parts], Awaitable[T]]) -> T:
        async def inside() -> T:
            async with self() as parts:
                return await body(parts)

        return asyncio.run(inside())


@pytest.fixture
def hub(store_url: str, rsa_pairs: Iterator[DecryptionKey], monkeypatch: pytest.MonkeyPatch) -> Opening:
    assert rsa_pairs is not None
    opening = Opening(store_url, MasterKey(os.urandom(32)))
    monkeypatch.setattr(opened, "opening", opening)
    return opening
