"""Plans in a CP-IS record: of which kind, since when, until when, whether deleted.

Source: COCT_TP146100 to 5 (looked after child, child protection plan, unborn child plan; each with a start, an end and,
in uploads, a delete date).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapters.dates import full_date, partial_date
from adapters.natives import Native
from adapters.nhs.cpis_message import inside, walk
from adapters.xml_node import Node

_KINDS = (
    ("cppinformation", "child protection plan", True, False),
    ("ucpinformation", "unborn child protection plan", True, True),
    ("lacinformation", "looked after child", False, False),
)
"""How the element of a plan ends, its words, whether it is there to protect, whether the child is unborn."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan of a child. ``said`` is what it is and its dates in words; ``over`` that it holds no longer.

    ``origins`` are its element and its dates as they were sent.
    """

    words: str
    grave: bool
    unborn: bool
    pointer: str
    said: str
    origins: tuple[Native, ...]
    over: bool


def plans(record: Node, day: date | None) -> Iterator[Plan]:
    """The plans of a record, in document order; ``day`` is the message's own."""
    for node in walk(record):
        found = next((row for row in _KINDS if node.name.lower().endswith(row[0])), None)
        if found is not None:
            yield _plan(node, found, day)


def _plan(node: Node, kind: tuple[str, str, bool, bool], day: date | None) -> Plan:
    _, words, grave, unborn = kind
    parts = [words]
    origins = [Native("", node.pointer)]
    over = False
    for each in walk(node):
        name = each.name.lower()
        word = next((word for end, word in _DATES if name.endswith(end)), "")
        values = inside(each, "value") if word else []
        native = values[0].attribute("value") if values else None
        on = partial_date(native.text) if native is not None and native.text else None
        if native is None or on is None:
            continue
        origins.append(native)
        parts.append(f"{word} {on}")
        whole = full_date(on)
        if word == "deleted" or (word == "until" and day is not None and whole is not None and whole < day):
            over = True
    if over and "deleted" not in parts[-1]:
        parts.append("(ended)")
    return Plan(
        words=words,
        grave=grave,
        unborn=unborn,
        pointer=node.pointer,
        said=" ".join(parts),
        origins=tuple(origins),
        over=over,
    )


_DATES = (("startdate", "from"), ("enddate", "until"), ("deletedate", "deleted"))


def status(found: tuple[Plan, ...]) -> tuple[str, list[Native]]:
    """What the plans make a child's legal status, and what it rests on."""
    return "; ".join(plan.said for plan in found), [origin for plan in found for origin in plan.origins]
