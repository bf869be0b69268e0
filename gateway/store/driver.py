"""Straight to the driver: a handful of statements that a hot path runs together, in the transaction of its work.

SQLAlchemy and its asynchronous adapters cost several turns of the loop and a few hundred microseconds for a statement.
What runs here costs one turn for all of them on SQLite, and one round trip each on PostgreSQL. Everything else about a
transaction (its beginning, its commit, its connection) stays SQLAlchemy's.

SQLite's thread gives the interpreter up and asks for it again at every step, which is every row; beside a busy loop
each of these waits. So rows go in and come out as one: as many values in one statement, and as one JSON array.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.columns import Instant
from gateway.store.failure import translated

Rows: TypeAlias = "list[Sequence[Any]]"
_AT_ONCE = 200
"""Rows that one statement of SQLite takes: ten values each stay below its limit of variables."""
_INSTANT = Instant()
_DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call] # theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """One statement in the words of each database, and the table that it ``writes`` to, if it writes.

    Of an ``Each``, ``{rows}`` stands for the rows on SQLite, and on PostgreSQL each column is an array; a query that
    answers on SQLite with one value, a JSON array of its rows, names in ``octets`` the columns that are bytes in
    hexadecimal there.
    """

    sqlite: str
    postgresql: str
    writes: str | None = None
    octets: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A statement to be run once; its rows are the answer."""

    sql: Sql
    values: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """A statement to be run for each of several rows; it answers nothing."""

    sql: Sql
    rows: Sequence[Sequence[Any]]


class Driver:
    """The driver of one open transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.dialect = connection.dialect.name
        self._connection = connection

    def instant(self, value: datetime | None) -> Any:  # noqa: ANN401 - what the driver takes
        """An aware time as this database keeps it."""
        return _INSTANT.process_bind_param(value, _DIALECTS[self.dialect])

    def moment(self, value: Any) -> datetime | None:  # noqa: ANN401 - what the driver gives
        """The aware UTC time that this database kept."""
        return _INSTANT.process_result_value(value, _DIALECTS[self.dialect])

    def texts(self, values: Iterable[str]) -> Any:  # noqa: ANN401 - what the driver takes
        """Several texts as the one value that ``json_each`` (SQLite) or an array (PostgreSQL) takes."""
        listed = list(values)
        return json.dumps(listed) if self.dialect == "sqlite" else listed

    async def run(self, statements: Sequence[Once | Each]) -> list[Rows]:
        """Run these in their order; the rows of each.

        Raises:
            Unavailable: the database is out of reach, or other work is in the way.
        """
        with translated():
            raw = await self._connection.get_raw_connection()
            driver: Any = raw.driver_connection
            if self.dialect == "sqlite":
                # One turn of the driver's thread for all of them; its public methods take one statement each.
                found: list[Rows] = await driver._execute(_on_sqlite, driver._conn, statements)  # noqa: SLF001
                return [_unfolded(statement, rows) for statement, rows in zip(statements, found, strict=True)]
            if not driver.is_in_transaction():
                # SQLAlchemy's adapter begins with the first statement that goes through it.
                await self._connection.exec_driver_sql("SELECT 1")
            return [await _on_postgres(driver, statement) for statement in statements]


def _on_sqlite(connection: sqlite3.Connection, statements: Sequence[Once | Each]) -> list[Rows]:
    found: list[Rows] = []
    for statement in statements:
        if isinstance(statement, Each):
            _on_each(connection, statement)
            found.append([])
        else:
            found.append(connection.execute(statement.sql.sqlite, statement.values).fetchall())
    return found


def _on_each(connection: sqlite3.Connection, statement: Each) -> None:
    width = len(statement.rows[0]) if statement.rows else 1
    row = f"({', '.join('?' * width)})"
    for start in range(0, len(statement.rows), _AT_ONCE):
        rows = statement.rows[start : start + _AT_ONCE]
        text = statement.sql.sqlite.replace("{rows}", ", ".join([row] * len(rows)))
        connection.execute(text, [value for one in rows for value in one])


def _unfolded(statement: Once | Each, rows: Rows) -> Rows:
    octets = statement.sql.octets
    if octets is None:
        return rows
    unfolded: Rows = json.loads(rows[0][0])
    for row in unfolded:
        for place in octets:
            if row[place] is not None:
                row[place] = bytes.fromhex(row[place])  # type: ignore[index] # lists, fresh from JSON
    return unfolded


async def _on_postgres(driver: Any, statement: Once | Each) -> Rows:  # noqa: ANN401 - asyncpg's, untyped
    if isinstance(statement, Each) and not statement.rows:
        return []
    if isinstance(statement, Each):
        # One array for each column: one statement, however many rows.
        await driver.execute(statement.sql.postgresql, *(list(column) for column in zip(*statement.rows, strict=True)))
        return []
    return list(await driver.fetch(statement.sql.postgresql, *statement.values))
