"""Messages published to the hub's exchange; each is answered to this channel's direct reply queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import aiormq
from aiormq.abc import AbstractConnection, DeliveredMessage
from aiormq.channel import Channel

from benchmarks.load.mllp import accepts
from benchmarks.load.pace import Connection, Run

_REPLIES = "amq.rabbitmq.reply-to"


class Exchange:
    """One connection to the broker, over which every sender of a run publishes."""

    def __init__(self, channel: Channel, *, exchange: str, feed: str, user: str, media_type: str) -> None:
        self.channel = channel
        self.exchange = exchange
        self.key = f"feed.{feed}"
        self.user = user
        self.media_type = media_type
        self.waiting: dict[str, AmqpSender] = {}
        self.published = 0

    async def listen(self) -> None:
        """Hear the answers."""
        await self.channel.basic_consume(_REPLIES, self._heard, no_ack=True)

    async def _heard(self, message: DeliveredMessage) -> None:
        sender = self.waiting.pop(message.header.properties.correlation_id or "", None)
        if sender is not None:
            sender.run.answered(sender, accepted=accepts(message.body))


class AmqpSender(Connection):
    """A sender with one message under way: published, and not answered yet."""

    def __init__(self, run: Run, take: Callable[[], bytes], exchange: Exchange) -> None:
        super().__init__(run)
        self._take = take
        self._exchange = exchange
        self._tasks: set[asyncio.Task[object]] = set()

    def send(self) -> None:
        """Publish the next message."""
        task = asyncio.get_running_loop().create_task(self._publish())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self) -> object:
        to = self._exchange
        to.published += 1
        name = str(to.published)
        to.waiting[name] = self
        properties = aiormq.spec.Basic.Properties(
            content_type=to.media_type,
            delivery_mode=2,
            correlation_id=name,
            reply_to=_REPLIES,
            user_id=to.user,
        )
        return await to.channel.basic_publish(
            self._take(), exchange=to.exchange, routing_key=to.key, properties=properties, wait=False
        )


async def connect(url: str) -> tuple[AbstractConnection, Channel]:
    """A connection and a channel; without confirms, because the answer of the hub says more."""
    connection = await aiormq.connect(url)
    return connection, cast("Channel", await connection.channel(publisher_confirms=False))
