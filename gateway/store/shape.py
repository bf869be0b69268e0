"""How a record and its table's rows become one another: a field is the column of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, fields
from operator import attrgetter
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import Insert, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Dataclass)


def inserting(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the dialect's own insert, which knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


class Shape(Generic[R]):
    """One record's table, with the statements that never change built once."""

    def __init__(self, table: Table, record: type[R]) -> None:
        self.table = table
        self.names = tuple(field.name for field in fields(record))
        self.select: Select[*tuple[Any, ...]] = select(*(table.c[name] for name in self.names))
        self._record = record
        self._fields = attrgetter(*self.names)
        keys = [column.name for column in table.primary_key]
        rest = [name for name in self.names if name not in keys]
        self._unless_there: dict[str, Insert] = {}
        self._over: dict[str, Insert] = {}
        for dialect in ("sqlite", "postgresql"):
            insert = inserting(dialect, table)
            self._unless_there[dialect] = insert.on_conflict_do_nothing()
            changes = {name: insert.excluded[name] for name in rest}
            self._over[dialect] = insert.on_conflict_do_update(index_elements=keys, set_=changes)

    def values(self, record: R) -> dict[str, Any]:
        """Return a record as its row."""
        return dict(zip(self.names, self._fields(record), strict=True))

    def record(self, row: Sequence[Any]) -> R:
        """Return a row of ``select`` as its record."""
        return self._record(**dict(zip(self.names, row, strict=True)))

    def insert_unless_there(self, dialect: str) -> Insert:
        """Return the insert that does nothing where any unique key is taken."""
        return self._unless_there[dialect]

    def insert_over(self, dialect: str) -> Insert:
        """Return the insert that overwrites the row with the same primary key."""
        return self._over[dialect]
