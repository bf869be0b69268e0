"""Invariant 5: a disclosure is signed by the agency that owns it; no product holds text that it did not release."""

from __future__ import annotations

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from sandbox import disclosure
from sandbox.agency import Asked
from sandbox.scenarios.stage import Case
from tests.gateway import answers, borough
from tests.gateway.kept import rows
from tests.gateway.natives import notice
from tests.gateway.town import HELD, Town, part

pytestmark = pytest.mark.invariant(5)
HISTORY, MENTAL = "A history that health holds.", "Something that health keeps to the manager."


async def asked(town: Town) -> tuple[Case, Asked]:
    """A case in which health was asked, and the request as its lead opened it."""
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    return case, await case.asked("health", made[0]["id"])


async def test_invariant_05_a_product_with_a_group_that_was_not_released_is_refused_until_it_is(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    for groups in (("mental",), ("history", "mental")):
        refused = await town.send_product(case, part(case, *groups))
        assert (refused.status, refused.code) == (403, "product.not_released")
    whole = await town.send_product(case, {"disclosure": case.given[0].disclosure, "digests": None})
    assert (whole.status, whole.code) == (403, "product.not_released")
    assert "action.refused" in await town.event_names()
    lead = town.client("health.lead")
    released = await lead.release(case.given[0], ["mental"], ["receiving_team"], lead="a lead")
    assert released.status == 204
    assert (await town.send_product(case, part(case, "history", "mental"))).status == 201
    team = town.client("council.assessment-team")
    opened = await team.open(await team.next("product"))
    views = [await team.view(view) for view in opened.content["evidence"]]
    assert sorted(text for view in views for text in view.texts) == [HISTORY, MENTAL]


async def test_invariant_05_what_was_not_released_is_in_no_byte_that_the_team_receives(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    team = town.client("council.assessment-team")
    await team.open(await town.product(case))
    assert team.transcript.holds(HISTORY)
    assert not team.transcript.holds(MENTAL)
    assert not team.transcript.holds(HELD.groups[1].category)


async def test_invariant_05_a_release_to_other_readers_does_not_open_the_product(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    lead = town.client("health.lead")
    assert (await lead.release(case.given[0], ["mental"], ["professional_leads"], lead="a lead")).status == 204
    assert (await town.send_product(case, part(case, "mental"))).status == 403


async def test_invariant_05_another_agency_cannot_release_what_it_does_not_own(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    given = case.given[0]
    # in its own name at its own door: it knows of no such disclosure
    thief = town.client("police.lead")
    assert (await thief.release(given, ["mental"], ["receiving_team"], lead="a lead")).status == 404
    # in the owner's name, under another agency's key
    for agency in ("police", "council"):
        signed = disclosure.release(
            disclosure=given.disclosure,
            digests=[given.answer.digests["mental"]],
            audiences=["receiving_team"],
            agency="health",
            hub=borough.HUB,
            lead="a lead",
            key=borough.keys_of(agency).signing,
            now=town.clock(),
        )
        reply = await town.client("health.lead").door.call(
            "POST",
            f"/v1/disclosures/{given.disclosure}/releases",
            body=signed.encode(),
            media_type="application/jose",
        )
        assert reply.status == 400
    assert (await town.send_product(case, part(case, "mental"))).status == 403
    assert (await rows(town.gateway))["releases"] == []


async def test_invariant_05_a_disclosure_under_another_agencys_key_is_refused_and_recorded(town: Town) -> None:
    case, request = await asked(town)
    before = (await rows(town.gateway))["disclosures"]
    forged = await answers.answer(town, request, key=borough.keys_of("police").signing)
    reply = await town.client("health.lead").send_answer(request.id, forged.sealed)
    assert reply.status == 400
    # The same key under the owner's own kid is no better.
    claimed = borough.keys_of("police").signing.as_dict(private=True) | {"kid": "health.signing.1"}
    forged = await answers.answer(town, request, key=ECKey.import_key(claimed))
    assert (await town.client("health.lead").send_answer(request.id, forged.sealed)).status == 400
    assert (await rows(town.gateway))["disclosures"] == before
    assert (await town.event_names()).count("disclosure.refused") == 2
    assert (await case.shown())["requests"][0]["state"] == "opened"
    # The owner's own answer is still awaited, and taken.
    assert (await answers.send(town, await answers.answer(town, request))).disclosure


async def test_invariant_05_another_agency_does_not_answer_for_the_owner(town: Town) -> None:
    _, request = await asked(town)
    own = await answers.answer(town, request)
    assert (await town.client("police.lead").send_answer(request.id, own.sealed)).status == 404
    other = await answers.answer(town, request, agency="police")
    assert (await town.client("police.lead").send_answer(request.id, other.sealed)).status == 404
    assert (await rows(town.gateway))["disclosures"] == []


async def test_invariant_05_a_group_that_the_owner_did_not_sign_is_refused(town: Town) -> None:
    _, request = await asked(town)
    given = await answers.answer(town, request)
    slipped = disclosure.encode_group("history", HELD.groups[0].content([]))
    forged = replace(given.answer, encoded=(*given.answer.encoded, slipped))
    reply = await town.client("health.lead").send_answer(request.id, await answers.sealed(town, forged))
    assert reply.status in {400, 422}
    assert (await rows(town.gateway))["disclosures"] == []
