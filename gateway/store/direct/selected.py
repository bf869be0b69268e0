"""A query of columns of tables, whose values come as Python's on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Boolean, Column, Table

from gateway.store.columns import Instant, Names
from gateway.store.direct.driver import Found
from gateway.store.direct.rows import to_moment
from gateway.store.direct.statement import Query, reading

Columns = Sequence["Column[Any]"]
_Converts = list[tuple[int, Callable[[Any], Any]]]


class Selected:
    """These columns, ``rest`` being what follows them in the text of the query: see ``statement`` for its words."""

    def __init__(self, columns: Columns, rest: str) -> None:
        named = ", ".join(f'{one.table.name}."{one.name}"' for one in columns)
        self._statement = reading(f"SELECT {named} {rest}")
        names: _Converts = [(place, _to_names) for place, one in enumerate(columns) if isinstance(one.type, Names)]
        self._converts = {"postgresql": names, "sqlite": [*names, *_from_sqlite(columns)]}

    def query(self, *parameters: Any) -> Query:  # noqa: ANN401 - texts, numbers or lists of texts
        """The query with its parameters."""
        return Query(self._statement, parameters)

    def rows(self, dialect: str, found: Found) -> Found:
        """What the query found: aware UTC times, tuples of names."""
        converts = self._converts[dialect]
        return [_converted(row, converts) for row in found] if converts else found


def columns_of(table: Table, record: type[Any]) -> Columns:
    """The columns that are the fields of this record, in their order."""
    return [table.c[one.name] for one in fields(record)]


def _from_sqlite(columns: Columns) -> _Converts:
    found: _Converts = []
    for place, one in enumerate(columns):
        if isinstance(one.type, Instant):
            found.append((place, to_moment))
        elif isinstance(one.type, Boolean):
            found.append((place, bool))
    return found


def _converted(row: Sequence[Any], converts: _Converts) -> list[Any]:
    made = list(row)
    for place, convert in converts:
        if made[place] is not None:
            made[place] = convert(made[place])
    return made


def _to_names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
