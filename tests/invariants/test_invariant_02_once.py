"""Invariant 2: the same bytes get the first answer again; other bytes under the same id are a conflict, kept and shown.

Everything downstream is idempotent.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway import answers
from tests.gateway.natives import notice, registration
from tests.gateway.town import Town, fresh_reference

pytestmark = pytest.mark.invariant(2)


async def test_invariant_02_the_same_bytes_get_the_same_answer_byte_for_byte(town: Town) -> None:
    message = notice()
    answers = [await town.notify(message) for _ in range(3)]
    assert {(one.status, one.body, one.headers["Content-Type"]) for one in answers} == {
        (202, answers[0].body, answers[0].headers["Content-Type"])
    }
    assert len({one.headers["Mash-Message-Id"] for one in answers}) == 1
    assert (await town.event_names()).count("referral.created") == 1


async def test_invariant_02_hl7_over_mllp_gets_the_same_answer_byte_for_byte(town: Town) -> None:
    message = registration()
    first = await town.send_mllp(message)
    assert b"MSA|AA|" in first
    assert await town.send_mllp(message) == first


async def test_invariant_02_a_quarantined_message_gets_its_first_answer_again_too(town: Town) -> None:
    first, again = [await town.notify(b"<no notice") for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert first.status == 422
    counts = await town.counts("police-ppn")
    assert (counts["quarantined"], counts["duplicate"]) == (1, 1)


async def test_invariant_02_other_bytes_under_the_same_id_are_a_conflict_that_is_kept_and_shown(town: Town) -> None:
    reference = fresh_reference()
    message = notice(reference=reference)
    first = await town.notify(message)
    conflict = await town.notify(notice(reference=reference, words="other words"))
    again = await town.notify(message)
    assert [one.status for one in (first, conflict, again)] == [202, 409, 202]
    assert again.body == first.body
    shown = (await town.person("engineer").get("/v1/quarantine"))["messages"]
    assert [(one["id"], one["conflict_with"]) for one in shown] == [
        (conflict.headers["Mash-Message-Id"], first.headers["Mash-Message-Id"])
    ]
    assert (await town.event_names()).count("message.conflict") == 1


async def test_invariant_02_the_same_conflict_again_is_not_kept_twice(town: Town) -> None:
    reference = fresh_reference()
    await town.notify(notice(reference=reference))
    other = notice(reference=reference, words="other words")
    first, again = [await town.notify(other) for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    counts = await town.counts("police-ppn")
    assert (counts["received"], counts["quarantined"], counts["duplicate"]) == (3, 1, 1)


async def test_invariant_02_ten_at_once_are_accepted_once(town: Town) -> None:
    message = notice()
    await town.client("police.desk").fate((await town.notify(notice(reference="warm"))).headers["Mash-Message-Id"])
    answers = await asyncio.gather(*(town.notify(message) for _ in range(10)))
    assert {(one.status, one.body) for one in answers} == {(202, answers[0].body)}
    counts = await town.counts("police-ppn")
    assert (counts["received"], counts["accepted"], counts["duplicate"]) == (11, 2, 9)
    assert (await town.event_names()).count("message.accepted") == 2


async def test_invariant_02_of_two_contents_at_once_one_is_accepted_and_one_conflicts(town: Town) -> None:
    reference = fresh_reference()
    contents = [notice(reference=reference, words=f"the words of number {number}") for number in range(2)]
    answers = await asyncio.gather(*(town.notify(one) for one in contents))
    assert sorted(one.status for one in answers) == [202, 409]


async def test_invariant_02_the_same_answer_again_is_taken_once_and_another_answer_is_refused(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    given, lead = case.given[0], town.client("health.lead")
    again = await lead.send_answer(given.request, given.sealed)
    assert (again.status, again.json()["id"]) == (201, given.disclosure)
    other = await answers.answer(town, lead.requests[0])
    refused = await lead.send_answer(given.request, other.sealed)
    assert refused.status == 409
    names = await town.event_names(referral=case.id)
    assert names.count("disclosure.received") == 1
    async with town.gateway.store.reading() as work:
        assert len(await work.disclosures.of_referral(case.id)) == 1


async def test_invariant_02_an_acknowledgement_an_acceptance_and_an_opening_count_once_each(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client("council.assessment-team")
    opened = await team.open(delivery)
    for _ in range(2):
        assert (await team.redeem(delivery)).body == opened.release
        assert (await team.accept(opened.content["product"], by="a duty worker", action="visit")).status == 204
    names = await town.event_names(referral=case.id)
    assert names.count("product.accepted") == 1
    about = [one for one in await town.events() if one["subject"] == delivery.envelope]
    assert [one["event"] for one in about].count("envelope.opened") == 1
