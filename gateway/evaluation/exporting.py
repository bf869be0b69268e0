"""A hub's figures as they leave it: suppressed, marked, as a document or a table; and several hubs' side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import Field

from routing.metrics import ROWS, Figure, Time
from routing.suppression import LEAST, suppressed
from schemas.base import Frozen
from schemas.errors import Rejected
from schemas.vocabulary import Marking

FEWER = f"<{LEAST}"
"""What stands in a table for what was left out."""
_TIMES = frozenset(row.metric for row in ROWS if isinstance(row, Time))


class ExportedFigure(Frozen):
    """One figure: a share of ``count`` in ``of``, in percent, or hours of ``of`` rounds. None: left out, or no case."""

    metric: str
    group: str
    count: int | None
    of: int | None
    value: float | None
    unit: str
    suppressed: bool


class Export(Frozen):
    """The figures of one hub and period; ``ends`` is the last day of it."""

    marking: Marking = Marking.OFFICIAL_SENSITIVE
    hub: str
    begins: date
    ends: date
    figures: tuple[ExportedFigure, ...] = Field(default=())


def export(hub: str, begins: date, ends: date, figures: Iterable[Figure]) -> Export:
    """The figures as they may leave the hub."""
    return Export(
        hub=hub,
        begins=begins,
        ends=ends,
        figures=tuple(
            ExportedFigure(
                metric=one.metric,
                group=one.group,
                count=one.count,
                of=one.of,
                value=one.value,
                unit="hours" if one.metric in _TIMES else "percent",
                suppressed=one.suppressed,
            )
            for one in suppressed(figures)
        ),
    )


def as_csv(exported: Export) -> str:
    """The export as comma-separated values (RFC 4180), each line with its marking, hub and period."""
    lines: list[Sequence[object]] = [
        ("marking", "hub", "from", "to", "metric", "group", "count", "of", "value", "unit")
    ]
    lines += [
        (
            exported.marking, exported.hub, exported.begins, exported.ends, one.metric, one.group,
            "" if one.metric in _TIMES else _cell(one.count), _cell(one.of),
            FEWER if one.suppressed else "" if one.value is None else one.value, one.unit,
        )
        for one in exported.figures
    ]  # fmt: skip
    return _written(lines)


def compared(exports: Sequence[Export]) -> list[list[str]]:
    """Several hubs' values side by side: a heading, then a line for each metric and group that any of them has.

    Raises:
        Rejected: one hub twice, or different periods: what is compared is of the same time.
    """
    if len({one.hub for one in exports}) < len(exports):
        raise Rejected("evaluation.same_hub", "give each hub once", at="hub")
    if len({(one.begins, one.ends) for one in exports}) > 1:
        raise Rejected("evaluation.periods", "compare figures of the same period", at="from")
    order = {row.metric: place for place, row in enumerate(ROWS)}
    keys = {(one.metric, one.group, one.unit) for each in exports for one in each.figures}
    lines = [["metric", "group", "unit", *(one.hub for one in exports)]]
    held = [{(one.metric, one.group): one for one in each.figures} for each in exports]
    for metric, group, unit in sorted(
        keys, key=lambda key: (order.get(key[0], len(order)), key[0], key[1] != "all", key[1])
    ):
        found = [each.get((metric, group)) for each in held]
        lines.append([metric, group, unit, *("" if one is None else _value(one) for one in found)])
    return lines


def compared_as_csv(exports: Sequence[Export]) -> str:
    """The same as comma-separated values, each line with its marking and period.

    Raises:
        Rejected: see ``compared``.
    """
    heading, *lines = compared(exports)
    first = exports[0]
    marked = [[str(first.marking), first.begins.isoformat(), first.ends.isoformat(), *line] for line in lines]
    return _written([["marking", "from", "to", *heading], *marked])


def _value(one: ExportedFigure) -> str:
    return FEWER if one.suppressed else "" if one.value is None else f"{one.value:g}"


def _cell(count: int | None) -> object:
    return FEWER if count is None else count


def _written(lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_plain(cell) for cell in line] for line in lines])
    return text.getvalue()


def _plain(cell: object) -> object:
    """A cell that no spreadsheet runs: another hub's file says what it likes."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
