"""``python -m benchmarks``: every figure, in some eight minutes; ``--only`` takes some parts.

Example: python -m benchmarks --only tokens tree
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import (
    bad_input,
    intake,
    machine,
    normalising,
    openings,
    page,
    report,
    starting,
    targets,
    tokens,
    tree,
    verifying_log,
    workers,
)
from benchmarks.measuring import Row

Tell = Callable[[str], None]


def _pure(rows: Callable[[], list[Row]]) -> Callable[[Tell], Awaitable[list[Row]]]:
    async def measured(_: Tell) -> list[Row]:
        return rows()

    return measured


PARTS: dict[str, Callable[[Tell], Awaitable[list[Row]]]] = {
    "intake": intake.rows,
    "openings": openings.rows,
    "workers": workers.rows,
    "starting": starting.rows,
    "bad-input": bad_input.rows,
    "normalising": _pure(normalising.rows),
    "tokens": _pure(tokens.rows),
    "tree": _pure(tree.rows),
    "log": verifying_log.rows,
}


async def measure(parts: list[str], output: Path | None) -> None:
    """Measure these parts one after another and print the tables.

    All parts together are a run: its files and its page are written. Some parts alone go where ``output`` says.
    """
    began, measured, told = time.monotonic(), dict[str, list[Row]](), list[str]()
    shape = await machine.shape()

    def tell(line: str) -> None:
        told.append(line)
        print(line, flush=True)

    for name in parts:
        measured[name] = await PARTS[name](tell)
        print(f"{name}: done after {time.monotonic() - began:.0f} s", flush=True)
    rows = [row for found in measured.values() for row in found]
    judged = targets.judged(rows)
    report.show(rows)
    report.show_targets([one for one in judged if one.held is not None or len(parts) == len(PARTS)])
    if output is not None or len(parts) == len(PARTS):
        report.write(rows, output or report.RESULTS)
    if output is None and len(parts) == len(PARTS):
        report.write_targets(judged, shape)
        page.write(measured, judged, shape, told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts alone")
    parser.add_argument("--output", type=Path, help="write the rows to this file alone")
    given = parser.parse_args()
    # Whoever ends this ends what it started too, and takes its queues and databases away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(measure(given.only, given.output))
