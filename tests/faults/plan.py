"""What a campaign does, drawn from its seed: where each kill strikes. Pure, so that a seed repeats it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When the gateway is killed."""

    CLOCK = "clock"
    """From outside, some milliseconds after so many answers of the round."""
    BEFORE = "before"
    """At one of its commits, just before: nothing of that work may be seen afterwards."""
    AFTER = "after"
    """At one of its commits, just after: all of it is durable, and nobody was told."""


STRUCK_TABLES = (
    "messages",
    "items",
    "feed_counters",
    "envelopes",
    "outbox",
    "disclosures",
    "log_entries",
    "log_checkpoints",
)
"""Work is told apart by what it writes: a strike at ``outbox`` hits the relay, one at ``log_checkpoints`` the log."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One kill. ``nth`` counts commits that write to ``table``, or answers where ``moment`` is the clock's.

    ``broker_away_ms`` is how long the broker is gone that is killed at the same time; 0 leaves it alone.
    """

    number: int
    moment: Moment
    table: str
    nth: int
    delay_ms: int
    broker_away_ms: int
    letters: int
    cases: int

    def told(self) -> str:
        """The point as a person reads it."""
        where = (
            f"{self.delay_ms} ms after answer {self.nth}"
            if self.moment is Moment.CLOCK
            else f"just {self.moment} commit {self.nth} that writes {self.table}"
        )
        broker = f", the broker with it for {self.broker_away_ms} ms" if self.broker_away_ms else ""
        return f"point {self.number}: killed {where}{broker}"


def points(seed: int, count: int, *, letters: int = 12) -> tuple[Point, ...]:
    """The points of a campaign. Every kind of moment comes once before any comes again."""
    draw = random.Random(f"points:{seed}")  # noqa: S311 - repeatable on purpose
    moments = _moments(draw)
    made = []
    for number in range(1, count + 1):
        moment, table = next(moments)
        made.append(
            Point(
                number=number,
                moment=moment,
                table=table,
                # Letters share commits, so that there are few of them, but each has its own answer.
                nth=draw.randint(1, letters // 2 if moment is Moment.CLOCK else 2),
                delay_ms=draw.randint(0, 60),
                broker_away_ms=draw.randint(200, 3000) if draw.random() < 0.3 else 0,
                letters=letters,
                cases=1,
            )
        )
    return tuple(made)


def _moments(draw: random.Random) -> Iterator[tuple[Moment, str]]:
    struck = [(moment, table) for moment in (Moment.BEFORE, Moment.AFTER) for table in STRUCK_TABLES]
    every = struck + [(Moment.CLOCK, "")] * 4
    while True:
        draw.shuffle(every)
        yield from every
