"""What is due is found once, proposed to people, and erased by two of them; holds and open links keep it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.erasure import bulk as bulks
from gateway.erasure import due as dues
from gateway.store.records import DueRecord
from schemas.errors import Conflict, Unknown
from schemas.vocabulary import Outcome, Rating
from tests.gateway.clock import Clock
from tests.gateway.natives import child, notice, registration
from tests.unit.gateway.whole import entries, person

ONE, OTHER = "person:t.manager", "person:t.other_manager"
YEAR = timedelta(days=366)


async def closed(gateway: Gateway, number: int, *outcomes: Outcome) -> str:
    """A case of this child's, decided so and closed."""
    feed = gateway.feeds["police-ppn"]
    answered = await gateway.intake.receive(feed, notice(child(number)), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    referral, manager = str(item.referral_id), person("manager")
    await gateway.rating.rate(
        manager, referral, rating=Rating.GREEN, threshold=2, reasons=["r"], cites=[], relax_reason=None
    )
    await gateway.deciding.decide(
        manager, referral, outcomes=outcomes, rationale="r", evidence=["the notification"], acknowledged=()
    )
    await gateway.deciding.close(manager, referral, "Nobody is to be told")
    return referral


async def looked(gateway: Gateway, clock: Clock, times: int = 3) -> list[str]:
    """What is due once the background looked at everything."""
    for _ in range(times):
        await gateway.due.round(clock())
    return sorted(one.record.subject for one in await gateway.due.listed(limit=100))


async def unreadable(gateway: Gateway, scope: str) -> bool:
    async with gateway.store.reading() as work:
        try:
            await gateway.vault.scope(work, scope)
        except Unknown:
            return True
    return False


async def test_what_is_due_is_found_once_by_whichever_process_and_told_with_its_class(
    gateway: Gateway, another: Gateway, clock: Clock
) -> None:
    short = await closed(gateway, 1, Outcome.NO_FURTHER_ACTION)
    await closed(gateway, 2, Outcome.SECTION_47)
    assert await looked(gateway, clock) == []
    clock.pass_by(7 * YEAR)
    assert await looked(another, clock) == [short]
    clock.pass_by(timedelta(days=2))
    assert await looked(gateway, clock) == [short]
    (told,) = await entries(gateway, "erasure.due")
    assert (told["subject"], told["referral"], told["detail"]) == (short, short, {"class": "no-further-action"})
    clock.pass_by(20 * YEAR)
    assert len(await looked(gateway, clock)) == 2


async def test_a_look_that_was_stopped_goes_on_where_it_was(
    gateway: Gateway, another: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dues, "BATCH", 1)
    cases = sorted([await closed(gateway, number, Outcome.NO_FURTHER_ACTION) for number in (1, 2, 3)])
    clock.pass_by(7 * YEAR)
    assert await looked(gateway, clock, 1) == cases[:1]
    assert await looked(another, clock, 1) == cases[:2]
    assert await looked(gateway, clock, 1) == cases
    # Everything was seen: nobody looks again before tomorrow.
    assert await looked(gateway, clock, 3) == cases
    async with gateway.store.reading() as work:
        assert not await work.rounds.due(dues.ROUND, clock())


async def test_two_people_erase_a_list_and_what_is_held_reopened_or_linked_stays(
    gateway: Gateway, clock: Clock
) -> None:
    gone, held, linked, reopened = [await closed(gateway, number, Outcome.NO_FURTHER_ACTION) for number in (1, 2, 3, 4)]
    clock.pass_by(7 * YEAR)
    assert len(await looked(gateway, clock)) == 4
    made = await gateway.bulk_erasure.propose(None, actor=ONE)
    assert made.subjects == tuple(sorted((gone, held, linked, reopened)))
    with pytest.raises(Conflict, match="same_person"):
        await gateway.bulk_erasure.approve(made.id, made.digest, actor=ONE)
    with pytest.raises(Conflict, match="digest"):
        await gateway.bulk_erasure.approve(made.id, made.digest[::-1], actor=OTHER)
    with pytest.raises(Unknown):
        await gateway.bulk_erasure.approve("era_nothing", made.digest, actor=OTHER)
    await gateway.erasing.hold(held, "CASE-2026/17", actor=ONE)
    # The same child is told of again: a referral is open that is linked to the old one.
    feed = gateway.feeds["police-ppn"]
    await gateway.intake.receive(feed, notice(child(3)), "police.desk")
    async with gateway.store.work() as work:
        record = await work.referrals.lock(reopened)
        await work.referrals.save(replace(record, closed_at=None))
        await work.commit()
    run = await gateway.bulk_erasure.approve(made.id, made.digest, actor=OTHER)
    assert (run.erased, run.waiting) == ((gone,), 0)
    assert dict(run.left) == {held: "retention.held", linked: "retention.linked", reopened: "retention.open"}
    assert await unreadable(gateway, gone)
    for kept in (held, linked, reopened):
        assert not await unreadable(gateway, kept)
    clock.pass_by(timedelta(days=2))
    assert await looked(gateway, clock) == [held]
    await gateway.log.sequence()
    assert (await gateway.log.verify()).verified


async def test_a_list_goes_on_where_it_was_stopped(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulks, "BATCH", 1)
    cases = [await closed(gateway, number, Outcome.NO_FURTHER_ACTION) for number in (1, 2)]
    clock.pass_by(7 * YEAR)
    await looked(gateway, clock)
    made = await gateway.bulk_erasure.propose("no-further-action", actor=ONE)
    first = await gateway.bulk_erasure.approve(made.id, made.digest, actor=OTHER)
    second = await gateway.bulk_erasure.approve(made.id, made.digest, actor=OTHER)
    assert sorted((*first.erased, *second.erased)) == sorted(cases)
    assert (first.waiting, second.waiting) == (1, 0)
    with pytest.raises(Conflict, match="nothing_due"):
        await gateway.bulk_erasure.propose(None, actor=ONE)
    assert [line.subject for line in gateway.erasing.ledger.read()] == [*first.erased, *second.erased]


async def test_quarantined_and_never_linked_messages_are_due_by_classes_of_their_own(
    gateway: Gateway, clock: Clock
) -> None:
    bad = await gateway.intake.receive(gateway.feeds["police-ppn"], b"<broken", "police.desk")
    quiet = await gateway.intake.receive(gateway.feeds["health-hl7"], registration(child(5)), "health.gp")
    assert [str(one.fate) for one in (bad, quiet)] == ["quarantined", "accepted"]
    quarantined, unlinked = both_messages = (bad.message_id, quiet.message_id)
    clock.pass_by(2 * YEAR)
    assert await looked(gateway, clock) == [quarantined]
    clock.pass_by(YEAR)
    assert await looked(gateway, clock) == sorted((quarantined, unlinked))
    made = await gateway.bulk_erasure.propose(None, actor=ONE)
    run = await gateway.bulk_erasure.approve(made.id, made.digest, actor=OTHER)
    assert sorted(run.erased) == sorted(both_messages)
    for message in both_messages:
        assert await unreadable(gateway, message)
    async with gateway.store.reading() as work:
        assert await work.messages.quarantined() == []
        assert (await work.messages.counts("police-ppn")).reconciled
    assert await looked(gateway, clock) == []


async def test_what_came_to_belong_to_a_referral_is_erased_with_that_alone(gateway: Gateway, clock: Clock) -> None:
    referral = await closed(gateway, 1, Outcome.SECTION_47)
    async with gateway.store.work() as work:
        (item,) = await work.messages.items_of_referral(referral)
        await work.erasures.note_due(
            DueRecord(subject=item.message_id, retention_class="quarantined", found_at=clock())
        )
        await work.commit()
    with pytest.raises(Conflict, match="belongs"):
        await gateway.erasing.propose(item.message_id, "retention", actor=ONE)
    assert await looked(gateway, clock) == []
