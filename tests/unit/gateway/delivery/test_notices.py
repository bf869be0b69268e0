"""Notices: what is handed over is announced once and deleted; what memory loses is claimed again from the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol, cast

import pytest

from gateway.delivery import notices as module
from gateway.delivery.broker import Broker
from gateway.delivery.notices import LEASE, Notices
from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.store import Store
from gateway.store.records import NoticeRecord
from gateway.world import World
from schemas.errors import Unavailable
from schemas.hub import Hub
from tests.gateway import borough
from tests.ports.store import samples

Random = Callable[[int], bytes]


class MovedClock(Protocol):
    """The test's clock."""

    def __call__(self) -> datetime:
        """Now."""

    def pass_by(self, time: timedelta) -> datetime:
        """Let time pass."""


class Wire:
    """A broker of which the test says what becomes of a publish."""

    def __init__(self) -> None:
        self.outcome = Outcome.SENT
        self.sent: list[Outgoing] = []
        self.calls = 0

    async def publish_all(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        self.calls += 1
        if self.outcome is Outcome.SENT:
            self.sent += messages
        return [self.outcome] * len(messages)

    @property
    def names(self) -> list[str]:
        return [message.message_id for message in self.sent]


@pytest.fixture
def made() -> Hub:
    document = borough.document(http=1, mllp=2, issuer="https://id.example", channel="mailbox", prefix="")
    return Hub.model_validate(document)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def announcer(made: Hub, store: Store, clock: MovedClock, random: Random, monkeypatch: pytest.MonkeyPatch) -> Notices:
    monkeypatch.setattr(module, "_TICK", 0.02)
    monkeypatch.setattr(module, "_SWEEP_EVERY", 0.05)
    return Notices(hub=made, world=World(now=clock, random=random), store=store, on=True)


@asynccontextmanager
async def running(announcer: Notices, wire: Wire) -> AsyncIterator[None]:
    task = asyncio.create_task(announcer.run(cast("Broker", wire)))
    yield
    task.cancel()
    _ = await asyncio.wait([task])
    assert task.cancelled()


async def kept(store: Store, announcer: Notices, *names: str, subject: str = "ref_1") -> list[NoticeRecord]:
    """Notices that were committed."""
    at = announcer._world.now()
    records = [announcer.record(name, "accepted", subject=subject, at=at) for name in names]
    async with store.work() as work:
        await samples.announce(work, records)
        await work.commit()
    return records


async def pending(store: Store) -> int:
    async with store.reading() as work:
        return await work.notices.pending()


async def until(count: int, store: Store) -> None:
    async with asyncio.timeout(5):
        while await pending(store) != count:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


async def test_what_is_handed_over_is_announced_and_deleted(announcer: Notices, wire: Wire, store: Store) -> None:
    records = await kept(store, announcer, "msg_1", "msg_2")
    announcer.hand_over(records)
    async with running(announcer, wire):
        await until(0, store)
    assert wire.names == ["msg_1", "msg_2"]


async def test_a_notice_is_ids_and_nothing_else(announcer: Notices, wire: Wire, store: Store, made: Hub) -> None:
    (first,) = await kept(store, announcer, "msg_1")
    (second,) = await kept(store, announcer, "msg_2", subject="")
    announcer.hand_over([first, second])
    async with running(announcer, wire):
        await until(0, store)
    one, other = wire.sent
    assert (one.key, one.body, one.content_type) == ("hub.arrivals", b"", "")
    assert dict(one.headers) == {
        "cloudEvents_specversion": "1.0",
        "cloudEvents_id": "msg_1",
        "cloudEvents_source": made.hub.id,
        "cloudEvents_type": "uk.mash.message.accepted",
        "cloudEvents_time": first.at.isoformat().replace("+00:00", "Z"),
        "cloudEvents_subject": "ref_1",
    }
    assert "cloudEvents_subject" not in other.headers


async def test_the_intake_deletes_what_it_takes_and_gives_back_what_it_could_not(
    announcer: Notices, wire: Wire, store: Store
) -> None:
    announcer.hand_over(await kept(store, announcer, "msg_1", "msg_2"))
    await announcer._publish(cast("Broker", wire))
    taken = announcer.take_confirmed()
    assert taken == ["msg_1", "msg_2"]
    assert announcer.take_confirmed() == []
    announcer.give_back(taken)
    assert announcer.take_confirmed() == taken
    assert await pending(store) == 2, "deleting is the taker's"


async def test_while_the_intake_takes_them_there_is_no_commit_of_their_own(
    announcer: Notices, wire: Wire, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []

    async def flush() -> None:
        await asyncio.sleep(0)
        flushed.append(1)

    monkeypatch.setattr(announcer, "flush", flush)
    async with running(announcer, wire):
        for _ in range(10):
            announcer.take_confirmed()
            await asyncio.sleep(0.01)
        assert len(flushed) <= 1
        await asyncio.sleep(0.1)
        assert len(flushed) > 1
    assert await pending(store) == 0


@pytest.mark.parametrize("outcome", [Outcome.AWAY, Outcome.UNROUTABLE])
async def test_what_the_broker_does_not_have_waits_in_the_store_and_goes_after_its_lease(
    announcer: Notices, wire: Wire, store: Store, clock: MovedClock, outcome: Outcome
) -> None:
    wire.outcome = outcome
    announcer.hand_over(await kept(store, announcer, "msg_1", "msg_2", "msg_3"))
    async with running(announcer, wire):
        await asyncio.sleep(0.2)
        assert await pending(store) == 3
        assert wire.calls == 1, "nothing is claimed before its lease is over"
        wire.outcome = Outcome.SENT
        clock.pass_by(LEASE)
        await until(0, store)
    assert sorted(wire.names) == ["msg_1", "msg_2", "msg_3"]


async def test_what_a_dead_worker_left_is_announced_by_another(
    announcer: Notices, wire: Wire, store: Store, clock: MovedClock
) -> None:
    await kept(store, announcer, *(f"msg_{number}" for number in range(5)))
    async with running(announcer, wire):
        await asyncio.sleep(0.1)
        assert wire.names == []
        clock.pass_by(LEASE)
        await until(0, store)
    assert len(wire.names) == 5


async def test_memory_is_bounded_and_the_store_has_the_rest(
    announcer: Notices, wire: Wire, store: Store, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 3)
    announcer.hand_over(await kept(store, announcer, *(f"msg_{number}" for number in range(5))))
    assert len(announcer._held) == 3
    async with running(announcer, wire):
        await until(2, store)
        clock.pass_by(LEASE)
        await until(0, store)
    assert sorted(wire.names) == [f"msg_{number}" for number in range(5)]


async def test_what_it_held_for_too_long_is_left_to_whoever_claims_it(
    announcer: Notices, wire: Wire, store: Store, clock: MovedClock
) -> None:
    announcer.hand_over(await kept(store, announcer, "msg_1"))
    clock.pass_by(LEASE)
    await announcer._publish(cast("Broker", wire))
    assert (wire.calls, announcer.take_confirmed()) == (0, [])


async def test_what_is_older_than_its_queue_would_keep_is_forgotten_unannounced(
    announcer: Notices, wire: Wire, store: Store, clock: MovedClock, made: Hub
) -> None:
    await kept(store, announcer, "msg_1")
    clock.pass_by(timedelta(hours=made.broker.queue_hours))
    async with running(announcer, wire):
        await until(0, store)
    assert wire.calls == 0


async def test_a_store_that_is_away_loses_no_confirm_and_ends_nothing(
    announcer: Notices, wire: Wire, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise Unavailable("store.connection")

    announcer.hand_over(await kept(store, announcer, "msg_1"))
    async with running(announcer, wire):
        with monkeypatch.context() as patch:
            patch.setattr(store, "work", away)
            patch.setattr(store, "direct", away)
            await asyncio.sleep(0.2)
            assert wire.names == ["msg_1"]
            with pytest.raises(Unavailable):
                await announcer.flush()
        await until(0, store)
    assert wire.names == ["msg_1"]
