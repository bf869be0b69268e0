"""What is measured on each database: the same calls, in turns, through the gateway's own parts."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from adapters.port import Fate
from benchmarks.growth.past import FEED, entries_of, number_of
from benchmarks.load.messages import Mix, lag
from crypto import lookup
from crypto.opentoken import OpenToken, verify_open_token
from gateway.bootstrap import Gateway
from gateway.delivery.sealing import open_url
from gateway.intake.loading import Wanted, load
from schemas.identifiers import IdentifierKind

LOOK_UPS, PROOFS, OPENINGS, CONNECTIONS = 100, 100, 24, 64
INTAKES = 960


@dataclass(kw_only=True)
class Grown:
    """One gateway on one size of past. Each method gives microseconds for one of what it does."""

    gateway: Gateway
    size: int
    envelopes: list[str] = field(default_factory=list)
    _chance: Random = field(default_factory=lambda: Random(5))

    async def intake(self, messages: Sequence[bytes]) -> float:
        """Messages from 64 senders at once, each of whom waits for its answer; nine registrations to one concern."""
        feed, waiting = self.gateway.feeds[FEED], list(messages)

        async def sender() -> None:
            while waiting:
                answered = await self.gateway.intake.receive(feed, waiting.pop(), None)
                assert answered.fate is Fate.ACCEPTED

        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))
        return (time.perf_counter() - began) / len(messages) * 1e6

    async def look_up(self) -> float:
        """A known child by its number: the person opened, with its referral and its history."""
        children = (self.size + 9) // 10
        keys = self.gateway.keys.lookup()
        numbers = [number_of(self._chance.randrange(children)) for _ in range(LOOK_UPS)]
        began = time.perf_counter()
        for number in numbers:
            term = lookup.lookup_key(IdentifierKind.CRN, number, keys)
            async with self.gateway.store.direct() as work:
                known = await load(
                    work, self.gateway.vault, Wanted(terms=[term], children=frozenset([term])), joining=False
                )
            assert len(known.persons) == len(known.referrals) == 1
        return (time.perf_counter() - began) / LOOK_UPS * 1e6

    async def proof(self) -> float:
        """The proof of an entry of the past under the newest checkpoint."""
        positions = [self._chance.randrange(entries_of(self.size)) for _ in range(PROOFS)]
        async with self.gateway.store.reading() as work:
            names = [(await work.log.entries(position, position + 1))[0].id for position in positions]
        began = time.perf_counter()
        for name in names:
            await self.gateway.log.proof(name)
        return (time.perf_counter() - began) / PROOFS * 1e6

    async def opening(self) -> float:
        """Envelopes opened by as many readers at once, without HTTP."""
        batch = [self.envelopes.pop() for _ in range(OPENINGS)]
        tokens = [await self._token(name) for name in batch]
        began = time.perf_counter()
        await asyncio.gather(
            *(self.gateway.opening.redeem(name, token, token.jkt) for name, token in zip(batch, tokens, strict=True))
        )
        return (time.perf_counter() - began) / OPENINGS * 1e6

    async def _token(self, name: str) -> OpenToken:
        gateway = self.gateway
        async with gateway.store.reading() as work:
            envelope = await work.envelopes.get(name)
        return verify_open_token(
            envelope.headers["access-token"],
            gateway.keys.ring.verification_keys(),
            iss=gateway.hub_id,
            aud=open_url(gateway.hub, name),
            now=gateway.world.now(),
        )


def messages(first: int) -> list[bytes]:
    """New messages, the same for every gateway that is measured in a round."""
    mix = Mix(run=secrets.token_hex(4).upper(), first=first, lag=lag(CONNECTIONS))
    return [mix.message(place) for place in range(INTAKES)]
