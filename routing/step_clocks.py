"""Clocks of single steps, where a hub gives them any: screening, asking, acting on a product, closing.

A step's clock runs from the step before it and stands for itself: it moves neither the decision's clock nor any other.
Every time is aware; answers are in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from routing.working_time import Calendar
from schemas.timing import StepClock, TimedStep
from schemas.vocabulary import Rating

ALARMS: Mapping[TimedStep, str] = {
    "screen": "unscreened",
    "ask": "unasked",
    "act": "product_not_acted_on",
    "close": "unclosed",
}
"""The alarm that stands once a step is late."""


def row_for(step: TimedStep, rating: Rating | None, rows: Sequence[StepClock]) -> StepClock | None:
    """The row that counts: one for this rating before one for all; None where the hub gives the step no clock."""
    of_step = [row for row in rows if row.step == step]
    return next((row for row in of_step if row.rating is rating and rating is not None), None) or next(
        (row for row in of_step if row.rating is None), None
    )


def due(
    step: TimedStep, rating: Rating | None, since: datetime | None, rows: Sequence[StepClock], calendar: Calendar
) -> datetime | None:
    """When the step is due that may be taken from ``since`` on; None where it has no clock, or may not be taken yet."""
    row = row_for(step, rating, rows)
    if row is None or since is None:
        return None
    if row.clock == "working":
        return calendar.add_working(since, row.hours)
    return since.astimezone(UTC) + timedelta(hours=row.hours)
