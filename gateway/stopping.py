"""Ending tasks: asked until they end, because one request to stop may be lost on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN = 2.0


async def ended(tasks: Iterable[asyncio.Task[None]], *, again: float = _AGAIN) -> None:
    """Return once every task has ended; each is cancelled, and cancelled again after ``again`` seconds.

    Python 3.11's ``asyncio.wait_for``, which drivers wait with, drops a cancellation that arrives together with what
    it waited for: the task then goes on as if nobody had asked. Whoever closes something while it ends has that long
    for it. What a task raised is passed over.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=again)
        # Looked at, or Python complains later that nobody did.
        _ = [task.cancelled() or task.exception() for task in done]
