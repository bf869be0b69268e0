"""Intake: a durable end and an answer for whatever bytes come, once for each message."""

from __future__ import annotations

import asyncio

import pytest

from adapters.port import Fate as Told
from gateway.bootstrap import Gateway
from gateway.intake.intake import BYTES_PLACE
from gateway.store.records import FeedCounts
from schemas.errors import Conflict, Refused, Unknown
from tests.gateway.faults import killed_after_commit, store_away
from tests.unit.gateway.intake.sending import Sender, nhs, notification, person
from tests.unit.gateway.whole import entries

CHILD = person("child-1", nhs("9990000018"))


@pytest.fixture
def police(gateway: Gateway) -> Sender:
    return Sender(gateway=gateway)


async def counts(sender: Sender) -> FeedCounts:
    async with sender.gateway.store.reading() as work:
        return await work.messages.counts(sender.feed.section.name)


async def test_a_message_that_was_accepted_is_kept_with_its_bytes(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    answered = await police.post(payload)
    assert answered.answer.body == f"accepted {answered.message_id}".encode()
    async with police.gateway.store.work() as work:
        kept = await work.messages.get(answered.message_id)
        opened = await police.gateway.vault.open(work, kept.scope, kept.sealed, aad=f"{BYTES_PLACE}.{kept.id}")
    assert opened == payload
    assert payload not in kept.sealed
    assert (await counts(police)).accepted == 1


async def test_the_same_again_gets_the_first_answer_byte_for_byte(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    first, again = await police.post(payload), await police.post(payload)
    assert (again.answer, again.message_id) == (first.answer, first.message_id)
    assert again.fate is Told.DUPLICATE
    found = await counts(police)
    assert (found.received, found.accepted, found.duplicate, found.reconciled) == (2, 1, 1, True)
    assert len(await entries(police.gateway, "referral.created")) == 1


async def test_other_bytes_under_the_same_identity_are_a_conflict_that_is_kept(police: Sender) -> None:
    first = await police.post(police.write(notification(CHILD), native_id="N1"))
    other = police.write(notification(CHILD), native_id="N1")
    conflict = await police.post(other)
    assert (conflict.answer.status, conflict.fate) == (409, Told.CONFLICT)
    assert conflict.message_id not in {"", first.message_id}
    again = await police.post(other)
    assert (again.answer, again.message_id) == (conflict.answer, conflict.message_id)
    async with police.gateway.store.reading() as work:
        kept = await work.messages.get(conflict.message_id)
        assert await work.messages.items(conflict.message_id) == []
    assert (kept.fate, kept.conflict_with, kept.reason_code) == ("quarantined", first.message_id, "message.conflict")
    assert (await counts(police)).reconciled


async def test_the_same_identity_in_another_feed_is_another_message(police: Sender) -> None:
    health = Sender(gateway=police.gateway, agency="health")
    for sender in (police, health):
        answered = await sender.post(sender.write(notification(CHILD), native_id="N1"))
        assert answered.fate is Told.ACCEPTED


async def test_what_cannot_be_read_is_kept_with_its_reason(police: Sender) -> None:
    answered = await police.post(b"unreadable")
    assert (answered.answer.status, answered.fate) == (422, Told.QUARANTINED)
    async with police.gateway.store.reading() as work:
        (kept,) = await work.messages.quarantined(police.feed.section.name)
    assert (kept.id, kept.reason_code, kept.reason_at) == (answered.message_id, "tests.scripted.unreadable", "/1")
    again = await police.post(b"unreadable")
    assert (again.message_id, again.fate) == (answered.message_id, Told.DUPLICATE)
    assert len(await entries(police.gateway, "message.quarantined")) == 1


async def test_a_bug_of_an_adapter_is_a_quarantine_that_shows_nothing_of_it(police: Sender) -> None:
    police.adapter.bug = KeyError("Zephyrine")
    answered = await police.post(b"x")
    async with police.gateway.store.reading() as work:
        kept = await work.messages.get(answered.message_id)
    assert (kept.reason_code, answered.fate) == ("adapter.fault", Told.QUARANTINED)
    assert "Zephyrine" not in str(await entries(police.gateway))


async def test_twice_at_once_is_one_message_and_one_duplicate(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    answers = await asyncio.gather(*(police.post(payload) for _ in range(5)))
    assert len({one.message_id for one in answers}) == len({one.answer.body for one in answers}) == 1
    found = await counts(police)
    assert (found.received, found.accepted, found.duplicate) == (5, 1, 4)


async def test_twice_at_once_at_two_replicas_is_one_message_too(replicas: tuple[Gateway, Gateway]) -> None:
    first, second = (Sender(gateway=one) for one in replicas)
    second.adapter = first.adapter
    for _ in range(5):
        payload = first.write(notification(CHILD))
        answers = await asyncio.gather(*(sender.post(payload) for sender in (first, second) * 3))
        assert sorted(one.fate for one in answers) == [Told.ACCEPTED] + [Told.DUPLICATE] * 5
        assert len({one.answer.body for one in answers}) == 1
    found = await counts(second)
    assert (found.received, found.accepted, found.duplicate) == (30, 5, 25)


async def test_while_the_store_is_away_the_answer_is_to_try_again_and_nothing_is_kept(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    with store_away():
        answered = await police.post(payload)
    assert (answered.answer.status, answered.message_id, answered.fate) == (503, "", Told.UNAVAILABLE)
    assert (await counts(police)).received == 0
    assert (await police.post(payload)).fate is Told.ACCEPTED


async def test_an_acceptance_whose_news_was_lost_is_a_duplicate_when_it_comes_again(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    with killed_after_commit("messages"):
        assert (await police.post(payload)).fate is Told.UNAVAILABLE
    assert (await police.post(payload)).fate is Told.DUPLICATE
    assert len(await entries(police.gateway, "referral.created")) == 1


async def test_a_known_sender_that_is_refused_is_counted_logged_and_not_kept(police: Sender) -> None:
    answered = await police.gateway.intake.refuse(police.feed, Refused("feed.not_yours"), "police.lead")
    assert (answered.fate, answered.message_id) == (Told.REFUSED, "")
    found = await counts(police)
    assert (found.received, found.refused, found.reconciled) == (1, 1, True)
    (entry,) = await entries(police.gateway, "message.refused")
    assert (entry["actor"], entry["detail"]["code"]) == ("police.lead", "feed.not_yours")


# --- replay ---


async def test_a_mended_message_goes_through_under_its_own_identity_with_its_first_receipt(police: Sender) -> None:
    payload = police.write(notification(CHILD), native_id="N1")
    reading = police.adapter.readings.pop(payload)
    kept = await police.post(payload)
    police.adapter.readings[payload] = reading
    replay = police.gateway.replay
    tried = await replay.one(police.feed, kept.message_id, actor="person:e", dry_run=True)
    assert (tried.fate, tried.items) == (Told.ACCEPTED, 1)
    assert (await counts(police)).accepted == 0
    done = await replay.one(police.feed, kept.message_id, actor="person:e", dry_run=False)
    assert done.fate is Told.ACCEPTED
    found = await counts(police)
    assert (found.received, found.accepted, found.quarantined, found.reconciled) == (1, 1, 0, True)
    again = await police.post(payload)
    assert (again.message_id, again.fate, again.answer.status) == (kept.message_id, Told.DUPLICATE, 202)
    with pytest.raises(Conflict, match="not_quarantined"):
        await replay.one(police.feed, kept.message_id, actor="person:e", dry_run=False)
    (entry,) = await entries(police.gateway, "message.replayed")
    assert (entry["actor"], entry["subject"]) == ("person:e", kept.message_id)


async def test_what_still_cannot_be_read_stays_where_it_is(police: Sender) -> None:
    kept = await police.post(b"unreadable")
    done = await police.gateway.replay.one(police.feed, kept.message_id, actor="person:e", dry_run=False)
    assert (done.fate, done.code, done.at) == (Told.QUARANTINED, "tests.scripted.unreadable", "/1")
    assert (await counts(police)).quarantined == 1


async def test_a_conflict_is_not_replayed_and_neither_is_another_feeds_message(police: Sender) -> None:
    await police.post(police.write(notification(CHILD), native_id="N1"))
    conflict = await police.post(police.write(notification(CHILD), native_id="N1"))
    with pytest.raises(Conflict, match=r"message\.conflict"):
        await police.gateway.replay.one(police.feed, conflict.message_id, actor="person:e", dry_run=False)
    other = Sender(gateway=police.gateway, agency="health")
    with pytest.raises(Unknown):
        await police.gateway.replay.one(other.feed, conflict.message_id, actor="person:e", dry_run=False)


async def test_a_message_that_was_sent_again_and_accepted_meanwhile_is_a_duplicate(police: Sender) -> None:
    payload = police.write(notification(CHILD), native_id="N1")
    reading = police.adapter.readings.pop(payload)
    kept = await police.post(payload)
    police.adapter.readings[payload] = reading
    mended = police.write(notification(CHILD), native_id="N1")
    assert (await police.post(mended)).fate is Told.ACCEPTED
    done = await police.gateway.replay.one(police.feed, kept.message_id, actor="person:e", dry_run=False)
    assert done.fate is Told.DUPLICATE
    assert (await counts(police)).reconciled
