"""One thing that somebody noticed, before any agency has put it into a notification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.research.borough.households import Family, Home
from routing.severity import Severity
from schemas.vocabulary import Concern


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happened when to which children of a family, how grave it was, and which agency noticed.

    ``adults`` are ids with whether they live there; ``alleged`` are those of them who are said to have done it.
    ``home`` is where the family lived then; ``planted`` is the number of the pattern that it is part of.
    """

    at: datetime
    agency: str
    family: Family
    home: Home
    children: Sequence[str]
    adults: Sequence[tuple[str, bool]]
    alleged: Sequence[str]
    concern: Concern
    severity: Severity
    scene: str = ""
    planted: int | None = None
