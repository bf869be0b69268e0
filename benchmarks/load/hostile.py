"""Senders that mean no good, or know no better: one byte a second, and ten thousand messages at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import cast

from benchmarks.load.mllp import accepts
from sandbox.mllp import END, START

_PAUSE = 1.0


async def slowly(port: int, connections: int, seconds: float, take: Callable[[], bytes]) -> int:
    """Hold so many connections for so long, each with a message of which a byte comes every second; how many were cut.

    A server may hang up on such a sender. It then comes again.
    """
    until, cut = time.monotonic() + seconds, 0

    async def one(number: int) -> None:
        nonlocal cut
        await asyncio.sleep(number / connections * _PAUSE)
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                for octet in START + take():
                    if time.monotonic() >= until:
                        break
                    writer.write(bytes([octet]))
                    await writer.drain()
                    await asyncio.sleep(_PAUSE)
                else:
                    continue
                writer.close()
                continue
            cut += 1
            await asyncio.sleep(_PAUSE)

    await asyncio.gather(*(one(number) for number in range(connections)))
    return cut


class Burst(asyncio.Protocol):
    """Sends all of its messages at once and counts the answers; ``waits`` are seconds since then."""

    def __init__(self, messages: Sequence[bytes]) -> None:
        self.waits: list[float] = []
        self.refused = 0
        self.done = asyncio.Event()
        self._owed = len(messages)
        self._messages = messages
        self._came = b""
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    @property
    def owed(self) -> int:
        """How many were not answered."""
        return self._owed - len(self.waits) - self.refused

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast("asyncio.Transport", transport)

    def itself(self) -> Burst:
        """What a connection is made with."""
        return self

    def start(self) -> None:
        """Send everything."""
        assert self._transport is not None
        self._began = time.monotonic()
        self._transport.write(b"".join(START + message + END for message in self._messages))

    def data_received(self, data: bytes) -> None:
        """Count what was answered."""
        *answers, self._came = (self._came + data).split(END)
        waited = time.monotonic() - self._began
        for answer in answers:
            if accepts(answer):
                self.waits.append(waited)
            else:
                self.refused += 1
        if not self.owed:
            self.done.set()

    def connection_lost(self, _error: Exception | None) -> None:
        """Nothing more comes."""
        self.done.set()
