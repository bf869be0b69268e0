"""``make bench-linking``: what linking one notification costs where few and where many people are known, in turns.

A notification names one child without a number; half of the children are known. Measured is what the intake does to
tell who it is: hashing the keys, reading blocks, opening and comparing, and reading the referrals of whom it found.

Example: python -m benchmarks.linking --sizes 10000,1000000,10000000 --database postgresql://postgres@127.0.0.1/postgres
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway import gateway
from benchmarks.linking.crowd import Crowd
from benchmarks.measuring import RUNS, Figure, rounded, turns
from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.intake.loading import load
from gateway.intake.persons import Persons
from gateway.intake.working_set import WorkingSet
from gateway.strongbox import Strongbox

RESULTS = Path(__file__).parents[1] / "linking.json"
_SIZES = "10000,1000000"
_MOST = 1.5
NOTIFICATIONS = 200
"""In one run."""


@dataclass(kw_only=True)
class Known:
    """A gateway that knows a crowd."""

    gateway: Gateway
    persons: Persons
    crowd: Crowd
    done: int = 0
    linked: int = 0

    async def run(self) -> float:
        """Link so many notifications; microseconds for each."""
        children = [self.crowd.person(self._number(self.done + place)) for place in range(NOTIFICATIONS)]
        self.done += NOTIFICATIONS
        began = time.perf_counter()
        for child in children:
            wanted = self.persons.wanted([child])
            async with self.gateway.store.direct() as work:
                known = await load(work, self.gateway.vault, wanted)
                found = self.persons.known(WorkingSet(known), [child])
            self.linked += found[child.ref].person_id is not None
        return (time.perf_counter() - began) / NOTIFICATIONS * 1e6

    def _number(self, place: int) -> int:
        """Every other one is known, spread over all that there are; the others are strangers."""
        return self.crowd.size + place if place % 2 else place * 7919 % self.crowd.size


async def measure(sizes: Sequence[int], server: str | None) -> dict[int, list[float]]:
    """Microseconds for each size, run after run."""
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    async with AsyncExitStack() as stack:
        known: dict[int, Known] = {}
        for size in sizes:
            place = await stack.enter_async_context(gateway(server))
            loaded = settings.load(place.hub.config, {**os.environ, **place.hub.environment()})
            parts = await stack.enter_async_context(bootstrap(loaded))
            persons = Persons(parts.world, parts.keys, parts.vault, Strongbox(parts.vault))
            one = Known(gateway=parts, persons=persons, crowd=Crowd(size=size))
            began = time.monotonic()
            await one.crowd.make(parts, persons, lambda line: print(line, flush=True))
            print(f"{size:,} people made in {time.monotonic() - began:.0f} s", flush=True)
            await one.run()  # not counted
            known[size] = one
        for turn in turns([str(size) for size in sizes], RUNS):
            taken[int(turn)].append(await known[int(turn)].run())
        for one in known.values():
            assert one.linked >= one.done // 2 * 0.8, "whom it knows it finds"
    return taken


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linking", description=__doc__)
    parser.add_argument("--sizes", default=_SIZES, help="how many people are known, smallest first")
    parser.add_argument("--database", help="a PostgreSQL server to make databases on; SQLite without")
    given = parser.parse_args()
    taken = asyncio.run(measure([int(one) for one in given.sizes.split(",")], given.database))
    database = "PostgreSQL" if given.database else "SQLite"
    smallest = Figure(runs=tuple(next(iter(taken.values())))).median
    rows = []
    for size, runs in taken.items():
        median = Figure(runs=tuple(runs)).median
        ratio = median / smallest
        print(f"{size:,} people: {median:,.0f} us ({min(runs):,.0f} to {max(runs):,.0f}), {ratio:.2f} of the smallest")
        rows.append(
            {
                "name": f"linking one notification, {size} people, {database}",
                "value": rounded(median),
                "unit": "us",
                "runs": len(runs),
                "ratio_to_smallest": rounded(ratio),
                "held": ratio <= _MOST,
            }
        )
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
