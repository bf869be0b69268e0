"""``make bench-growth``: the hot path on small and large histories, measured in turns.

Example: python -m benchmarks.growth --sizes 10000,1000000,10000000 --database postgresql://postgres@127.0.0.1/postgres
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks import openings
from benchmarks.bars import Bar, Chart, render
from benchmarks.gateway import gateway
from benchmarks.growth.figures import CONNECTIONS, OPENINGS, Grown, messages
from benchmarks.growth.past import BODY, Past
from benchmarks.measuring import RUNS, Figure, rounded, turns
from benchmarks.page import FOLDER
from gateway import settings
from gateway.bootstrap import bootstrap
from sandbox.keys import client_keys

RESULTS = Path(__file__).parents[1] / "growth.json"
_SIZES = "10000,1000000"
_MOST = 1.5
Taken = dict[str, dict[int, list[float]]]


async def measure(sizes: Sequence[int], server: str | None) -> Taken:
    """Microseconds of each thing on each size, run after run."""
    taken: Taken = {name: {size: [] for size in sizes} for name in ("intake", "look-up", "proof", "opening")}
    async with AsyncExitStack() as stack:
        grown = {size: await stack.enter_async_context(_grown(size, server)) for size in sizes}
        for one in grown.values():
            await one.intake(messages(0))  # not counted
        sent = {size: len(messages(0)) for size in sizes}
        for place in turns([str(size) for size in sizes], RUNS):
            one = grown[int(place)]
            taken["intake"][one.size].append(await one.intake(messages(sent[one.size])))
            sent[one.size] += len(messages(0))
            taken["look-up"][one.size].append(await one.look_up())
            taken["proof"][one.size].append(await one.proof())
            taken["opening"][one.size].append(await one.opening())
            await one.gateway.log.sequence()
    return taken


@asynccontextmanager
async def _grown(size: int, server: str | None) -> AsyncIterator[Grown]:
    lead = client_keys("health", "lead", recipient=True, grants=("mailbox", "open", "disclose"))
    async with gateway(server, more=[lead]) as place:
        loaded = settings.load(place.hub.config, {**os.environ, **place.hub.environment()})
        async with bootstrap(loaded) as parts:
            began = time.monotonic()
            await Past(gateway=parts, size=size).make(lambda line: print(line, flush=True))
            print(f"{size:,} notifications made in {time.monotonic() - began:.0f} s", flush=True)
            one = Grown(gateway=parts, size=size)
            wanted = OPENINGS * RUNS
            for number in range(0, wanted, OPENINGS):
                await openings.asked(parts, 900_000 + number, OPENINGS)
            async with parts.store.reading() as work:
                referrals = await work.referrals.page(states=["gathering"], limit=RUNS + 1)
                for referral in referrals:
                    one.envelopes += [envelope.id for envelope in await work.envelopes.of_referral(referral.id)]
            yield one


def show(taken: Taken, database: str) -> list[str]:
    """The table, as Markdown, each figure with its ratio to that of the smallest history."""
    sizes = list(next(iter(taken.values())))
    lines = [
        "# Results of `make bench-growth`",
        "",
        "Written by `make bench-growth`; [what is measured and how](../benchmarks.md). Microseconds: medians, in",
        "brackets the lowest and the highest run; then the ratio of the largest history to the smallest.",
        f"On {database}, {CONNECTIONS} senders, {OPENINGS} readers, without HTTP; what nobody opens of the past that",
        f"was made is {BODY} bytes long.",
        "",
        "| " + " | ".join(["", *(f"{size:,} notifications" for size in sizes), "largest over smallest", ""]) + " |",
        "|---" * (len(sizes) + 3) + "|",
    ]
    for name, by_size in taken.items():
        cells = [f"{_median(runs):,.0f} ({min(runs):,.0f} to {max(runs):,.0f})" for runs in by_size.values()]
        ratio = _median(by_size[sizes[-1]]) / _median(by_size[sizes[0]])
        held = "held" if ratio <= _MOST else f"over {_MOST}"
        lines.append("| " + " | ".join([name, *cells, f"{ratio:.2f}", held]) + " |")
    return lines


def _median(runs: Sequence[float]) -> float:
    return Figure(runs=tuple(runs)).median


def write(taken: Taken, database: str) -> None:
    """The results as JSON, as a page, and as a plot."""
    rows = [
        {
            "name": f"{name}, {size} notifications, {database}",
            "value": rounded(_median(runs)),
            "unit": "us",
            "runs": len(runs),
            "ratio_to_smallest": rounded(_median(runs) / _median(next(iter(by_size.values())))),
        }
        for name, by_size in taken.items()
        for size, runs in by_size.items()
    ]
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    sizes = list(next(iter(taken.values())))
    chart = Chart(
        title="The hot path as history grows",
        unit="microseconds; the line is from the lowest run to the highest",
        legend=tuple(f"{size:,}" for size in sizes),
        groups=tuple(
            (
                name,
                tuple(
                    Bar(series=place, value=_median(runs), lowest=min(runs), highest=max(runs))
                    for place, runs in enumerate(by_size.values())
                ),
            )
            for name, by_size in taken.items()
        ),
        logarithmic=True,
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "growth.svg").write_text(render(chart), encoding="utf-8")
    page = [*show(taken, database), "", "![The hot path as history grows](growth.svg)"]
    (FOLDER / "growth.md").write_text("\n".join(page) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--sizes", default=_SIZES, help="how many notifications each history holds, smallest first")
    parser.add_argument("--database", help="a PostgreSQL server to make databases on; SQLite without")
    given = parser.parse_args()
    sizes = [int(one) for one in given.sizes.split(",")]
    taken = asyncio.run(measure(sizes, given.database))
    database = "PostgreSQL" if given.database else "SQLite"
    print("\n".join(show(taken, database)))
    write(taken, database)


if __name__ == "__main__":
    main()
