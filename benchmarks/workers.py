"""Several worker processes over one port: what a message costs then, and how far more of them take it.

python -m benchmarks.workers [WORKERS...]      the scaling run, for machines of six cores and more
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

from benchmarks.gateway import gateway
from benchmarks.intake import MANY, Ground, lay_ground, server_of
from benchmarks.measuring import Figure, Row, figure, in_turn
from benchmarks.subject import Subject, Taken
from sandbox.failures import HubFailed
from sandbox.hub import mash

PER_PROCESSOR = "messages a second of processor, two workers over one, PostgreSQL"
_SECONDS = 1.2


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """Two workers beside one, on PostgreSQL, where the gateway can have several."""
    if not possible():
        tell("no figure of two workers: this gateway has no --workers")
        return []
    async with AsyncExitStack() as stack:
        ground = await lay_ground(stack, lambda _: None)
        try:
            subjects = [await started(stack, ground, workers) for workers in (1, 2)]
        except HubFailed as error:
            tell(f"no figure of two workers: {error}")
            return []
        taken = await taken_in_turn(ground, subjects, MANY, _SECONDS)
        one, two = (taken[subject.name] for subject in subjects)
    ratios = tuple(first.cpu / max(second.cpu, 1e-9) for first, second in zip(one, two, strict=True))
    name = f"intake over MLLP, PostgreSQL, {MANY} connections, two workers"
    return [
        Row(name=PER_PROCESSOR, unit="ratio", figure=Figure(runs=ratios)),
        Row(
            name=name,
            unit="messages/s",
            figure=figure(two, lambda run: run.per_second),
            bound=figure(one, lambda run: run.per_second),
            bound_name="one worker",
        ),
    ]


def possible() -> bool:
    """Whether ``mash serve`` takes ``--workers``."""
    told = subprocess.run(mash("serve", "--help"), capture_output=True, text=True, check=False)
    return "--workers" in told.stdout


async def started(stack: AsyncExitStack, ground: Ground, workers: int) -> Subject:
    """A gateway with so many workers."""
    hub = await stack.enter_async_context(gateway(server_of("PostgreSQL"), broker=ground.url))
    await hub.start("--workers", str(workers), broker=ground.url)
    subject = hub.subject(ground.broker, ground.url)
    subject.name = f"{workers} worker{'s' * (workers > 1)}"
    return subject


async def taken_in_turn(
    ground: Ground, subjects: Sequence[Subject], connections: int, seconds: float
) -> dict[str, list[Taken]]:
    """Their runs over MLLP, in turn."""
    return await in_turn(
        {
            subject.name: partial(subject.take, ground.load, "mllp", connections=connections, seconds=seconds)
            for subject in subjects
        }
    )
