"""The two databases of a bound, with the durability that the gateway has: each batch is one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from benchmarks.bounds.admitting import Arrived, Before, Change, Known, finish
from benchmarks.bounds.tables import INTAKE
from benchmarks.bounds.tree import Tree

_BEFORE = (
    "SELECT native_hash, m.id, scope, answer_sealed, wrapped FROM messages m JOIN scopes s ON s.id = scope"
    " WHERE feed = 'bench' AND native_hash {among}"
)
_KNOWN = (
    "SELECT hash, p.id, p.scope, p.sealed, wrapped FROM person_terms JOIN persons p ON p.id = person_id"
    " JOIN scopes s ON s.id = p.scope WHERE hash {among}"
)
_USED = "SELECT value_hash FROM seen WHERE kind = 'dpop' AND value_hash {among}"
_REFRESH = "UPDATE persons SET sealed = ?, updated_at = ? WHERE id = ?"


_PLANS = {"plan_cache_mode": "force_custom_plan"}
"""Tables that fill within a minute have no statistics: a plan of their first second would stay and read all of them."""
_WRAPPED = "(SELECT wrapped FROM scopes s WHERE s.id = {}.scope)"
_ALL = (
    f"SELECT 'before', native_hash, m.id, m.scope, answer_sealed, {_WRAPPED.format('m')} FROM messages m"  # noqa: S608 - names of ours alone
    " WHERE feed = 'bench' AND native_hash = ANY($1::text[])"
    f" UNION ALL SELECT 'known', hash, p.id, p.scope, p.sealed, {_WRAPPED.format('p')} FROM person_terms"
    " CROSS JOIN LATERAL (SELECT id, scope, sealed FROM persons WHERE id = person_id OFFSET 0) p"
    " WHERE hash = ANY($2::text[])"
    " UNION ALL SELECT 'used', value_hash, NULL, NULL, NULL, NULL FROM seen"
    " WHERE kind = 'dpop' AND value_hash = ANY($3::text[])"
)


class Store(Protocol):
    """Commits batches of arrivals; ``gone`` are notices that the broker confirmed, deleted by the same commit."""

    async def commit(self, batch: Sequence[Arrived], gone: Sequence[str]) -> Change:
        """What was written, once it is durable."""


class Sqlite:
    """Write-ahead log, synchronous FULL, one thread: the event loop reads and seals what comes next meanwhile."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._tree = Tree()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {setting}")
        for table in INTAKE.values():
            self._connection.execute(table.create(sqlite=True))

    async def commit(self, batch: Sequence[Arrived], gone: Sequence[str]) -> Change:
        """One transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, batch, gone)

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        self._connection.close()

    def _commit(self, batch: Sequence[Arrived], gone: Sequence[str]) -> Change:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        before = self._found(_BEFORE, [one.identity for one in batch])
        known = self._found(_KNOWN, [one.term for one in batch])
        used = self._found(_USED, [one.used for one in batch if one.used])
        change = finish(
            batch,
            {row[0]: Before(*row[1:]) for row in before},
            {row[0]: Known(*row[1:]) for row in known},
            frozenset(row[0] for row in used),
            self._tree,
        )
        for name, rows in change.rows.items():
            connection.executemany(INTAKE[name].insert_each(), [tuple(map(_plain, row)) for row in rows])
        if change.refreshed:
            refreshed = [(sealed, at.isoformat(), person) for sealed, at, person in change.refreshed]
            connection.executemany(_REFRESH, refreshed)
        if gone:
            connection.executemany("DELETE FROM notices WHERE id = ?", [(one,) for one in gone])
        connection.execute("COMMIT")
        return change

    def _found(self, statement: str, values: list[str]) -> list[Any]:
        if not values:
            return []
        among = f"IN ({','.join('?' * len(values))})"
        return self._connection.execute(statement.format(among=among), values).fetchall()


class Postgres:
    """One connection: a batch is one look into the store and one statement that writes everything, in a transaction.

    The next batch gathers meanwhile.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._tree = Tree()
        self._write, self._places = _written_at_once()

    async def commit(self, batch: Sequence[Arrived], gone: Sequence[str]) -> Change:
        """One transaction."""
        asked = ([one.identity for one in batch], [one.term for one in batch], [one.used for one in batch if one.used])
        async with self._connection.transaction():
            found: dict[str, list[Any]] = {"before": [], "known": [], "used": []}
            for kind, *row in await self._connection.fetch(_ALL, *asked):
                found[kind].append(row)
            change = finish(
                batch,
                {row[0]: Before(*row[1:]) for row in found["before"]},
                {row[0]: Known(*row[1:]) for row in found["known"]},
                frozenset(row[0] for row in found["used"]),
                self._tree,
            )
            columns: list[Sequence[object]] = []
            for name, width in self._places:
                rows = change.rows.get(name, [])
                columns += zip(*rows, strict=True) if rows else [()] * width
            columns += zip(*change.refreshed, strict=True) if change.refreshed else [()] * 3
            await self._connection.execute(self._write, *columns, gone)
        return change


def _written_at_once() -> tuple[str, list[tuple[str, int]]]:
    """The statement that writes a batch, and how many of its arguments belong to each table, in order."""
    parts, places, first = list[str](), list[tuple[str, int]](), 1
    for table in INTAKE.values():
        parts.append(f"{table.name}_in AS ({table.insert_all(first)})")
        places.append((table.name, len(table.columns)))
        first += len(table.columns)
    arrays = f"${first}::bytea[], ${first + 1}::timestamptz[], ${first + 2}::text[]"
    source = f"unnest({arrays}) AS n(sealed, at, id)"
    update = f"UPDATE persons SET sealed = n.sealed, updated_at = n.at FROM {source} WHERE persons.id = n.id"  # noqa: S608 - names of ours alone
    parts.append(f"refreshed AS ({update})")
    return f"WITH {', '.join(parts)} DELETE FROM notices WHERE id = ANY(${first + 3}::text[])", places  # noqa: S608 - names of ours alone


@asynccontextmanager
async def store(url: str) -> AsyncIterator[Store]:
    """The store behind ``sqlite:///FILE`` or ``postgresql://...``, its tables made."""
    if url.startswith("sqlite"):
        embedded = Sqlite(url.removeprefix("sqlite:///"))
        yield embedded
        embedded.close()
        return
    connection = await asyncpg.connect(url, server_settings=_PLANS)
    try:
        for table in INTAKE.values():
            await connection.execute(table.create(sqlite=False))
        yield Postgres(connection)
    finally:
        await connection.close()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
