"""What the intake writes down of a link, as it is sealed."""

from __future__ import annotations

from schemas.base import Frozen
from schemas.persons import Person


class ReasonNote(Frozen):
    """What one field said: its level, its weight in bits, and the words."""

    field: str
    level: str
    weight: float
    because: str


class LinkNote(Frozen):
    """Why somebody was linked, or was not: the reasons' weights and the prior add up to the link's.

    ``person`` is as the notification named them: what taking the link back needs, though the message be gone.
    """

    because: str
    reasons: tuple[ReasonNote, ...] = ()
    prior: float = 0.0
    person: Person
