"""Publishes that go out without waiting for one another, and the one outcome that each of them gets.

aio-pika keeps the connection; this goes down to an aiormq channel of its own on it, because a task, a lock and a drain
for each publish cost ten times as much as the publish. The channel still reads the broker's confirms and returns for
us: it finds what was written in its table of confirmations.

What is guaranteed, whatever becomes of the channel or the connection meanwhile:
1. Every message gets an outcome.
2. It is ``SENT`` only where the broker confirmed it and had not returned it.
3. Delivery tags count what was written, in the order of the writing; where that is in doubt, the channel is given up.

Source: RabbitMQ, publisher confirms: a return comes before the confirm of the same message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, cast

import aiormq
import structlog
from aio_pika.abc import AbstractConnection
from aiormq.abc import ChannelFrame

from gateway.delivery import frames
from gateway.delivery.outgoing import Outcome, Outgoing

MOST_IN_FLIGHT = 512
_WRITE_MESSAGES = 128
_WRITE_BYTES = 256 * 1024
_CLOSE_WITHIN = 2.0
_AWAY = (aiormq.AMQPError, OSError, RuntimeError)  # TimeoutError is an OSError
_logger = structlog.get_logger(__name__)


class _Batch:
    """Messages that were handed in together, and how many of those under way are still without an outcome."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.outcomes = [Outcome.AWAY] * len(messages)
        self.flights: list[_Flight] = []
        self.left = 0
        self.refused = False
        self.landed: asyncio.Future[None] | None = None  # waited for once all is written: until then more may follow


class _Flight:
    """One message under way, as the channel's table of confirmations takes it: a future, and of that only this much.

    To the channel it is never done, and settled once; to its batch it may have landed before that.
    """

    __slots__ = ("_batch", "_channel", "_in_the_air", "_pipeline", "_place")

    def __init__(self, pipeline: Pipeline, channel: aiormq.Channel, batch: _Batch, place: int) -> None:
        self._pipeline = pipeline
        self._channel = channel
        self._batch = batch
        self._place = place
        self._in_the_air = True

    def done(self) -> bool:
        """Tell the channel to settle it."""
        return False

    def set_result(self, _: object) -> None:
        """The broker confirmed it."""
        self._forget()
        self.land(Outcome.SENT)

    def set_exception(self, error: BaseException) -> None:
        """The broker returned it, or did not take it."""
        self._forget()
        self.land(Outcome.UNROUTABLE if isinstance(error, aiormq.PublishError) else Outcome.AWAY)

    def land(self, outcome: Outcome, *, refused: bool = False) -> None:
        """Give it its outcome, once."""
        if not self._in_the_air:
            return
        self._in_the_air = False
        batch = self._batch
        batch.outcomes[self._place] = outcome
        batch.refused |= refused
        batch.left -= 1
        if not batch.left and batch.landed is not None and not batch.landed.done():
            batch.landed.set_result(None)
        self._pipeline.landed()

    def _forget(self) -> None:
        self._channel.message_id_delivery_tag.pop(self._batch.messages[self._place].message_id, None)


class Pipeline:
    """One publishing channel on a connection, opened when it is needed and again when it is gone."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._channel: aiormq.Channel | None = None
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._drained: asyncio.Future[None] | None = None
        self._in_the_air = 0
        self._landings = 0
        self._closing: set[asyncio.Task[None]] = set()

    async def publish_all(
        self, exchange: str, messages: Sequence[Outgoing], *, user: str, within: float
    ) -> list[Outcome]:
        """One outcome for each, in their order; what has none within so many seconds of its writing is away.

        Where the broker closes the channel over something that it was sent, each that was under way is tried once more
        by itself, so that a bad message takes no others with it. An id that is under way already is not sent beside
        itself: it is away.

        Raises:
            ValueError: a message can't be encoded (a bug of the caller's); those before it may have been sent.
        """
        outcomes, refused = await self._attempt(exchange, messages, user, within)
        left = [place for place, outcome in enumerate(outcomes) if outcome is Outcome.AWAY]
        if refused and len(messages) > 1:
            for place in left:
                (outcomes[place],), refused = await self._attempt(exchange, [messages[place]], user, within)
                if outcomes[place] is Outcome.AWAY and not refused:
                    break  # it is no longer about the messages: the broker is away
        return outcomes

    async def close(self) -> None:
        """Close the channel; what is under way is away."""
        self._give_up(self._channel)
        if self._closing:
            await asyncio.wait(self._closing)

    def landed(self) -> None:
        """A message has its outcome: there is room for another."""
        self._in_the_air -= 1
        self._landings += 1
        self._room.set()

    async def _attempt(
        self, exchange: str, messages: Sequence[Outgoing], user: str, within: float
    ) -> tuple[list[Outcome], bool]:
        """The outcomes, and whether the broker closed the channel while these were under way."""
        batch = _Batch(messages)
        channel: aiormq.Channel | None = None
        try:
            try:
                async with self._turn:
                    async with asyncio.timeout(within):
                        channel = await self._opened()
                    await self._write(channel, exchange, batch, user, within)
            except _AWAY as error:
                # What was not written stays away; what was may still be confirmed.
                _logger.info("pipeline.away", kind=type(error).__name__)
            if batch.left:
                before = self._landings
                batch.landed = asyncio.get_running_loop().create_future()
                _ = await asyncio.wait([batch.landed], timeout=within)
                if batch.left and self._landings == before:
                    self._give_up(channel)  # not one slow queue: nothing at all was confirmed
        finally:
            for flight in batch.flights:
                flight.land(Outcome.AWAY)
        return batch.outcomes, batch.refused

    async def _opened(self) -> aiormq.Channel:
        """The channel to publish on."""
        if self._channel is None or self._channel.is_closed:
            transport = self._connection.transport
            if transport is None:
                raise ConnectionError
            opened = await transport.connection.channel(publisher_confirms=True, on_return_raises=True)
            self._channel = cast("aiormq.Channel", opened)
            self._channel.closing.add_done_callback(partial(self._closed, self._channel))
        return self._channel

    async def _write(self, channel: aiormq.Channel, exchange: str, batch: _Batch, user: str, within: float) -> None:
        for places, encoded in _encoded(channel, exchange, batch.messages, user):
            try:
                async with asyncio.timeout(within):
                    while self._in_the_air + len(places) > MOST_IN_FLIGHT:
                        self._room.clear()
                        await self._room.wait()
                    if channel.is_closed:
                        raise ConnectionError
                    payload = b"".join(self._enter(channel, batch, places, encoded))
                    self._drained = asyncio.get_running_loop().create_future()
                    await channel.write_queue.put(
                        ChannelFrame(payload=payload, should_close=False, drain_future=self._drained)
                    )
                    await self._drained
            except BaseException:
                self._give_up(channel)  # (3) nobody knows whether these were written
                raise

    def _enter(
        self, channel: aiormq.Channel, batch: _Batch, places: range, encoded: Sequence[bytes]
    ) -> Iterator[bytes]:
        """Give each its delivery tag and its place among the confirmations; the bytes that are to be written."""
        confirmations = cast("dict[int, Any]", channel.confirmations)
        for place, payload in zip(places, encoded, strict=True):
            name = batch.messages[place].message_id
            if name in channel.message_id_delivery_tag:
                continue  # a return names a message by its id alone: two of them could not be told apart
            channel.delivery_tag += 1
            flight = _Flight(self, channel, batch, place)
            confirmations[channel.delivery_tag] = flight
            channel.message_id_delivery_tag[name] = channel.delivery_tag
            batch.flights.append(flight)
            batch.left += 1
            self._in_the_air += 1
            yield payload

    def _closed(self, channel: aiormq.Channel, closing: asyncio.Future[Any]) -> None:
        error = None if closing.cancelled() else closing.exception()
        # The broker's own doing has a code or a text; the answer to our own closing has none.
        self._ground(channel, refused=isinstance(error, aiormq.AMQPChannelError) and any(error.args))

    def _give_up(self, channel: aiormq.Channel | None) -> None:
        if channel is None:
            return
        self._ground(channel, refused=False)
        if not channel.is_closed:
            task = asyncio.create_task(_close(channel))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _ground(self, channel: aiormq.Channel, *, refused: bool) -> None:
        """Nothing more goes over this channel, and what was under way on it has no other outcome."""
        if self._channel is channel:
            self._channel = None
            if self._drained is not None and not self._drained.done():
                self._drained.set_exception(ConnectionError())
        for flight in cast("dict[int, Any]", channel.confirmations).values():
            if isinstance(flight, _Flight):
                flight.land(Outcome.AWAY, refused=refused)


async def _close(channel: aiormq.Channel) -> None:
    try:
        async with asyncio.timeout(_CLOSE_WITHIN):
            await channel.close()
    except _AWAY as error:
        _logger.info("pipeline.close", kind=type(error).__name__)


def _encoded(
    channel: aiormq.Channel, exchange: str, messages: Sequence[Outgoing], user: str
) -> Iterator[tuple[range, list[bytes]]]:
    """The messages in writes of some size: their places, and the frames of each."""
    frame_max = channel.connection.connection_tune.frame_max
    start, size, encoded = 0, 0, list[bytes]()
    for place, message in enumerate(messages):
        encoded.append(
            frames.publish(
                channel.number,
                exchange,
                message.key,
                message.body,
                headers=message.headers,
                message_id=message.message_id,
                user_id=user,
                content_type=message.content_type,
                frame_max=frame_max,
            )
        )
        size += len(encoded[-1])
        if len(encoded) == _WRITE_MESSAGES or size >= _WRITE_BYTES or place + 1 == len(messages):
            yield range(start, place + 1), encoded
            start, size, encoded = place + 1, 0, []
