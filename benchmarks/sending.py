"""The load seen from the harness: a process that takes one order after another."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.load.order import Order, Told

_PATIENCE = 90.0
_LONGEST_LINE = 1 << 20


class LoadFailed(Exception):
    """The load ended, or did not report in time."""


class Load:
    """A running load process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def perform(self, order: Order) -> Told:
        """Have the order done; what it told.

        Raises:
            LoadFailed: it tells nothing.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order.line().encode())
        await self._process.stdin.drain()
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), order.seconds + _PATIENCE)
        except TimeoutError:
            raise LoadFailed("the load did not report in time") from None
        if not line:
            raise LoadFailed("the load ended")
        return Told(**json.loads(line))


@asynccontextmanager
async def load() -> AsyncIterator[Load]:
    """A load process for as long as the block runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    try:
        yield Load(process)
    finally:
        process.kill()
        await process.wait()
