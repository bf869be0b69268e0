"""The envelopes that a campaign of openings is about: sealed in the store, with their tokens in their headers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from crypto.opentoken import OpenToken
from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.single_use import Use
from gateway.world import World
from tests.gateway import borough
from tests.ports.delivery.test_delivery import token_of
from tests.ports.delivery.ways import cut, referral_of
from tests.unit.gateway.whole import document


def lay_out(config: Path) -> None:
    """Write the hub's file: the borough of the tests, without the feed whose adapter is a test's own."""
    made = document("https://id.example")
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]
    config.write_text(borough.text(made), encoding="utf-8")


async def envelopes(config: Path, environ: Mapping[str, str], count: int) -> list[str]:
    """Enrol the agencies of a hub that is laid out, and seal so many envelopes for one reader; their names."""
    async with bootstrap(settings.load(config, environ), World()) as gateway:
        for agency in borough.AGENCIES:
            now = gateway.world.now()
            await gateway.agencies.enrol(borough.keys_of(agency).enrolment_file(borough.HUB, now), now)
        referral = await referral_of(gateway)
        async with gateway.store.work() as work:
            names = [(await cut(gateway, work, referral, f"Words {number}.")).id for number in range(count)]
            await work.commit()
        await gateway.log.sequence()
    return names


async def tokens(gateway: Gateway, names: Sequence[str]) -> dict[str, OpenToken]:
    """The tokens of these envelopes, as their reader has them."""
    async with gateway.store.reading() as work:
        return {name: token_of(gateway, await work.envelopes.get(name)) for name in names}


def use(gateway: Gateway) -> Use:
    """A proof that nobody used before."""
    return Use(digest=secrets.token_hex(32), expires_at=gateway.world.now() + timedelta(minutes=3))


async def opened(gateway: Gateway) -> list[str]:
    """The subject of every opening that the log tells of."""
    await gateway.log.sequence()
    async with gateway.store.reading() as work:
        found = [json.loads(one.entry) for one in await work.log.entries(0, await work.log.size())]
    return [str(one["subject"]) for one in found if one["event"] == "envelope.opened"]
