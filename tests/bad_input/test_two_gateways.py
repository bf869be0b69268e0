"""Two gateways on one database and one broker: what happens once, happens once across both."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import pytest

from crypto.keys import KeyState
from gateway.keys import RevocationReason
from sandbox.agency import Client
from sandbox.door import Reply
from sandbox.hub import free_ports
from tests.gateway.fixtures import Starter
from tests.gateway.ground import Ground
from tests.gateway.natives import notice
from tests.gateway.systems import system
from tests.gateway.town import Town, until

pytestmark = pytest.mark.parametrize("both", ["servers"], indirect=True)
TEAM = "council.assessment-team"


class Elsewhere:
    """A session whose calls to the hub's public URL reach one of its replicas, as behind a load balancer."""

    def __init__(self, session: aiohttp.ClientSession, public: str, replica: str) -> None:
        self._session = session
        self._public = public
        self._replica = replica

    def request(self, method: str, url: str, **more: object) -> object:
        """The same call, at the replica."""
        return self._session.request(method, url.replace(self._public, self._replica), **more)  # type: ignore[arg-type]


def through(client: Client, town: Town, port: int) -> Client:
    """The same system, its calls reaching the replica on this port."""
    session = cast("aiohttp.ClientSession", Elsewhere(town.session, town.url, f"http://127.0.0.1:{port}"))
    return system(town.url, client.keys, client.agency, town.stage.hub_keys, session, None, "")


async def test_eight_openings_on_two_gateways_are_one_release(place: Ground, start: Starter) -> None:
    port = free_ports(1)[0]
    async with start() as town, start(enrol=False, listen=port) as other:
        assert other.gateway.store is not town.gateway.store
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        here = town.client(TEAM)
        there = through(here, town, port)
        # Each has a token and a nonce of its own beforehand, so that all eight arrive together.
        for client in (here, there):
            assert (await client.door.call("GET", "/v1/mailbox")).status == 200
        replies = await asyncio.gather(*(client.redeem(delivery) for _ in range(4) for client in (here, there)))
        assert {one.status for one in replies} == {200}
        assert len({one.body for one in replies}) == 1
        for gateway in (town, other):
            about = [one["event"] for one in await gateway.events() if one["subject"] == delivery.envelope]
            assert about.count("envelope.opened") == 1
        assert (await town.gateway.log.verify()).verified
        thief = through(town.client("police.lead"), town, port)
        assert (await thief.redeem(delivery)).status == 401
    assert place.channel == "amqp"


async def test_one_message_at_two_gateways_at_once_is_accepted_once(start: Starter) -> None:
    port = free_ports(1)[0]
    async with start() as town, start(enrol=False, listen=port):
        desk = town.client("police.desk")
        there = through(desk, town, port)
        for client in (desk, there):
            await client.notify("police-ppn", b"<warm/>", "application/xml")
        message = notice()
        replies: list[Reply] = await asyncio.gather(
            *(client.notify("police-ppn", message, "application/xml") for _ in range(4) for client in (desk, there))
        )
        assert {(one.status, one.body) for one in replies} == {(202, replies[0].body)}
        counts = await town.counts("police-ppn")
        assert (counts["accepted"], counts["duplicate"]) == (1, 7 + 1)
        assert counts["reconciled"]


async def test_what_two_relays_send_arrives_once(start: Starter) -> None:
    port = free_ports(1)[0]
    async with start() as town, start(enrol=False, listen=port):
        case = await town.referral(notice())
        await town.disclosed(case)
        await town.product(case)
        await town.sent()
        events = await town.events()
        sealed = [one["subject"] for one in events if one["event"] == "envelope.sealed"]
        delivered = [one["subject"] for one in events if one["event"] == "envelope.delivered"]
        assert sorted(sealed) == sorted(delivered)
        assert (await town.gateway.log.verify()).verified


async def test_a_key_taken_out_of_use_at_one_gateway_is_refused_at_the_other_within_five_seconds(
    start: Starter,
) -> None:
    port = free_ports(1)[0]
    async with start() as town, start(enrol=False, listen=port) as other:
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        there = through(town.client(TEAM), town, port)
        assert (await there.door.call("GET", "/v1/mailbox")).status == 200
        keys = town.gateway.keys
        old = keys.ring.signing_key().kid

        async def seen(state: KeyState) -> bool:
            return other.gateway.keys.ring.record(old).state is state

        async def noticed(state: KeyState) -> None:
            async with asyncio.timeout(5):
                await until(lambda: seen(state))

        await keys.suspend(old, RevocationReason.SUSPECTED, town.clock())
        await noticed(KeyState.SUSPENDED)
        assert (await there.redeem(delivery)).status == 401
        await keys.resume(old, town.clock())
        await noticed(KeyState.VERIFY_ONLY)
        assert (await there.redeem(delivery)).status == 200
        await keys.revoke(old, RevocationReason.COMPROMISED, town.clock())
        await noticed(KeyState.REVOKED)
        assert (await there.redeem(delivery)).status == 401, "not even the honest retry"
