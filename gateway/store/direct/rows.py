"""How a table's rows are read and written many at a time: an insert, one that passes over what is there, an update.

SQLite runs a prepared statement for each row; PostgreSQL takes a whole column as one array, in one round trip.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from gateway.store.columns import Headers, Instant, Names
from gateway.store.direct.statement import Statement, Write

R = TypeVar("R")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Convert = Callable[[Any], Any]
_Update = tuple[tuple[str, ...], tuple[str, ...], str]


class Rows(Generic[R]):
    """The rows of one table. ``names`` are the columns, in the order in which ``of`` takes them from a record."""

    def __init__(self, table: Table, names: Sequence[str], of: Callable[[R], tuple[Any, ...]]) -> None:
        self.table = table.name
        self.names = tuple(names)
        self.columns = ", ".join(f'{table.name}."{name}"' for name in names)
        self._table = table
        self._of = of
        self._converts = {dialect: _converts(table, self.names, dialect) for dialect in ("sqlite", "postgresql")}
        self._from_sqlite = _converts_back(table, self.names)
        self._insert = self._inserting("")
        self._insert_new = self._inserting(" ON CONFLICT DO NOTHING")
        self._updates: dict[_Update, tuple[Statement, Callable[[Any], Any]]] = {}

    @classmethod
    def of_records(cls, table: Table, record: type[R]) -> Rows[R]:
        """The writes of a table whose rows are these records: a field is the column of the same name."""
        names = tuple(field.name for field in fields(record))  # type: ignore[arg-type]
        return cls(table, names, attrgetter(*names))

    def insert(self, dialect: str, records: Iterable[R]) -> Write:
        """Every record as a new row. A key that is taken is a bug of the caller's."""
        return Write(self._insert, self.table, self._rows(dialect, records))

    def insert_new(self, dialect: str, records: Iterable[R], *, whole: bool = False) -> Write:
        """Every record whose unique keys are free. A rival's row that is not committed yet is waited for."""
        return Write(self._insert_new, self.table, self._rows(dialect, records), whole)

    def update(
        self, dialect: str, changed: Sequence[str], by: Sequence[str], records: Iterable[R], *, also: str = ""
    ) -> Write:
        """These columns of the rows that agree with each record in the columns ``by``; ``whole``.

        ``also`` is one more assignment, in SQL.
        """
        which = (tuple(changed), tuple(by), also)
        if which not in self._updates:
            self._updates[which] = self._updating(*which)
        statement, pick = self._updates[which]
        return Write(statement, self.table, [pick(row) for row in self._rows(dialect, records)], whole=True)

    def records(self, dialect: str, rows: Iterable[Sequence[Any]], record: Callable[..., R]) -> list[R]:
        """The records of rows that the driver read, whose columns are ``columns``."""
        converts = self._from_sqlite if dialect == "sqlite" else ()
        found = []
        for row in rows:
            values = dict(zip(self.names, row, strict=True))
            for name, convert in converts:
                if values[name] is not None:
                    values[name] = convert(values[name])
            found.append(record(**values))
        return found

    def _rows(self, dialect: str, records: Iterable[R]) -> list[tuple[Any, ...]]:
        converts, rows = self._converts[dialect], []
        for record in records:
            row = self._of(record)
            if converts:
                changed = list(row)
                for place, convert in converts:
                    if changed[place] is not None:
                        changed[place] = convert(changed[place])
                row = tuple(changed)
            rows.append(row)
        return rows

    def _inserting(self, ending: str) -> Statement:
        columns = ", ".join(f'"{name}"' for name in self.names)
        marks = ", ".join("?" * len(self.names))
        arrays = self._arrays(self.names)
        return Statement(
            sqlite=f"INSERT INTO {self.table} ({columns}) VALUES ({marks}){ending}",
            postgres=f"INSERT INTO {self.table} ({columns}) SELECT * FROM unnest({arrays}){ending}",
        )

    def _updating(
        self, changed: tuple[str, ...], by: tuple[str, ...], also: str
    ) -> tuple[Statement, Callable[[Any], Any]]:
        order = [self.names.index(name) for name in (*changed, *by)]
        more = [also] if also else []
        fresh = ", ".join([*(f'"{name}" = fresh.c{place}' for place, name in enumerate(changed)), *more])
        same = " AND ".join(f'{self.table}."{name}" = fresh.c{len(changed) + place}' for place, name in enumerate(by))
        columns = ", ".join(f"c{place}" for place in range(len(order)))
        assign = ", ".join([*(f'"{name}" = ?' for name in changed), *more])
        where = " AND ".join(f'"{name}" = ?' for name in by)
        statement = Statement(
            sqlite=f"UPDATE {self.table} SET {assign} WHERE {where}",
            postgres=f"UPDATE {self.table} SET {fresh} "
            f"FROM unnest({self._arrays((*changed, *by))}) AS fresh({columns}) WHERE {same}",
        )
        return statement, lambda row: tuple(row[place] for place in order)

    def _arrays(self, names: Sequence[str]) -> str:
        types = (_array_type(self._table.c[name].type) for name in names)
        return ", ".join(f"${place}::{kind}" for place, kind in enumerate(types, start=1))


def _converts(table: Table, names: Sequence[str], dialect: str) -> tuple[tuple[int, Convert], ...]:
    found: list[tuple[int, Convert]] = []
    for place, name in enumerate(names):
        kind = table.c[name].type
        if isinstance(kind, Instant) and dialect == "sqlite":
            found.append((place, to_microseconds))
        elif isinstance(kind, Names):
            found.append((place, _to_json_list))
        elif isinstance(kind, Headers):
            found.append((place, _to_json_object))
    return tuple(found)


def to_microseconds(moment: datetime) -> int:
    """How SQLite keeps a moment: whole microseconds since 1970 (see ``gateway.store.columns``).

    Raises:
        ValueError: a time without its zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    return (moment - _EPOCH) // _MICROSECOND


def to_moment(microseconds: int) -> datetime:
    """The moment, in UTC, that SQLite keeps as this number."""
    return _EPOCH + microseconds * _MICROSECOND


def _to_json_list(values: Sequence[str]) -> str:
    return json.dumps(list(values), separators=(",", ":"))


def _to_json_object(values: Any) -> str:  # noqa: ANN401 - a mapping of texts
    return json.dumps(dict(values), separators=(",", ":"))


def _converts_back(table: Table, names: Sequence[str]) -> tuple[tuple[str, Convert], ...]:
    found: list[tuple[str, Convert]] = []
    for name in names:
        kind = table.c[name].type
        if isinstance(kind, Instant):
            found.append((name, to_moment))
        elif isinstance(kind, Boolean):
            found.append((name, bool))
    return tuple(found)


def _array_type(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, Instant):
        return "timestamptz[]"
    if isinstance(kind, LargeBinary):
        return "bytea[]"
    if isinstance(kind, Boolean):
        return "boolean[]"
    if isinstance(kind, BigInteger):
        return "bigint[]"
    if isinstance(kind, Integer):
        return "integer[]"
    return "text[]"
