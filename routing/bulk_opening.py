"""Opening in bulk: whoever opens or views more than a day's work asks for is looked at (an insider, or a stolen key).

It raises an alarm and stops nobody: at the worst hour of a year somebody does open that much. The rows stand in the
hub's file (``bulk_openings``), each with its window; they can be set, and not left out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from schemas.hub import BulkOpening

PERSON = "person:"
"""What the log's names of people begin with; every other reader is an agency's system."""


def kind_of(actor: str) -> Literal["person", "system"]:
    """Which of both a reader of this name in the log is."""
    return "person" if actor.startswith(PERSON) else "system"


def begins(rule: BulkOpening, now: datetime, looked_at: datetime | None) -> datetime:
    """From when on a reader's openings count for this rule.

    What somebody looked at and cleared (``looked_at``) raises no second alarm.
    """
    window = now - timedelta(minutes=rule.minutes)
    return window if looked_at is None else max(window, looked_at)


def uncovered(rules: Collection[BulkOpening]) -> list[str]:
    """Those readers for whom no rule is left: nobody opens unseen."""
    return [who for who in ("person", "system") if who not in {rule.who for rule in rules}]
