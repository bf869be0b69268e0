"""Concurrent work shares a commit: whatever gathered while the last commit ran. There is no timer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Work = TypeVar("Work")
Done = TypeVar("Done")


class Shared(Generic[Work, Done]):
    """``commit`` takes what gathered and gives a result for each, in order."""

    def __init__(self, commit: Callable[[Sequence[Work]], Awaitable[Sequence[Done]]]) -> None:
        self._commit = commit
        self._waiting: list[tuple[Work, Callable[[Done], None]]] = []
        self._running: asyncio.Task[None] | None = None

    def put(self, work: Work, then: Callable[[Done], None]) -> None:
        """Have the work committed with others; ``then`` is called once it is."""
        self._waiting.append((work, then))
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def done(self, work: Work) -> Done:
        """The same for whoever awaits."""
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self.put(work, lambda result: None if future.done() else future.set_result(result))
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                results = await self._commit([work for work, _ in taken])
                for (_, then), result in zip(taken, results, strict=True):
                    then(result)
        finally:
            self._running = None
