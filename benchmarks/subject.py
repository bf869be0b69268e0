"""A server under measurement, whoever it is: where it listens, what it costs, and how a run against it is counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from benchmarks import processes
from benchmarks.arrivals import Queue
from benchmarks.load.order import Credential, Order, Over
from benchmarks.sending import Load

_CONFIRM_SECONDS = 20.0
_ROOM = 1.6
"""How many more messages are made ahead than the last run took."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One run: messages a second until the last was answered, and confirmed on the queue where there is one.

    ``p50`` and ``p99`` are waits in milliseconds, ``cpu`` is the server's milliseconds on the processor per message,
    ``peak`` MiB. ``load`` is how busy the sender was: at 1 it would be what is measured.
    """

    per_second: float
    p50: float
    p99: float
    longest: float
    cpu: float
    peak: float
    load: float
    answered: int
    trouble: int


@dataclass(kw_only=True)
class Subject:
    """``queue`` is where its arrival notices go: None where it sends none. ``pid`` is None where nobody may ask."""

    name: str
    pid: int | None
    ports: dict[Over, int]
    host: str = "127.0.0.1"
    database: str = field(default="", repr=False)
    queue: Queue | None = None
    path: str = ""
    credential: Credential | None = field(default=None, repr=False)
    broker: str = field(default="", repr=False)
    exchange: str = ""
    feed: str = ""
    user: str = ""
    _numbers: int = 0
    _ahead: dict[tuple[Over, int], int] = field(default_factory=dict)

    def order(self, over: Over, **more: object) -> Order:
        """An order for this server whose messages were not sent before."""
        made = replace(
            Order(
                over=over,
                host=self.host,
                port=self.ports[over],
                first=self._numbers,
                path=self.path,
                credential=self.credential if over == "http" else None,
                broker=self.broker,
                exchange=self.exchange,
                feed=self.feed,
                user=self.user,
            ),
            **more,  # type: ignore[arg-type]
        )
        # Whole tens: a message's place among ten says what it is.
        self._numbers += (made.most if made.shape == "steady" else made.connections * made.each) // 10 * 10 + 10
        return made

    async def take(
        self, load: Load, over: Over, *, connections: int, seconds: float, rate: float | None = None
    ) -> Taken:
        """One run against this server."""
        place = (over, connections)
        ahead = self._ahead.get(place, 500) if rate is None else int(rate * seconds) + 1
        most = max(2_000, 4 * ahead) if rate is None else ahead
        order = self.order(over, connections=connections, seconds=seconds, rate=rate, ahead=ahead, most=most)
        if self.queue is not None:
            await self.queue.purge()
        before = self._spent()
        if self.pid is not None:
            processes.begin_peak_anew(self.pid)
        told = await load.perform(order)
        ended, counted = told.last, told.answered
        if self.queue is not None:
            counted, ended = await self.queue.reaches(told.answered, _CONFIRM_SECONDS)
            counted = min(counted, told.answered)
        spent = self._spent() - before
        if rate is None:
            self._ahead[place] = int(told.answered * _ROOM) + 20
        return Taken(
            per_second=counted / max(ended - told.first, 1e-9),
            p50=told.p50 * 1000,
            p99=told.p99 * 1000,
            longest=told.longest * 1000,
            cpu=spent * 1000 / max(told.answered, 1),
            peak=0.0 if self.pid is None else processes.peak(self.pid),
            load=told.cpu / max(told.last - told.first, 1e-9),
            answered=told.answered,
            trouble=told.refused + told.lost + told.owed + (told.answered - counted),
        )

    def _spent(self) -> float:
        return 0.0 if self.pid is None else processes.seconds(self.pid)
