"""Invariant 1: what was acknowledged was stored first; every message reaches a visible end; the counts reconcile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from gateway.intake.intake import BYTES_PLACE
from gateway.store.records import MessageRecord
from sandbox.door import Reply
from tests.gateway import borough
from tests.gateway.faults import killed_after_commit, killed_before_commit
from tests.gateway.fixtures import Starter
from tests.gateway.kept import rows
from tests.gateway.mending import Mending
from tests.gateway.natives import child, notice, registration
from tests.gateway.town import Town, fresh_reference

pytestmark = pytest.mark.invariant(1)
FEED = "police-mend"
BATCH = Path(__file__).parents[1] / "fixtures" / "nhs.hl7v2" / "batch.hl7"


def told(row: dict[str, Any]) -> tuple[int, ...]:
    """The counts of a feed: received, accepted, duplicate, quarantined, refused."""
    assert row["received"] == row["accepted"] + row["duplicate"] + row["quarantined"] + row["refused"]
    assert row["items"] == row["referral"] + row["refreshed"] + row["no_concern"]
    assert row["reconciled"]
    return tuple(row[name] for name in ("received", "accepted", "duplicate", "quarantined", "refused"))


async def kept(town: Town, reply: Reply) -> tuple[MessageRecord, bytes]:
    """A message as the hub keeps it, and its original bytes, opened."""
    async with town.gateway.store.reading() as work:
        record = await work.messages.get(reply.headers["Mash-Message-Id"])
        payload = await town.gateway.vault.open(work, record.scope, record.sealed, aad=f"{BYTES_PLACE}.{record.id}")
    return record, payload


async def test_invariant_01_every_fate_is_kept_and_counted_through_replay_resend_and_restart(
    start: Starter, mending: Mending
) -> None:
    reference, late = fresh_reference(), notice(child(1))
    first, other = notice(reference=reference), notice(reference=reference, words="other words")
    async with start() as town:
        # accepted, duplicate, conflict
        assert (await town.notify(first, feed=FEED)).status == 202
        assert (await town.notify(first, feed=FEED)).status == 202
        conflict = await town.notify(other, feed=FEED)
        assert conflict.status == 409
        assert told(await town.counts(FEED)) == (3, 1, 1, 1, 0)
        # quarantined: by a fault of the adapter, and for good; refused for its size
        mending.broken = True
        waiting = await town.notify(late, feed=FEED)
        assert waiting.status == 422
        assert (await kept(town, waiting))[1] == late
        mending.broken = False
        garbage = await town.notify(b"<no notice", feed=FEED)
        assert garbage.status == 422
        assert (await kept(town, garbage))[1] == b"<no notice"
        assert (await town.notify(b"x" * (borough.LIMIT + 1), feed=FEED)).status == 413
        assert told(await town.counts(FEED)) == (6, 1, 1, 3, 1)
        # each waits visibly, with its reason
        engineer = town.person("engineer")
        shown = (await engineer.get(f"/v1/quarantine?feed={FEED}"))["messages"]
        assert {one["id"]: one["code"] for one in shown} == {
            conflict.headers["Mash-Message-Id"]: "message.conflict",
            waiting.headers["Mash-Message-Id"]: "tests.mending.broken",
            garbage.headers["Mash-Message-Id"]: (await kept(town, garbage))[0].reason_code,
        }
        # a dry run changes nothing, a replay moves the counts, under the message's own identity
        name = waiting.headers["Mash-Message-Id"]
        dry = await engineer.post(f"/v1/messages/{name}/replay?dry_run=true", {})
        assert (dry["fate"], told(await town.counts(FEED))) == ("accepted", (6, 1, 1, 3, 1))
        assert (await engineer.post(f"/v1/messages/{name}/replay", {}))["fate"] == "accepted"
        assert told(await town.counts(FEED)) == (6, 2, 1, 2, 1)
        fate = await town.client("police.desk").fate(name)
        assert (fate["fate"], [one["end_state"] for one in fate["items"]]) == ("accepted", ["referral"])
        # what stays unreadable stays in quarantine, and a conflict is not replayed away
        stays = await engineer.post(f"/v1/messages/{garbage.headers['Mash-Message-Id']}/replay", {})
        assert stays["fate"] == "quarantined"
        refused = await engineer.call("POST", f"/v1/messages/{conflict.headers['Mash-Message-Id']}/replay", {})
        assert (refused.status, refused.code) == (409, "message.conflict")
        # a resend after replay is accepted
        again = await town.notify(late, feed=FEED)
        assert (again.status, again.headers["Mash-Message-Id"]) == (202, name)
        assert told(await town.counts(FEED)) == (7, 2, 2, 2, 1)
    async with start(enrol=False) as town:
        assert told(await town.counts(FEED)) == (7, 2, 2, 2, 1)


async def test_invariant_01_a_resend_before_the_replay_is_accepted_and_the_replay_finds_it(
    town: Town, mending: Mending
) -> None:
    message = notice()
    mending.broken = True
    waiting = await town.notify(message, feed=FEED)
    mending.broken = False
    assert waiting.status == 422
    assert (await town.notify(message, feed=FEED)).status == 202
    replayed = await town.person("engineer").post(f"/v1/messages/{waiting.headers['Mash-Message-Id']}/replay", {})
    assert replayed["fate"] == "duplicate"
    assert told(await town.counts(FEED)) == (2, 1, 1, 0, 0)


async def test_invariant_01_the_items_of_a_batch_are_counted_apart_from_the_message(town: Town) -> None:
    reply = await town.notify(BATCH.read_bytes(), feed="health-hl7", client="health.gp")
    assert reply.status == 202
    row = await town.counts("health-hl7")
    fate = await town.client("health.gp").fate(reply.headers["Mash-Message-Id"])
    assert told(row) == (1, 1, 0, 0, 0)
    assert row["items"] == len(fate["items"]) > 1


async def test_invariant_01_no_acceptance_is_told_before_the_commit(town: Town, impatient: None) -> None:
    assert impatient is None
    message = notice()
    await town.notify(notice(child(2)))
    before = await rows(town.gateway)
    with killed_before_commit("messages", times=99) as struck:
        reply = await town.notify(message)
    assert reply.status == 503
    assert b"store.connection" in reply.body
    assert struck.times > 0
    assert await rows(town.gateway) == before
    assert (await town.notify(message)).status == 202


async def test_invariant_01_hl7_is_told_to_try_again_while_nothing_can_be_kept(town: Town) -> None:
    message = registration()
    before = await rows(town.gateway)
    with killed_before_commit("messages"):
        answer = await town.send_mllp(message)
    assert b"MSA|AR|" in answer
    assert await rows(town.gateway) == before
    assert b"MSA|AA|" in await town.send_mllp(message)
    assert told(await town.counts("health-mllp")) == (1, 1, 0, 0, 0)


async def test_invariant_01_what_was_stored_and_not_answered_is_answered_on_the_resend(
    town: Town, impatient: None
) -> None:
    assert impatient is None
    message = notice()
    with killed_after_commit("messages"):
        reply = await town.notify(message)
    # The system tried again by itself: by then the message was there.
    assert reply.status == 202
    assert told(await town.counts("police-ppn")) == (2, 1, 1, 0, 0)
    assert (await town.event_names()).count("referral.created") == 1


async def test_invariant_01_strangers_are_logged_by_the_minute_and_counted_to_no_feed(town: Town) -> None:
    # All within one minute of the hub's: a new one has just begun.
    town.clock.pass_by(timedelta(seconds=61 - town.clock().second))
    for _ in range(5):
        assert (await town.plain("POST", "/v1/feeds/police-ppn/notifications", body=notice())).status == 401
    assert [(one["door"], one["count"]) for one in await town.refused_strangers()] == [("feeds", 5)]
    assert told(await town.counts("police-ppn")) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_invariant_01_a_message_of_the_broker_waits_there_until_it_can_be_kept(town: Town) -> None:
    channel = await town.channel()
    exchange = await channel.get_exchange(f"{town.ground.prefix}mash.in", ensure=False)
    replies = await channel.declare_queue(exclusive=True)
    message = aio_pika.Message(notice(), user_id="guest", reply_to=replies.name)
    with killed_before_commit("messages") as struck:
        await exchange.publish(message, "feed.police-amqp")
        answer = await town.first_of(replies)
    assert struck.times == 1
    assert b"accepted" in answer.body
    assert told(await town.counts("police-amqp")) == (1, 1, 0, 0, 0)
