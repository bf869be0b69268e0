"""Writes TOML: the little of it that a hub's file needs. Source: TOML 1.0.0."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time

Scalar = str | bool | int | float | date | time
Value = Scalar | Sequence["Value"] | Mapping[str, "Value"]


def render(document: Mapping[str, Value]) -> str:
    """The document as TOML: tables and arrays of tables after the plain values of their parent."""
    return "\n".join(_table(document, ())) + "\n"


def _table(table: Mapping[str, Value], path: tuple[str, ...]) -> Iterator[str]:
    nested: list[tuple[str, Mapping[str, Value], bool]] = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            nested.append((name, value, False))
        elif isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
            nested.extend((name, each, True) for each in value if isinstance(each, Mapping))
        else:
            yield f"{name} = {_plain(value)}"
    for name, value, repeated in nested:
        heading = ".".join((*path, name))
        yield ""
        yield f"[[{heading}]]" if repeated else f"[{heading}]"
        yield from _table(value, (*path, name))


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        # A TOML basic string is spelt as JSON spells it, for what JSON escapes.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_plain(each) for each in value) + "]"
    message = "a table is not a plain value"
    raise TypeError(message)
