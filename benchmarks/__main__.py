"""``python -m benchmarks``: every figure, in under three minutes. ``--only`` takes some, ``--output`` says where to.

Example: python -m benchmarks --only tokens tree
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import intake, normalising, openings, report, tokens, tree
from benchmarks.measuring import Row


async def _pure(rows: Callable[[], list[Row]]) -> list[Row]:
    return rows()


PARTS: dict[str, Callable[[], Awaitable[list[Row]]]] = {
    "intake": lambda: intake.rows(print),
    "openings": openings.rows,
    "normalising": lambda: _pure(normalising.rows),
    "tokens": lambda: _pure(tokens.rows),
    "tree": lambda: _pure(tree.rows),
}


async def measure(parts: list[str], output: Path) -> None:
    """Measure these parts one after another, print the table and write the file."""
    began, rows = time.monotonic(), list[Row]()
    for name in parts:
        rows += await PARTS[name]()
        print(f"{name}: done after {time.monotonic() - began:.0f} s", flush=True)
    report.show(rows)
    report.write(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts alone")
    parser.add_argument("--output", type=Path, default=report.RESULTS, help="the file to write")
    given = parser.parse_args()
    asyncio.run(measure(given.only, given.output))
