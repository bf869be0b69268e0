"""How soon a gateway serves, and what it needs while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks import processes
from benchmarks.gateway import gateway
from benchmarks.intake import DATABASES, server_of
from benchmarks.measuring import RUNS, Row, figure
from sandbox.failures import HubFailed

_QUIET_SECONDS = 0.5


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """From the start of the process to the first answer of ``/readyz``; then its memory."""
    made: list[Row] = []
    for database in DATABASES:
        try:
            made += await _on(database)
        except HubFailed as error:
            tell(f"no start on {database}: {error}")
    return made


def start_title(database: str) -> str:
    """The name of a row."""
    return f"start to ready, {database}"


def memory_title(database: str) -> str:
    """The name of a row."""
    return f"idle memory of a process, {database}"


async def _on(database: str) -> list[Row]:
    started, used = list[float](), list[processes.Memory]()
    async with gateway(server_of(database)) as hub:
        for _ in range(RUNS + 1):
            await hub.start()
            await asyncio.sleep(_QUIET_SECONDS)
            started.append(hub.started_in)
            used += [processes.memory(pid) for pid in processes.tree(hub.pid)]
            await hub.stop()
    return [
        # The first start is not counted: it may have to compile everything.
        Row(name=start_title(database), unit="s", figure=figure(started[1:], float), less_is_better=True),
        Row(
            name=memory_title(database),
            unit="MiB",
            figure=figure(used, lambda one: one.resident),
            less_is_better=True,
            note="resident set",
        ),
        Row(
            name=f"{memory_title(database)}, proportional",
            unit="MiB",
            figure=figure(used, lambda one: one.proportional),
            less_is_better=True,
            note="its part of what processes share",
        ),
    ]
