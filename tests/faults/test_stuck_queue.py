"""A queue that the broker can't serve, as one may be after a power cut, holds up nothing but itself."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiormq.exceptions import ConnectionInternalError

from gateway import serving
from gateway.bootstrap import Gateway
from gateway.delivery.broker import Broker
from gateway.intake.amqp import AmqpIntake
from schemas.errors import Unavailable

STUCK = "agency.police.disclosures"


class LameBroker:
    """Serves every queue but one, whose consumer waits for ever."""

    def __init__(self) -> None:
        self.consumed: list[str] = []
        self.closed = False

    async def consume(self, key: str, _take: object) -> None:
        if key == STUCK:
            await asyncio.Event().wait()
        self.consumed.append(key)

    async def close(self) -> None:
        self.closed = True


async def test_the_other_queues_are_consumed() -> None:
    broker = LameBroker()
    agencies = ["police", "health", "council"]
    parts = dict.fromkeys(("store", "intake", "answers", "refusals", "agencies"))
    intake = AmqpIntake(**cast("Any", {**parts, "broker": broker, "feeds": (), "owners": agencies, "limit": 1}))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(intake.start(), 0.1)
    assert broker.consumed == ["agency.health.disclosures", "agency.council.disclosures"]


async def test_what_leaves_goes_on_leaving_and_ends_with_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, rounds = LameBroker(), 0

    async def once() -> None:
        nonlocal rounds
        rounds += 1

    async def stuck() -> None:
        await broker.consume(STUCK, None)

    async def connected(*_: object) -> LameBroker:
        return broker

    monkeypatch.setattr(serving, "_connected", connected)
    monkeypatch.setattr(serving, "_RELAY_EVERY", 0.001)
    monkeypatch.setattr(serving, "AmqpIntake", lambda **_: SimpleNamespace(start=stuck))
    monkeypatch.setattr(serving, "Relay", lambda **_: SimpleNamespace(once=once))
    whole = SimpleNamespace(
        **dict.fromkeys(("store", "intake", "answers", "refusals", "agencies", "progress", "log")),
        feeds={},
        hub=SimpleNamespace(agencies=(), limits=SimpleNamespace(message_bytes=1)),
        world=SimpleNamespace(random=bytes),
        notices=SimpleNamespace(on=False),
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(serving._on_the_broker(cast("Gateway", whole), "amqp://broker", asyncio.Event()), 0.2)
    assert rounds > 2
    assert broker.closed
    ended = rounds
    await asyncio.sleep(0.02)
    assert rounds == ended


async def test_a_queue_that_is_not_served_is_said_to_be_unavailable() -> None:
    class Connection:
        async def channel(self) -> None:
            raise ConnectionInternalError("the broker's own fault")

    broker = Broker.__new__(Broker)
    broker._connection = cast("Any", Connection())
    with pytest.raises(Unavailable, match=r"broker\.consume"):
        await broker.consume(STUCK, cast("Any", None))
