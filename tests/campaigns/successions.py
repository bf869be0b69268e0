"""Agencies that change their own keys while they work: each between two of its calls, and what is in flight opens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sandbox import base64url, jose
from sandbox.agency import ENVELOPE, RELEASE, Agency, Client
from sandbox.inbox import Delivery
from sandbox.keys import AgencyKeys, ClientKeys, encryption_key, signing_key
from tests.gateway import borough
from tests.gateway.systems import system
from tests.gateway.town import Town, until

TEAM = "council.assessment-team"
# A request is signed after the agency's last one, and within what clocks may differ by.
_LATER = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Flying:
    """An envelope on its way, and the keys of its reader as it was sealed."""

    delivery: Delivery
    sealed_for: ClientKeys


class _Turns:
    """Work goes on side by side; a change waits until it rests, and work that comes meanwhile waits for the change."""

    def __init__(self) -> None:
        self._condition = asyncio.Condition()
        self._working = 0
        self._changing = False

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self._condition:
            await self._condition.wait_for(lambda: not self._changing)
            self._working += 1
        try:
            yield
        finally:
            async with self._condition:
                self._working -= 1
                self._condition.notify_all()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        async with self._condition:
            await self._condition.wait_for(lambda: not self._changing)
            self._changing = True
            await self._condition.wait_for(lambda: not self._working)
        try:
            yield
        finally:
            async with self._condition:
                self._changing = False
                self._condition.notify_all()


@dataclass(kw_only=True)
class Agencies:
    """The agencies of a town, whose keys change. Whoever works as one of them does so within ``working``."""

    town: Town
    changed: int = 0
    flying: list[Flying] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _turns: dict[str, _Turns] = field(default_factory=lambda: {one: _Turns() for one in borough.AGENCIES})

    @asynccontextmanager
    async def working(self, *agencies: str) -> AsyncIterator[None]:
        """Keys of these agencies stay as they are until the block ends."""
        async with AsyncExitStack() as stack:
            for one in sorted(agencies):
                await stack.enter_async_context(self._turns[one].working())
            yield

    def keys(self, agency: str) -> AgencyKeys:
        """An agency's keys as they are now."""
        return self.town.stage.agencies[agency].keys

    async def change(self, agency: str, number: int) -> None:
        """The agency's next keys, by a request of its own: all but those that open, and of these one client's.

        Raises:
            HubRefused: the hub does not take them.
        """
        old = self.keys(agency)
        turn = sorted(old.clients)[number % len(old.clients)]
        opening = await asyncio.to_thread(encryption_key, f"{turn}.encryption.{number + 1}")
        new = replace(
            old,
            signing=signing_key(f"{agency}.signing.{number + 1}"),
            clients={
                name: replace(
                    one,
                    authentication=signing_key(f"{name}.authentication.{number + 1}"),
                    dpop=signing_key(f"{name}.dpop.{number + 1}"),
                    encryption=opening if name == turn else one.encryption,
                )
                for name, one in old.clients.items()
            },
        )
        async with self._turns[agency].changing():
            some = next(iter(old.clients)).partition(".")[2]
            asked = old.succession(borough.HUB, self.town.clock() + _LATER, new)
            door = self.town.stage.agencies[agency][some].door
            reply = await door.call("POST", "/v1/agency/keys", body=asked, media_type="application/jose+json")
            reply.expect("an agency's next keys", 200)
            self._take_up(agency, new)
        self.changed += 2 + 2 * len(new.clients)

    def _take_up(self, agency: str, keys: AgencyKeys) -> None:
        town, before = self.town, self.town.stage.agencies[agency]
        clients = {name.partition(".")[2]: self._client(own, keys) for name, own in keys.clients.items()}
        town.stage.agencies = {
            **town.stage.agencies,
            agency: Agency(keys=keys, clients=clients, spokesman=before.spokesman),
        }

    def _client(self, own: ClientKeys, keys: AgencyKeys) -> Client:
        town = self.town
        return system(town.url, own, keys, town.stage.hub_keys, town.session, town.connection, town.ground.prefix)

    async def launch(self) -> None:
        """Leave the products that have reached the assessment team unopened, for keys to change meanwhile."""
        team, own = self.town.client(TEAM), self.keys("council").clients[TEAM]

        async def reached() -> bool:
            fresh = [one for one in await team.pending() if one.kind == "product" and one.envelope not in self._known]
            self.flying += [Flying(delivery=one, sealed_for=own) for one in fresh]
            self._known |= {one.envelope for one in fresh}
            return bool(fresh)

        await until(reached)

    async def land(self) -> int:
        """Open everything that was in flight when keys changed, with the new keys; how many envelopes.

        Raises:
            HubRefused: one is not released. NotTrusted: its seal or its signature does not hold.
        """
        landed, self.flying = self.flying, []
        async with self.working("council"):
            for one in landed:
                await self._open(one)
        return len(landed)

    async def _open(self, one: Flying) -> None:
        keys = self.keys("council")
        own = keys.clients[TEAM]
        between = self._client(replace(own, dpop=one.sealed_for.dpop), keys)
        reply = (await between.redeem(one.delivery)).expect("an opening of what was in flight", 200)
        released = jose.json_object(jose.open_with(reply.body.decode("ascii"), own.encryption, cty=RELEASE))
        key = base64url.decode(released["key"])
        body = jose.open_direct(one.delivery.body, key, kid=one.delivery.envelope, cty=ENVELOPE)
        _ = await self.town.stage.hub_keys.verify(body.decode("ascii"), typ=ENVELOPE)
        path = f"/v1/mailbox/{one.delivery.envelope}/ack"
        (await self.town.client(TEAM).door.call("POST", path)).expect("an acknowledgement", 204)
