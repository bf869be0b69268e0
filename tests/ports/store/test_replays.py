"""Replays of several messages: their list stands, each message is settled once, in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.store import Store
from gateway.store.records import Fate, MessageRecord, ReplayRecord
from schemas.errors import Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW

REPLAY = ReplayRecord(
    id="rpl_1", digest="d", count=3, proposed_by="person:a", proposed_at=NOW, expires_at=NOW + 24 * HOUR
)


def waiting(number: int, **changes: object) -> MessageRecord:
    return replace(
        samples.message(f"msg_{number}"),
        native_hash=f"native-{number}",
        fate=Fate.QUARANTINED,
        reason_code="a.reason",
        received_at=NOW + number * HOUR,
        **changes,  # type: ignore[arg-type]
    )


async def filled(store: Store) -> None:
    async with store.work() as work:
        for number in (1, 2, 3):
            assert await samples.keep(work, waiting(number))
        await work.replays.add(REPLAY, ["msg_3", "msg_1", "msg_2"])
        await work.commit()


async def test_a_replay_comes_back_as_it_was_proposed_with_its_messages_in_order(store: Store) -> None:
    await filled(store)
    async with store.reading() as work:
        assert await work.replays.get("rpl_1") == REPLAY
        assert [one.message_id for one in await work.replays.messages("rpl_1")] == ["msg_3", "msg_1", "msg_2"]
        assert [one.message_id for one in await work.replays.waiting("rpl_1", limit=2)] == ["msg_3", "msg_1"]
        assert await work.replays.outcomes("rpl_1") == {"": 3}
        assert await work.replays.latest() == [REPLAY]
        with pytest.raises(Unknown):
            await work.replays.get("rpl_2")


async def test_a_message_is_settled_once(store: Store) -> None:
    await filled(store)
    for outcome, code in (("accepted", None), ("failed", "late")):
        async with store.work() as work:
            await work.replays.settle("rpl_1", "msg_1", outcome, code)
            await work.commit()
    async with store.reading() as work:
        assert await work.replays.outcomes("rpl_1") == {"": 2, "accepted": 1}
        assert [one.message_id for one in await work.replays.waiting("rpl_1", limit=9)] == ["msg_3", "msg_2"]


async def test_an_approval_is_kept(store: Store) -> None:
    await filled(store)
    async with store.work() as work:
        await work.replays.approve("rpl_1", "person:b", NOW + HOUR)
        await work.commit()
    async with store.work() as work:
        found = await work.replays.lock("rpl_1")
        assert (found.approved_by, found.approved_at) == ("person:b", NOW + HOUR)


async def test_what_can_be_replayed_is_found_by_feed_and_receipt_and_conflicts_are_not(store: Store) -> None:
    async with store.work() as work:
        for record in (
            waiting(1),
            waiting(2, feed="other"),
            waiting(3),
            replace(waiting(4, conflict_with="msg_1"), native_hash=None),
            replace(waiting(5), fate=Fate.ACCEPTED),
        ):
            assert await samples.keep(work, record)
        await work.commit()
    async with store.reading() as work:
        feed = "police-ppn"
        assert await work.messages.replayable(None, None, None, limit=9) == ["msg_1", "msg_2", "msg_3"]
        assert await work.messages.replayable(feed, None, None, limit=9) == ["msg_1", "msg_3"]
        assert await work.messages.replayable(feed, NOW + 3 * HOUR, None, limit=9) == ["msg_3"]
        assert await work.messages.replayable(feed, None, NOW + 3 * HOUR, limit=9) == ["msg_1"]
        assert await work.messages.replayable(None, None, None, limit=1) == ["msg_1"]
        page = await work.messages.quarantined(limit=2)
        assert [one.id for one in page] == ["msg_1", "msg_2"]
        rest = await work.messages.quarantined(after="msg_2")
        assert [(one.id, one.conflict_with) for one in rest] == [("msg_3", None), ("msg_4", "msg_1")]
        assert [one.id for one in await work.messages.quarantined(since=NOW + 4 * HOUR)] == ["msg_4"]
