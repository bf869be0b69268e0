"""How a run is paced, whatever it goes over.

Closed loop: each connection sends its next message when the last was answered. Open loop: messages are due at a fixed
rate whatever the server does, and the wait of each counts from when it was due: a server that stalls is charged with
everything that should have been sent meanwhile (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

LONGEST_TAIL = 20.0
"""Seconds that a run waits for the answers that are still owed when its time is over."""


class Connection(asyncio.Protocol):
    """One connection that has one message under way at a time."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.due = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the run."""
        self.transport = cast("asyncio.Transport", transport)
        self.run.joined(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the run: a message under way is lost with it."""
        self.run.left(self)

    def start(self, due: float) -> None:
        """Send the next message, which was due then."""
        self.due = due
        self.send()

    @abstractmethod
    def send(self) -> None:
        """Write the next message."""


@dataclass(kw_only=True)
class Run:
    """One run: ``seconds`` long, at most ``most`` messages; ``rate`` a second where it is an open loop."""

    connections: int
    seconds: float
    most: int
    rate: float | None = None
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    lost: int = 0
    sent: int = 0
    first: float = 0.0
    last: float = 0.0
    _until: float = 0.0
    _began: bool = False
    _free: deque[Connection] = field(default_factory=deque)
    _due: deque[float] = field(default_factory=deque)
    _busy: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def owed(self) -> int:
        """How many messages were due and are not answered."""
        return self._busy + len(self._due)

    async def measure(self, connect: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Connect, run until the time is over or everything was sent, and wait for what is still owed.

        Raises:
            TimeoutError: it does not come.
        """
        await asyncio.gather(*(connect() for _ in range(self.connections)))
        self.first = time.monotonic()
        self._until, self._began = self.first + self.seconds, True
        if self.rate is None:
            for _ in range(len(self._free)):
                self._next(self._free.popleft(), time.monotonic())
        else:
            await self._clock(self.rate)
        async with asyncio.timeout(self.seconds + LONGEST_TAIL):
            await self._idle.wait()

    def joined(self, connection: Connection) -> None:
        """A connection is there."""
        self._free.append(connection)

    def left(self, connection: Connection) -> None:
        """A connection is gone."""
        if connection in self._free:
            self._free.remove(connection)
        elif self._began and connection.due:
            self.lost += 1
            self._busy -= 1
            self._rest()

    def answered(self, connection: Connection, *, accepted: bool) -> None:
        """The message under way was answered."""
        self.last = now = time.monotonic()
        self._busy -= 1
        if accepted:
            self.waits.append(now - connection.due)
        else:
            self.refused += 1
        connection.due = 0.0
        if self.rate is None:
            self._next(connection, now)
        elif self._due:
            self._start(connection, self._due.popleft())
        else:
            self._free.append(connection)
        self._rest()

    def _next(self, connection: Connection, now: float) -> None:
        if now < self._until and self.sent < self.most:
            self._start(connection, now)
        else:
            self._free.append(connection)

    def _start(self, connection: Connection, due: float) -> None:
        self.sent += 1
        self._busy += 1
        self._idle.clear()
        connection.start(due)

    def _rest(self) -> None:
        """Nothing is under way, and no connection took up anything new."""
        if not self._busy:
            self._idle.set()

    async def _clock(self, rate: float) -> None:
        count = min(self.most, int(rate * self.seconds))
        for number in range(count):
            due = self.first + number / rate
            if (ahead := due - time.monotonic()) > 0:
                await asyncio.sleep(ahead)
            if self._free:
                self._start(self._free.popleft(), due)
            else:
                self._due.append(due)
            if number % 64 == 0:
                await asyncio.sleep(0)  # a generator that is behind still lets answers in
