"""Work that shares one commit: what gathered while the last commit ran is done together.

There is no timer: whoever comes while nothing runs is served at once and alone, and under load batches grow by
themselves to what arrives within one commit. Where more waits than a batch holds, its sources take turns: one that
sends ten thousand at once keeps nobody else waiting for longer than a batch.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T, R]):
    """What was handed in, and where its outcome goes."""

    handed_in: T
    outcome: asyncio.Future[R]


class Gathering(Generic[T, R]):
    """Hands what gathered to ``together``, at most ``most`` at a time, one batch after the other.

    ``together`` gives one outcome for each, in their order: a result, or the exception that this one meets. If it
    raises, everyone in the batch meets that exception.
    """

    def __init__(self, together: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]], *, most: int) -> None:
        self._together = together
        self._most = most
        # By source, whose turn is next first.
        self._waiting: OrderedDict[Hashable, deque[_Waiting[T, R]]] = OrderedDict()
        self._running: asyncio.Task[None] | None = None

    async def do(self, one: T, source: Hashable = None) -> R:
        """The outcome of ``one``. Whoever stops waiting does not stop what was handed in.

        What one ``source`` hands in keeps its order; without one, it is a source of its own.

        Raises:
            Exception: what ``together`` gave for this one, or raised for its batch.
        """
        outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        source = outcome if source is None else source
        self._waiting.setdefault(source, deque()).append(_Waiting(one, outcome))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await outcome

    async def finish(self) -> None:
        """Wait until everything that was handed in has its outcome."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while batch := self._next():
                await self._settle(batch)
        except BaseException:  # this task itself is being ended
            for queue in self._waiting.values():
                for one in queue:
                    one.outcome.cancel()
            self._waiting.clear()
            raise
        finally:
            # Here, and not once the task is known to be done: whoever comes in between would wait for it in vain.
            self._running = None

    def _next(self) -> list[_Waiting[T, R]]:
        """One of each source in its turn, then the next of each, until it is full."""
        batch: list[_Waiting[T, R]] = []
        while self._waiting and len(batch) < self._most:
            source, queue = self._waiting.popitem(last=False)
            batch.append(queue.popleft())
            if queue:
                self._waiting[source] = queue
        return batch

    async def _settle(self, batch: Sequence[_Waiting[T, R]]) -> None:
        outcomes: Sequence[R | Exception]
        try:
            outcomes = await self._together([one.handed_in for one in batch])
        except Exception as error:  # noqa: BLE001 - handed on, whatever it is, to everyone whom it concerns
            outcomes = [error] * len(batch)
        except BaseException:
            for one in batch:
                one.outcome.cancel()
            raise
        for one, outcome in zip(batch, outcomes, strict=True):
            if one.outcome.done():
                continue  # its caller went away
            if isinstance(outcome, Exception):
                one.outcome.set_exception(outcome)
            else:
                one.outcome.set_result(outcome)
