"""A key that is revoked at one gateway is refused by every other within five seconds, wherever it is presented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from crypto.keys import KeyState, Purpose
from gateway.keys import RevocationReason
from sandbox.agency import Asked, Client
from sandbox.disclosure import Group, Reply
from sandbox.door import Reply as Answer
from sandbox.hub import free_ports
from sandbox.keys import signing_key
from sandbox.scenarios.stage import Case
from tests.bad_input.credentials import assertion, grant, headers, proof, warmed
from tests.bad_input.test_amqp import Wire, reason, wire
from tests.bad_input.test_two_gateways import through
from tests.gateway import answers, borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import child, notice
from tests.gateway.town import Town, until

pytestmark = pytest.mark.parametrize("both", ["servers"], indirect=True)
SECONDS = 5.0
HELD_BY_POLICE = Reply(
    decision="disclose",
    groups=(
        Group(
            name="calls",
            category="police_incidents",
            items=(("A call that police hold.", "record", "2026-05-01"),),
            audiences=("social_work_manager",),
        ),
    ),
)
TEAM, LEAD, MAILBOX = "council.assessment-team", "police.lead", "/v1/mailbox"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two gateways of one hub: keys are revoked at ``here``, and presented at ``there``."""

    here: Town
    there: Town
    port: int

    def at_there(self, client_id: str) -> Client:
        """A client whose calls reach the other gateway."""
        return through(self.here.client(client_id), self.here, self.port)

    async def called(self, path: str, shown: dict[str, str]) -> Answer:
        """A call at the other gateway with a credential made by hand, for the hub's public address."""
        door = self.at_there(LEAD).door
        async with door.session.request("GET", self.here.url + path, headers=shown) as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def revoked(self, purpose: Purpose) -> str:
        """The kid of this purpose's active key, after it was revoked here and that was noticed there, in time."""
        keys = self.here.gateway.keys
        kid = keys.ring.active(purpose).kid
        await keys.revoke(kid, RevocationReason.COMPROMISED, self.here.clock())
        began = asyncio.get_running_loop().time()
        while self.there.gateway.keys.ring.record(kid).state is not KeyState.REVOKED:
            assert asyncio.get_running_loop().time() - began < SECONDS, "the other gateway still trusts it"
            await asyncio.sleep(0.05)
        return kid


@asynccontextmanager
async def two(start: Starter) -> AsyncIterator[Pair]:
    port = free_ports(1)[0]
    async with start() as here, start(enrol=False, listen=port) as there:
        yield Pair(here=here, there=there, port=port)


async def refused_in_time(ask: Callable[[], Awaitable[Answer]], *statuses: int) -> None:
    """It is refused so before five seconds are over."""
    began = asyncio.get_running_loop().time()
    while (await ask()).status not in statuses:
        assert asyncio.get_running_loop().time() - began < SECONDS, "it is still taken"
        await asyncio.sleep(0.1)


async def asked_police(town: Town, number: int) -> tuple[Case, Asked]:
    case = await town.referral(notice(child(number)))
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"police": ("police_incidents",)}, "What do you know?")
    return case, await case.asked("police", made[0]["id"])


async def buried(sender: Wire, request: str, sealed: str) -> None:
    """This answer over the broker is taken by neither gateway, whichever gets it."""
    for _ in range(4):
        await sender.send("agency.police.disclosures", sealed.encode(), request=request)
        assert reason(await sender.buried()) == ("rejected", "agency.police.disclosures")


async def test_what_the_hubs_revoked_signing_key_signed_is_good_nowhere(start: Starter) -> None:
    async with two(start) as pair:
        town = pair.here
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        team, lead = pair.at_there(TEAM), town.client(LEAD)
        token = await warmed(lead)

        async def with_token() -> Answer:
            return await pair.called(MAILBOX, headers(token, proof(town, lead, "GET", MAILBOX, token)))

        assert (await with_token()).status == 200
        assert (await team.redeem(delivery)).status == 200
        kid = await pair.revoked(Purpose.SIGNING)
        # No access token, no token of a message, not even for the honest retry; and it is published no more.
        await refused_in_time(with_token, 401)
        await refused_in_time(lambda: team.redeem(delivery), 401)
        for port in (town.listening.http, pair.port):
            reply = await town.session.get(f"http://127.0.0.1:{port}/.well-known/jwks.json")
            assert kid not in await reply.text()


async def test_what_was_sealed_to_the_hubs_revoked_key_is_opened_nowhere(start: Starter) -> None:
    async with two(start) as pair:
        town = pair.here
        _, request = await asked_police(town, 1)
        given = await answers.answer(town, request, HELD_BY_POLICE, agency="police")
        _ = await pair.revoked(Purpose.SEALING)
        for lead in (town.client(LEAD), pair.at_there(LEAD)):
            assert (await lead.send_answer(request.id, given.sealed)).status == 400
        sender = await wire(town)
        await buried(sender, request.id, given.sealed)
        # The same answer, sealed to the key that took over, is taken: nothing else was wrong with it.
        anew = await answers.sealed(town, given.answer)
        assert anew != given.sealed
        await sender.send("agency.police.disclosures", anew.encode(), request=request.id)

        async def taken() -> bool:
            return "disclosure.received" in await town.event_names()

        await until(taken)


async def test_a_nonce_of_a_revoked_key_is_taken_nowhere(start: Starter) -> None:
    async with two(start) as pair:
        town, lead = pair.here, pair.here.client(LEAD)
        token = await warmed(lead)

        async def call() -> Answer:
            return await pair.called(MAILBOX, headers(token, proof(town, lead, "GET", MAILBOX, token)))

        assert (await call()).status == 200
        _ = await pair.revoked(Purpose.POLICY)
        await refused_in_time(call, 401)
        assert (await call()).code == "dpop.use_nonce"


async def test_a_checkpoint_of_a_revoked_key_is_trusted_nowhere(start: Starter) -> None:
    async with two(start) as pair:
        before = pair.here.gateway.keys.log_key()
        await pair.here.gateway.log.sequence()
        _ = await pair.revoked(Purpose.CHECKPOINT)
        for port in (pair.here.listening.http, pair.port):
            reply = await pair.here.session.get(f"http://127.0.0.1:{port}/.well-known/oauth-authorization-server")
            keys = json.loads(await reply.text())["mash_log_keys"]
            assert keys
            assert before not in keys
        for town in (pair.here, pair.there):
            await town.gateway.log.sequence()
            assert (await town.gateway.log.verify()).verified


async def test_an_agencys_replaced_keys_are_taken_nowhere(start: Starter) -> None:
    async with two(start) as pair:
        town, lead, old = pair.here, pair.here.client(LEAD), borough.keys_of("police")
        _, request = await asked_police(town, 1)
        given = await answers.answer(town, request, HELD_BY_POLICE, agency="police")
        token = await warmed(lead)
        assert (await pair.called(MAILBOX, headers(token, proof(town, lead, "GET", MAILBOX, token)))).status == 200
        made = assertion(town, lead)
        own = replace(
            old.clients[LEAD],
            authentication=signing_key(f"{LEAD}.authentication.2"),
            dpop=signing_key(f"{LEAD}.dpop.2"),
        )
        new = replace(old, signing=signing_key("police.signing.2"), clients={**old.clients, LEAD: own})
        await town.gateway.agencies.enrol(new.enrolment_file(borough.HUB, town.clock()), town.clock())
        # With the old keys: no call, no new token, at either gateway.
        shown = headers(token, proof(town, lead, "GET", MAILBOX, token))
        assert (await pair.called(MAILBOX, shown)).status == 401
        assert (await town.plain("GET", MAILBOX, headers=shown)).status == 401
        assert (await grant(town, lead, made)).status == 401
        # What the old key signed is no answer, by whichever way it comes: the desk that may speak on the broker
        # has kept its keys.
        await buried(await wire(town), request.id, given.sealed)


async def test_a_suspended_agency_is_turned_away_everywhere(start: Starter) -> None:
    async with two(start) as pair:
        town, lead = pair.here, pair.here.client(LEAD)
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        _, request = await asked_police(town, 1)
        given = await answers.answer(town, request, HELD_BY_POLICE, agency="police")
        token, team = await warmed(lead), pair.at_there(TEAM)
        assert (await team.door.call("GET", MAILBOX)).status == 200
        for agency in ("police", "council"):
            await town.gateway.agencies.suspend(agency, town.clock())
        shown = headers(token, proof(town, lead, "GET", MAILBOX, token))
        assert (await pair.called(MAILBOX, shown)).status == 401
        assert (await grant(town, lead, assertion(town, lead))).status == 401
        assert (await team.redeem(delivery)).status == 404
        sender = await wire(town)
        await buried(sender, request.id, given.sealed)
        await sender.send("feed.police-amqp", notice())
        assert reason(await sender.buried()) == ("rejected", "feed.police-amqp")
