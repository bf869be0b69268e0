"""How far more worker processes take intake, on a machine that has cores for them.

python -m benchmarks.scaling [WORKERS...]
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import report
from benchmarks.intake import lay_ground
from benchmarks.measuring import Row, figure
from benchmarks.workers import possible, started, taken_in_turn

_SCALING_CONNECTIONS = 256
_SCALING_SECONDS = 5.0
_ENOUGH_CORES = 6


async def scaling(counts: Sequence[int], output: Path) -> None:
    """Rows for each count of workers, one after another."""
    cores = os.cpu_count() or 1
    if cores < _ENOUGH_CORES:
        print(f"{cores} cores: the workers, the database, the broker and the load share them; this says little")
    if not possible():
        raise SystemExit("this gateway has no --workers")
    async with AsyncExitStack() as stack:
        ground = await lay_ground(stack, print)
        subjects = [await started(stack, ground, workers) for workers in counts]
        taken = await taken_in_turn(ground, subjects, _SCALING_CONNECTIONS, _SCALING_SECONDS)
    first = taken[subjects[0].name]
    made = [
        Row(
            name=f"intake over MLLP, PostgreSQL, {_SCALING_CONNECTIONS} connections, {subject.name}",
            unit="messages/s",
            figure=figure(taken[subject.name], lambda run: run.per_second),
            bound=figure(first, lambda run: run.per_second),
            bound_name=subjects[0].name,
        )
        for subject in subjects
    ]
    report.show(made)
    report.write(made, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("workers", nargs="*", type=int, default=[1, 2, 4, 6], help="how many, one run for each")
    parser.add_argument("--output", type=Path, default=report.RESULTS.with_name("scaling.json"))
    given = parser.parse_args()
    asyncio.run(scaling(given.workers, given.output))
