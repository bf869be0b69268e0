"""One open transaction and the few ways that repositories speak through it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, CursorResult, Executable, Row, Table, exc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.direct.within import Within
from gateway.store.failure import translated
from gateway.store.shape import R, Shape, inserting
from schemas.errors import Conflict, Unknown


class Transaction:
    """A transaction on one connection; finished by its commit, or rolled back when the connection closes.

    Raises:
        Unavailable: from every method, where the database is out of reach or other work is in the way.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.dialect = connection.dialect.name
        self._connection = connection
        self._finished = False
        self.sets = Within(connection, self._open)

    async def begin(self) -> None:
        """Begin. On SQLite a writing transaction takes the write lock here."""
        with translated():
            _ = await self._connection.begin()

    async def commit(self) -> None:
        """Make all of it durable, or none of it."""
        self._open()
        self._finished = True
        with translated():
            try:
                await self._connection.commit()
            except exc.DBAPIError:
                # SQLite keeps a transaction open whose commit failed, and SQLAlchemy takes it for ended.
                await self._connection.invalidate()
                raise

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one statement, once or for each of several rows."""
        self._open()
        with translated():
            return await self._connection.execute(statement, values)

    async def rows(self, statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return all rows of a query."""
        return (await self.execute(statement)).all()

    async def change(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run an insert, update or delete; return how many rows it touched."""
        return (await self.execute(statement, values)).rowcount

    async def add(self, shape: Shape[R], record: R) -> None:
        """Insert a record. A key that is taken is a bug of the caller's."""
        await self.execute(shape.table.insert(), shape.values(record))

    async def add_new(self, shape: Shape[R], record: R) -> bool:
        """Insert a record unless one of its unique keys is taken; tell whether it was inserted.

        A rival transaction that holds the key is waited for: if it commits, the answer is False.
        """
        return await self.change(shape.insert_unless_there(self.dialect), shape.values(record)) == 1

    async def add_missing(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert those of the rows whose unique keys are free."""
        if rows:
            await self.execute(inserting(self.dialect, table).on_conflict_do_nothing(), rows)

    async def count(self, table: Table, key: Mapping[str, Any], number: int) -> None:
        """Add to the ``count`` of the row with this primary key, which begins at 0."""
        insert = inserting(self.dialect, table)
        total = {"count": table.c.count + insert.excluded.count}
        statement = insert.on_conflict_do_update(index_elements=[*key], set_=total)
        await self.execute(statement, {**key, "count": number})

    async def put(self, shape: Shape[R], record: R) -> None:
        """Insert a record, over one with the same primary key if there is one."""
        await self.execute(shape.insert_over(self.dialect), shape.values(record))

    async def first(self, shape: Shape[R], *where: ColumnElement[bool], lock: bool = False) -> R | None:
        """Return the one record that matches, or None; with ``lock``, no other work locks it until this one ends."""
        statement = shape.select.where(*where)
        if lock:
            # FOR NO KEY UPDATE: rows that refer to this one may still be added meanwhile. SQLite is locked as a whole.
            statement = statement.with_for_update(key_share=True)
        row = (await self.execute(statement)).one_or_none()
        return None if row is None else shape.record(row)

    async def every(
        self,
        shape: Shape[R],
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]],
        limit: int | None = None,
    ) -> list[R]:
        """Return all records that match, in this order, up to ``limit``."""
        statement = shape.select.where(*where).order_by(*order).limit(limit)
        return [shape.record(row) for row in await self.rows(statement)]

    async def save(self, shape: Shape[R], record: R, names: Sequence[str], *where: ColumnElement[bool]) -> bool:
        """Write these fields of a record over the row that matches; tell whether there was one."""
        values = shape.values(record)
        return await self.change(shape.table.update().where(*where).values({n: values[n] for n in names})) == 1

    @asynccontextmanager
    async def unless_taken(self, code: str, detail: str) -> AsyncIterator[None]:
        """Let what runs inside fail alone, not the whole transaction, where a unique key is taken.

        Raises:
            Conflict: with this code.
        """
        self._open()
        try:
            async with self._connection.begin_nested():
                yield
        except exc.IntegrityError as error:
            raise Conflict(code, detail) from error

    async def hold(self, number: int) -> None:
        """Wait for, and keep to the end, the one lock of this number. On SQLite the write lock is that already."""
        if self.dialect == "postgresql":
            await self.execute(select(func.pg_advisory_xact_lock(number)))

    def _open(self) -> None:
        if self._finished:
            raise RuntimeError("this work is committed: open another")


def unknown(noun: str) -> NoReturn:
    """Say that there is no such thing."""
    raise Unknown(f"{noun}.unknown", f"there is no such {noun}")
