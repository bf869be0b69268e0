"""Pipelined publishes against a real broker: each has one outcome, and nothing counts as sent without its confirm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aio_pika
import aiormq
import pytest
from aio_pika.abc import AbstractChannel, AbstractRobustConnection

from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.delivery.pipeline import MOST_IN_FLIGHT, Pipeline
from tests.services.plugin import BrokerMaker

SENT, UNROUTABLE, AWAY = Outcome.SENT, Outcome.UNROUTABLE, Outcome.AWAY


@dataclass(kw_only=True)
class Line:
    """A pipeline and a place that it publishes to; ``more`` are the arguments of the next queue."""

    connection: AbstractRobustConnection
    channel: AbstractChannel
    pipeline: Pipeline
    prefix: str

    @property
    def exchange(self) -> str:
        """The exchange."""
        return f"{self.prefix}x"

    async def queue(self, key: str, *, kind: str = "quorum", **more: int | str) -> None:
        """A queue that takes this key; ``more`` names arguments with ``_`` for ``-``."""
        given = {f"x-{name.replace('_', '-')}": value for name, value in more.items()}
        made = await self.channel.declare_queue(
            f"{self.prefix}{key}", durable=True, arguments={"x-queue-type": kind, **given}
        )
        await made.bind(self.exchange, key)

    async def publish(self, *messages: Outgoing, within: float = 10, user: str = "guest") -> list[Outcome]:
        """Their outcomes."""
        return await self.pipeline.publish_all(self.exchange, messages, user=user, within=within)

    async def found(self, key: str) -> list[str]:
        """The ids in a queue, in their order; taken out."""
        queue = await self.channel.get_queue(f"{self.prefix}{key}", ensure=False)
        ids: list[str] = []
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            ids.append(str(message.message_id))
        return ids


def message(name: str, key: str = "a", body: bytes = b"x") -> Outgoing:
    return Outgoing(key=key, body=body, headers={"cloudEvents_id": name}, message_id=name)


def several(count: int, key: str = "a", name: str = "m") -> list[Outgoing]:
    return [message(f"{name}{number:05}", key) for number in range(count)]


async def line_to(url: str, prefix: str) -> Line:
    connection = await aio_pika.connect_robust(url)
    channel = await connection.channel()
    made = Line(connection=connection, channel=channel, pipeline=Pipeline(connection), prefix=prefix)
    await channel.declare_exchange(made.exchange, aio_pika.ExchangeType.TOPIC, durable=True)
    return made


@pytest.fixture
async def line(amqp_url: str, broker_prefix: str) -> AsyncIterator[Line]:
    made = await line_to(amqp_url, broker_prefix)
    await made.queue("a")
    yield made
    await made.pipeline.close()
    await made.connection.close()


async def test_each_is_sent_once_as_it_was_handed_in_and_in_its_order(line: Line) -> None:
    messages = several(MOST_IN_FLIGHT + 200)
    assert await line.publish(*messages) == [SENT] * len(messages)
    assert await line.found("a") == [one.message_id for one in messages]
    assert await line.publish() == []


@pytest.mark.parametrize("size", [0, 1, 131_064, 131_065, 600_000])
async def test_bodies_of_any_size_arrive_whole(line: Line, size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    assert await line.publish(message("m", body=body), message("n")) == [SENT, SENT]
    queue = await line.channel.get_queue(f"{line.prefix}a", ensure=False)
    got = await queue.get(no_ack=True)
    assert got is not None
    assert (got.body, got.message_id, got.user_id, got.content_type) == (body, "m", "guest", "application/jose")
    assert got.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert got.headers["cloudEvents_id"] == "m"


async def test_what_no_queue_takes_is_known_from_what_one_takes(line: Line) -> None:
    messages = [message(f"m{number:03}", "a" if number % 3 else "nobody") for number in range(300)]
    expected = [SENT if number % 3 else UNROUTABLE for number in range(300)]
    assert await line.publish(*messages) == expected
    assert len(await line.found("a")) == expected.count(SENT)


async def test_many_callers_at_once_get_each_their_own_outcomes(line: Line) -> None:
    calls = [several(90, "a" if call % 2 else "nobody", f"call{call}-") for call in range(20)]
    outcomes = await asyncio.gather(*(line.publish(*messages) for messages in calls))
    assert outcomes == [[SENT if call % 2 else UNROUTABLE] * 90 for call in range(20)]
    assert sorted(await line.found("a")) == sorted(one.message_id for call in calls[1::2] for one in call)


async def test_what_the_broker_does_not_take_is_not_sent(line: Line) -> None:
    await line.queue("full", kind="classic", max_length=1, overflow="reject-publish")
    messages = [message("m1", "full"), message("m2", "full"), message("m3"), message("m4", "full")]
    assert await line.publish(*messages) == [SENT, AWAY, SENT, AWAY]
    assert await line.found("full") == ["m1"]


async def test_an_id_that_is_under_way_is_not_sent_beside_itself(line: Line) -> None:
    assert await line.publish(message("m", "nobody"), message("m", "a")) == [UNROUTABLE, AWAY]
    assert await line.publish(message("m", "a")) == [SENT], "and later it is sent"
    assert await line.found("a") == ["m"]


async def test_a_message_that_the_broker_closes_the_channel_for_takes_no_others_with_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    encode = Pipeline._enter

    def forging(self: Pipeline, *given: object) -> object:
        for payload in encode(self, *given):  # type: ignore[arg-type]
            bad = b"m007" in payload
            written.append("bad" if bad else "good")
            yield payload.replace(b"\x05guest", b"\x05other") if bad else payload

    monkeypatch.setattr(Pipeline, "_enter", forging)
    messages = [message(f"m{number:03}") for number in range(12)]
    assert await line.publish(*messages) == [AWAY if number == 7 else SENT for number in range(12)]
    assert written.count("bad") == 2
    assert set(await line.found("a")) == {one.message_id for one in messages} - {"m007"}


async def test_a_message_from_somebody_else_is_away(line: Line) -> None:
    assert await line.publish(message("m"), user="somebody-else") == [AWAY]
    assert await line.publish(message("m")) == [SENT], "on a channel that is opened anew"


async def test_what_a_closed_channel_had_under_way_is_away(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    deafen(monkeypatch)
    publishing = asyncio.create_task(line.publish(*several(50)))
    await in_the_air(line, 50)
    channel = line.pipeline._channel
    assert channel is not None
    await channel.close()
    assert await publishing == [AWAY] * 50


async def test_what_is_never_confirmed_is_away_in_time_and_the_channel_is_given_up(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        deafen(patch)
        assert await line.publish(*several(5), within=0.2) == [AWAY] * 5
        assert line.pipeline._channel is None
    assert await line.publish(*several(5)) == [SENT] * 5


async def test_no_more_are_under_way_than_allowed(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    deafen(monkeypatch)
    publishing = asyncio.create_task(line.publish(*several(4 * MOST_IN_FLIGHT), within=0.5))
    await in_the_air(line, MOST_IN_FLIGHT)
    await asyncio.sleep(0.1)
    assert line.pipeline._in_the_air == MOST_IN_FLIGHT
    assert await publishing == [AWAY] * 4 * MOST_IN_FLIGHT
    assert line.pipeline._in_the_air == 0


async def test_whoever_stops_waiting_leaves_the_line_in_order(line: Line) -> None:
    publishing = asyncio.create_task(line.publish(*several(300)))
    await asyncio.sleep(0)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    assert await line.publish(message("after"), message("lost", "nobody")) == [SENT, UNROUTABLE]
    assert line.pipeline._in_the_air == 0


@pytest.mark.slow
async def test_a_broker_that_dies_leaves_every_message_with_an_outcome_and_none_wrongly_sent(
    private_broker: BrokerMaker,
) -> None:
    broker = private_broker()
    line = await line_to(broker.url(), "own.")
    # Classic: after a death in the middle of writing, RabbitMQ may find no leader for a quorum queue for minutes.
    await line.queue("a", kind="classic")
    assert await line.publish(message("first")) == [SENT]
    publishing = [asyncio.create_task(line.publish(*several(5_000, name=f"n{number}-"))) for number in range(2)]
    await asyncio.sleep(0.02)
    await asyncio.to_thread(broker.kill)
    outcomes = await asyncio.wait_for(asyncio.gather(*publishing), 30)
    assert {outcome for call in outcomes for outcome in call} <= {SENT, AWAY}
    assert AWAY in outcomes[1], "it was not all over before"
    assert await line.publish(message("between"), within=5) == [AWAY]
    await asyncio.to_thread(broker.start)
    async with asyncio.timeout(40):
        while await line.publish(message("last")) != [SENT]:  # noqa: ASYNC110 - the broker tells nobody when it is back
            await asyncio.sleep(0.2)
    await line.connection.close()
    again = await line_to(broker.url(), "own.")
    found = set(await again.found("a"))
    sent = {f"n{call}-{place:05}" for call in range(2) for place, one in enumerate(outcomes[call]) if one is SENT}
    assert sent | {"first", "last"} <= found, "what counts as sent is there"
    await again.connection.close()


def deafen(patch: pytest.MonkeyPatch) -> None:
    """The broker's confirms are lost on their way."""

    async def lost(*_: object) -> None:
        return

    patch.setattr(aiormq.Channel, "_on_confirm_frame", lost)


async def in_the_air(line: Line, count: int) -> None:
    """Wait until so many are under way."""
    async with asyncio.timeout(5):
        while line.pipeline._in_the_air < count:  # noqa: ASYNC110 - the pipeline tells nobody
            await asyncio.sleep(0.01)
