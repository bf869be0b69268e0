"""Envelopes are released one at a time, leave through the outbox, and wait in the mailbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.store import Store
from gateway.store.records import EnvelopeState, MailboxRecord, OutboxRecord
from schemas.errors import Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_an_envelope_comes_back_as_it_was_sealed_and_only_its_release_changes(store: Store) -> None:
    async with store.work() as work:
        await work.envelopes.add(samples.envelope())
        await work.log.append(samples.entry("log_1"))
        read = await work.envelopes.lock("env_1")
        assert read == samples.envelope()
        released = replace(
            read,
            state=EnvelopeState.RELEASED,
            released_at=NOW,
            released_to="thumbprint",
            release=b"release",
            release_until=NOW + HOUR,
            entry_id="log_1",
            wrapped_key=None,
        )
        await work.envelopes.save(replace(released, body=b"other", headers={}))
        with pytest.raises(Unknown):
            await work.envelopes.save(samples.envelope("env_9"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.envelopes.get("env_1") == released
        assert await reading.envelopes.of_subject("req_1") == [released]
        assert await reading.envelopes.get_many(["env_1", "env_2"]) == [released]


async def test_of_many_that_open_one_envelope_at_once_exactly_one_releases_it(
    store: Store, another_store: Store
) -> None:
    async with store.work() as work:
        await work.envelopes.add(samples.envelope())
        await work.commit()

    async def open_it(through: Store, who: str) -> bytes | None:
        async with through.work() as work:
            envelope = await work.envelopes.lock("env_1")
            if envelope.state != EnvelopeState.SEALED:
                return envelope.release
            await asyncio.sleep(0.01)
            released = replace(envelope, state=EnvelopeState.RELEASED, released_to=who, release=f"to {who}".encode())
            await work.envelopes.save(released)
            await work.commit()
            return None

    stores = (store, another_store)
    answers = await asyncio.gather(*(open_it(stores[number % 2], str(number)) for number in range(8)))
    async with store.reading() as reading:
        release = (await reading.envelopes.get("env_1")).release
    assert answers.count(None) == 1
    assert {answer for answer in answers if answer is not None} == {release}


async def test_envelopes_of_a_referral_and_those_that_lapsed_are_found(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        await work.envelopes.add(samples.envelope("env_1", referral_id="ref_1"))
        await work.envelopes.add(samples.envelope("env_2", expires_at=NOW))
        revoked = replace(samples.envelope("env_3", expires_at=NOW), state=EnvelopeState.REVOKED, replaces="env_1")
        await work.envelopes.add(revoked)
        assert [envelope.id for envelope in await work.envelopes.of_referral("ref_1")] == ["env_1"]
        assert [envelope.id for envelope in await work.envelopes.lapsed(NOW)] == ["env_2"]


async def test_two_workers_never_hold_the_same_message(store: Store, another_store: Store) -> None:
    names = [f"env_{number:02}" for number in range(30)]
    async with store.work() as work:
        await samples.add_envelopes(work, *names)
        await work.commit()

    async def worker(through: Store, name: str) -> list[str]:
        held: list[str] = []
        while True:
            async with through.work() as work:
                claimed = await work.outbox.claim(limit=4, now=NOW, lease=HOUR, worker=name)
                await asyncio.sleep(0.005)
                await work.commit()
            if not claimed:
                return held
            assert {message.claimed_by for message in claimed} == {name}
            held += [message.envelope_id for message in claimed]

    held = await asyncio.gather(worker(store, "a"), worker(another_store, "b"), worker(store, "c"))
    assert sorted(envelope for worker_held in held for envelope in worker_held) == names


async def test_a_claim_in_the_making_is_never_made_again(store: Store, another_store: Store) -> None:
    async with store.work() as work:
        await samples.add_envelopes(work, "env_1", "env_2")
        await work.commit()
    first_holds, second_has = asyncio.Event(), asyncio.Event()

    async def first() -> list[OutboxRecord]:
        async with store.work() as work:
            claimed = await work.outbox.claim(limit=1, now=NOW, lease=HOUR, worker="a")
            first_holds.set()
            if store.dialect == "postgresql":  # the other steps over it at once; on SQLite it waits its turn
                await asyncio.wait_for(second_has.wait(), 5)
            await work.commit()
            return claimed

    async def second() -> list[OutboxRecord]:
        await first_holds.wait()
        async with another_store.work() as work:
            claimed = await work.outbox.claim(limit=5, now=NOW, lease=HOUR, worker="b")
            await work.commit()
            second_has.set()
            return claimed

    one, other = await asyncio.gather(first(), second())
    assert [message.envelope_id for message in (*one, *other)] == ["env_1", "env_2"]


async def test_a_claim_lapses_with_its_lease_and_every_claim_is_counted(store: Store) -> None:
    async with store.work() as work:
        await samples.add_envelopes(work, "env_1")
        assert [message.attempts for message in await work.outbox.claim(limit=9, now=NOW, lease=HOUR, worker="a")] == [
            1
        ]
        assert await work.outbox.claim(limit=9, now=NOW + HOUR / 2, lease=HOUR, worker="b") == []
        (again,) = await work.outbox.claim(limit=9, now=NOW + HOUR, lease=HOUR, worker="b")
        assert (again.attempts, again.claimed_by, again.next_at) == (2, "b", NOW + 2 * HOUR)


async def test_a_message_not_yet_due_is_not_claimed_and_the_longest_due_goes_first(store: Store) -> None:
    async with store.work() as work:
        await work.envelopes.add(samples.envelope())
        for number, minutes in enumerate((30, 10, 20, 90)):
            await work.outbox.add(samples.leaving(f"out_{number}", next_at=NOW + HOUR * minutes / 60))
        claimed = await work.outbox.claim(limit=2, now=NOW + HOUR, lease=HOUR, worker="a")
        assert {message.id for message in claimed} == {"out_1", "out_2"}
        assert await work.outbox.pending() == 4


async def test_what_was_delivered_is_gone_what_failed_waits_and_what_is_poison_is_set_aside(store: Store) -> None:
    async with store.work() as work:
        await samples.add_envelopes(work, "env_1", "env_2", "env_3")
        await work.outbox.claim(limit=9, now=NOW, lease=HOUR, worker="a")
        await work.outbox.done(["out_env_1"])
        await work.outbox.done(["out_env_1"])
        await work.outbox.retry("out_env_2", NOW + HOUR / 2)
        await work.outbox.park("out_env_3", "broker.unroutable")
        await work.commit()
    async with store.work() as work:
        assert await work.outbox.pending() == 1
        (parked,) = await work.outbox.parked()
        assert (parked.id, parked.parked_reason, parked.claimed_by) == ("out_env_3", "broker.unroutable", None)
        late = NOW + 5 * HOUR
        assert [message.id for message in await work.outbox.claim(limit=9, now=late, lease=HOUR, worker="b")] == [
            "out_env_2"
        ]
        assert await work.outbox.unpark("out_env_3", late)
        assert not await work.outbox.unpark("out_env_3", late)
        (again,) = await work.outbox.claim(limit=9, now=late, lease=HOUR, worker="b")
        assert (again.id, again.attempts) == ("out_env_3", 1)


async def test_a_mailbox_shows_a_recipient_its_own_messages_until_it_takes_them_off(store: Store) -> None:
    async with store.work() as work:
        for number in range(3):
            await work.envelopes.add(samples.envelope(f"env_{number}"))
            recipient = "health.lead" if number else "police.lead"
            message = MailboxRecord(id=f"env_{number}", recipient=recipient, created_at=NOW - number * HOUR)
            assert await work.mailbox.add(message)
            assert not await work.mailbox.add(message)
        await work.commit()
    async with store.work() as work:
        assert [message.id for message in await work.mailbox.page("health.lead", 9)] == ["env_2", "env_1"]
        assert [message.id for message in await work.mailbox.page("health.lead", 1)] == ["env_2"]
        await work.mailbox.ack("env_2", "health.lead", NOW)
        await work.mailbox.ack("env_2", "health.lead", NOW + HOUR)
        with pytest.raises(Unknown):
            await work.mailbox.ack("env_1", "police.lead", NOW)
        with pytest.raises(Unknown):
            await work.mailbox.ack("env_9", "health.lead", NOW)
        assert [message.id for message in await work.mailbox.page("health.lead", 9)] == ["env_1"]
        assert [message.id for message in await work.mailbox.page("police.lead", 9)] == ["env_0"]
