"""The broker seen from the harness: how many messages wait in a quorum queue, asked of the queue itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiormq
from aiormq.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity

ARRIVALS = "hub.arrivals"
_POLL = 0.01
_QUORUM = {"x-queue-type": "quorum"}


class Queue:
    """One queue. It may not be there yet: then nothing waits in it."""

    def __init__(self, connection: AbstractConnection, name: str) -> None:
        self._connection = connection
        self._channel: AbstractChannel | None = None
        self.name = name

    async def declare(self) -> None:
        """Have it there, durable and replicated, as the gateway's own are."""
        await (await self._open()).queue_declare(self.name, durable=True, arguments=dict(_QUORUM))

    async def depth(self) -> int | None:
        """How many messages the broker has confirmed and nobody took; None where there is no such queue."""
        channel = await self._open()
        try:
            return int((await channel.queue_declare(self.name, passive=True)).message_count or 0)
        except ChannelNotFoundEntity:
            self._channel = None
            return None

    async def purge(self) -> None:
        """Empty it."""
        await (await self._open()).queue_purge(self.name)

    async def reaches(self, count: int, within: float) -> tuple[int, float]:
        """Wait until so many are there; how many were there at last, and when (by the machine's steady clock)."""
        until, most = time.monotonic() + within, 0
        while True:
            # A busy queue may answer 0 for want of time: it only ever grows here.
            most = max(most, await self.depth() or 0)
            now = time.monotonic()
            if most >= count or now > until:
                return most, now
            await asyncio.sleep(_POLL)

    async def _open(self) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed:
            self._channel = await self._connection.channel(publisher_confirms=False)
        return self._channel


@asynccontextmanager
async def broker(url: str) -> AsyncIterator[AbstractConnection]:
    """A connection for the harness.

    Raises:
        OSError: there is no broker, or it lets nobody in.
    """
    try:
        connection = await aiormq.connect(url)
    except AMQPError as error:
        raise ConnectionError("the broker lets nobody in") from error
    try:
        yield connection
    finally:
        await connection.close()


async def delete(connection: AbstractConnection, queues: Iterable[str], exchanges: Iterable[str]) -> None:
    """Delete what a run declared. What was never declared counts as deleted."""
    for name in (*queues, *exchanges):
        channel = await connection.channel(publisher_confirms=False)
        try:
            await (channel.queue_delete(name) if name in queues else channel.exchange_delete(name))
        except AMQPError:
            continue
        if not channel.is_closed:
            await channel.close()
