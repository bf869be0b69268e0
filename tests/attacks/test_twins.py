"""The twin of a signature, (r, n - s), is as good as it is: what counts once is never counted by its bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crypto import jws
from sandbox import base64url, disclosure
from sandbox.agency import Asked
from sandbox.scenarios.stage import Case
from tests.bad_input.credentials import assertion, grant, headers, proof, warmed
from tests.gateway import answers, borough
from tests.gateway.kept import rows
from tests.gateway.natives import notice
from tests.gateway.town import Town

pytestmark = pytest.mark.parametrize("both", ["embedded"], indirect=True)
TEAM, LEAD = "council.assessment-team", "health.lead"
HALF = 32


def twin(token: str) -> str:
    """The same token with the other signature that is good for it."""
    signed, _, signature = token.rpartition(".")
    raw = base64url.decode(signature)
    s = jws._ORDER - int.from_bytes(raw[HALF:], "big")
    return f"{signed}.{base64url.encode(raw[:HALF] + s.to_bytes(HALF, 'big'))}"


async def asked(town: Town) -> tuple[Case, Asked]:
    """A case in which health was asked, and the request as its lead opened it."""
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    return case, await case.asked("health", made[0]["id"])


async def test_the_twin_of_a_message_token_opens_nothing_a_second_time(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    other, team = replace(delivery, token=twin(delivery.token)), town.client(TEAM)
    assert other.token != delivery.token
    # Whichever comes first is the opening; the other is its retry, as long as a retry is one.
    first, again = await team.redeem(other), await team.redeem(delivery)
    assert (first.status, again.status, first.body == again.body) == (200, 200, True)
    town.clock.pass_by(timedelta(minutes=town.gateway.hub.tokens.retry_minutes, seconds=1))
    for one in (other, delivery):
        assert (await team.redeem(one)).code == "envelope.released"
    opened = [one for one in await town.events() if one["event"] == "envelope.opened"]
    assert [one["subject"] for one in opened].count(delivery.envelope) == 1


async def test_the_twin_of_a_proof_is_the_same_proof(town: Town) -> None:
    lead = town.client(LEAD)
    token = await warmed(lead)
    for order in (False, True):
        made = proof(town, lead, "GET", "/v1/mailbox", token)
        first, second = (twin(made), made) if order else (made, twin(made))
        assert (await town.plain("GET", "/v1/mailbox", headers=headers(token, first))).status == 200
        assert (await town.plain("GET", "/v1/mailbox", headers=headers(token, second))).status == 401
    assert {one["reason"]: one["count"] for one in await town.refused_strangers()} == {"dpop.replayed": 2}


async def test_the_twin_of_an_assertion_is_the_same_assertion(town: Town) -> None:
    lead = town.client(LEAD)
    await warmed(lead)
    made = assertion(town, lead)
    assert (await grant(town, lead, twin(made))).status == 200
    assert (await grant(town, lead, made)).status == 401
    assert {one["reason"]: one["count"] for one in await town.refused_strangers()} == {"assertion.replayed": 1}


async def test_the_twin_of_an_answer_is_no_second_answer(town: Town) -> None:
    case, request = await asked(town)
    given = await answers.send(town, await answers.answer(town, request))
    again = replace(given.answer, disclosure=twin(given.answer.disclosure))
    refused = await town.client(LEAD).send_answer(request.id, await answers.sealed(town, again))
    assert refused.status == 409
    assert len((await rows(town.gateway))["disclosures"]) == 1
    assert (await town.event_names(referral=case.id)).count("disclosure.received") == 1


async def test_the_twin_of_a_release_releases_nothing_a_second_time(town: Town) -> None:
    case, request = await asked(town)
    given = await answers.send(town, await answers.answer(town, request))
    signed = disclosure.release(
        disclosure=given.disclosure,
        digests=[given.answer.digests["mental"]],
        audiences=["receiving_team"],
        agency="health",
        hub=borough.HUB,
        lead="a professional lead",
        key=borough.keys_of("health").signing,
        now=town.clock(),
    )
    door, path = town.client(LEAD).door, f"/v1/disclosures/{given.disclosure}/releases"
    for one in (signed, twin(signed), signed):
        answer = await door.call("POST", path, body=one.encode(), media_type="application/jose")
        assert answer.status == 204, answer.body
    assert len((await rows(town.gateway))["releases"]) == 1
    assert (await town.event_names(referral=case.id)).count("disclosure.released") == 1
