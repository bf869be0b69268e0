"""Notices that leave: thin persistent messages, published without waiting for each other, counted when confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import aiormq
from aiormq.channel import Channel

_EXCHANGE, _KEY = "mash.out", "hub.arrivals"


class Publisher:
    """One channel with confirms, through aiormq. Without a broker nothing leaves, and nothing is confirmed."""

    def __init__(self, channel: Channel | None, exchange: str) -> None:
        self._channel = channel
        self._exchange = exchange
        self._confirmed: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, url: str, prefix: str) -> Publisher:
        """Connect, and declare the exchange and its quorum queue."""
        if not url:
            return cls(None, "")
        connection = await aiormq.connect(url)
        channel = cast("Channel", await connection.channel())
        exchange, queue = prefix + _EXCHANGE, prefix + _KEY
        await channel.exchange_declare(exchange, exchange_type="topic", durable=True)
        await channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        await channel.queue_bind(queue, exchange, _KEY)
        return cls(channel, exchange)

    def gone(self) -> list[str]:
        """The notices that were confirmed since this was last asked."""
        taken, self._confirmed = self._confirmed, []
        return taken

    def publish(self, notices: Sequence[str]) -> None:
        """Publish all of them, without waiting."""
        if self._channel is None:
            return
        for notice in notices:
            task = asyncio.get_running_loop().create_task(self._one(self._channel, notice))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, channel: Channel, notice: str) -> None:
        properties = aiormq.spec.Basic.Properties(
            delivery_mode=2,
            message_id=notice,
            headers={
                "cloudEvents_specversion": "1.0",
                "cloudEvents_id": notice,
                "cloudEvents_source": "bound",
                "cloudEvents_type": "uk.mash.arrival",
            },
        )
        await channel.basic_publish(
            b"", exchange=self._exchange, routing_key=_KEY, properties=properties, mandatory=True, wait=False
        )
        self._confirmed.append(notice)
