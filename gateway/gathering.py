"""Work that shares one commit: what gathered while the last commit ran is done together.

There is no timer: whoever comes while nothing runs is served at once and alone, and under load batches grow by
themselves to what arrives within one commit. Where more waits than a batch holds, its sources take turns: one that
sends ten thousand at once keeps nobody else waiting for longer than a batch.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gathering(Generic[T, R]):
    """Hands what gathered to ``together``, at most ``most`` at a time and one batch after another.

    ``together`` gives one outcome for each, in their order: a result, or the exception that this one meets. If it
    raises, everyone in the batch meets that exception.
    """

    def __init__(self, together: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]], *, most: int) -> None:
        self._together = together
        self._most = most
        # By source, whose turn is next first.
        self._waiting: OrderedDict[Hashable, deque[tuple[T, asyncio.Future[R]]]] = OrderedDict()
        self._running: asyncio.Task[None] | None = None

    async def do(self, one: T, source: Hashable = None) -> R:
        """The outcome of ``one``. Whoever stops waiting does not stop what was handed in.

        What one ``source`` hands in keeps its order; without one, it is a source of its own.

        Raises:
            Exception: what ``together`` gave for this one, or raised for its batch.
        """
        outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(outcome if source is None else source, deque()).append((one, outcome))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await outcome

    async def finish(self) -> None:
        """Wait until everything that was handed in has its outcome."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._settle(self._next())
        finally:
            self._running = None
            for queue in self._waiting.values():  # only where this task itself was ended
                for _, outcome in queue:
                    outcome.cancel()
            self._waiting.clear()

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            source, queue = self._waiting.popitem(last=False)
            batch.append(queue.popleft())
            if queue:
                self._waiting[source] = queue
        return batch

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        outcomes: Sequence[R | Exception]
        try:
            outcomes = await self._together([one for one, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed on, whatever it is, to everyone whom it concerns
            outcomes = [error] * len(batch)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue  # its caller went away
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
