"""The log verified as ``mash log verify`` does it, beside one call of hashlib for each stored entry.

``make bench-log ENTRIES=1000000 DATABASE=postgresql://...`` measures a log of another size, alone.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.intake import DATABASES, server_of
from benchmarks.long_log import BEGAN, ORIGIN, OneKey, make
from benchmarks.measuring import Row, figure, in_turn
from crypto.commitment import commit_all
from gateway.log import Log
from gateway.log.recomputed import Recomputed
from gateway.store import Store
from gateway.store.direct import log_rows
from sandbox import servers
from sandbox.failures import HubFailed

ENTRIES = 200_000
RUNS = 3
MOST = 5.0
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One run: seconds, and of them on the processor, ours alone (PostgreSQL's are not among them)."""

    seconds: float
    processor: float


def title(entries: int, database: str) -> str:
    """The name of a row."""
    return f"log verified, {entries:,} entries, {database}"


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """On both databases."""
    made: list[Row] = []
    for database in DATABASES:
        try:
            made += await measured(ENTRIES, server_of(database), tell)
        except HubFailed as error:
            tell(f"no log verified on {database}: {error}")
    return made


async def measured(entries: int, server: str | None, tell: Callable[[str], None]) -> list[Row]:
    """A log of so many entries, made, verified, and hashed, in turns."""
    async with _store(server) as store:
        keys, began = OneKey(), time.monotonic()
        root = await make(store, keys.key, entries)
        tell(f"{entries:,} entries made in {time.monotonic() - began:.0f} s")
        log = Log(store, keys, origin=ORIGIN, random=os.urandom, clock=lambda: BEGAN)
        grown = list[float]()

        async def ours() -> Taken:
            processes.begin_peak_anew(os.getpid())
            before = processes.memory(os.getpid()).resident
            taken = await _timed(lambda: _verified(log, root))
            grown.append(processes.peak(os.getpid()) - before)
            return taken

        taken = await in_turn(
            {
                "ours": ours,
                "bound": lambda: _hashed(store, entries, lambda _, texts: [hashlib.sha256(x).digest() for x in texts]),
                "hashing": lambda: _hashed(store, entries, _Hashing()),
            },
            runs=RUNS,
            warm=False,
        )
    used = {name: figure(runs, lambda one: one.processor).median for name, runs in taken.items()}
    return [
        Row(
            name=title(entries, "SQLite" if server is None else "PostgreSQL"),
            unit="s",
            figure=figure(taken["ours"], lambda one: one.seconds),
            bound=figure(taken["bound"], lambda one: one.seconds),
            bound_name="one hashlib call for each stored entry",
            less_is_better=True,
            note=f"processor {used['ours'] / used['bound']:.1f} times the bound's, for its hashes alone"
            f" {used['hashing'] / used['bound']:.1f}; memory {max(grown):.0f} MiB more",
        )
    ]


class _Hashing:
    """The hashes that it takes, in memory: each commitment, each leaf and each node."""

    def __init__(self) -> None:
        self._tree = Recomputed()

    def __call__(self, salts: bytes, texts: list[bytes]) -> object:
        return self._tree.append(commit_all(salts, texts))


async def _hashed(store: Store, entries: int, work: Callable[[bytes, list[bytes]], object]) -> Taken:
    """``work`` over every entry; what reading them takes is not counted."""
    spent = processor = 0.0
    async with store.reading() as reading:
        for start in range(0, entries, _AT_ONCE):
            found = await log_rows.entries(reading.sets, start, min(start + _AT_ONCE, entries))
            texts, salts = [one.entry for one in found], b"".join(one.salt for one in found)
            began, used = time.perf_counter(), time.process_time()
            work(salts, texts)
            spent += time.perf_counter() - began
            processor += time.process_time() - used
    return Taken(seconds=spent, processor=processor)


async def _verified(log: Log, root: bytes) -> None:
    found = await log.verify()
    if not found.verified or found.root != root:
        raise AssertionError(found)


async def _timed(work: Callable[[], Awaitable[None]]) -> Taken:
    began, used = time.perf_counter(), time.process_time()
    await work()
    return Taken(seconds=time.perf_counter() - began, processor=time.process_time() - used)


@asynccontextmanager
async def _store(server: str | None) -> AsyncIterator[Store]:
    with tempfile.TemporaryDirectory(prefix="mash-log-") as folder:
        url = f"sqlite:///{Path(folder) / 'log.sqlite3'}" if server is None else await servers.create_database(server)
        store = Store.open(url)
        try:
            await store.upgrade()
            yield store
        finally:
            await store.close()
            if server is not None:
                await servers.drop_database(server, url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verifying_log", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--database", help="a PostgreSQL server to make a database on; SQLite without")
    given = parser.parse_args()
    for row in asyncio.run(measured(given.entries, given.database, print)):
        print(row.name, row.json())
