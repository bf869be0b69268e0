"""The canonical notification: what an agency said, in one shape whatever it was sent in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictStr, StringConstraints
from pydantic.dataclasses import dataclass

from schemas.base import ROW, Frozen, Instant
from schemas.persons import Contact, PartialDate, Person
from schemas.vocabulary import Concern, HandlingMark, ItemKind, LegalGround, Marking

FieldPath = Annotated[str, StringConstraints(strict=True, min_length=1)]
"""A canonical field, such as ``children[0].names[0].family``."""


class ConcernDetail(Frozen):
    """What worries the referrer. ``source_categories`` are verbatim; ``level_of_need`` is 1 to 4."""

    categories: tuple[Concern, ...]
    source_categories: tuple[str, ...] = ()
    level_of_need: int | None = None
    source_grade: str = ""
    factors: tuple[str, ...] = ()
    childs_view: str = ""
    parents_view: str = ""


class Incident(Frozen):
    """What happened. A time that the source gave without a zone is read as Europe/London; a date stays partial."""

    occurred_at: Instant | None = None
    occurred_on: PartialDate | None = None
    reported_at: Instant | None = None
    place: str = ""
    narrative: str = ""
    injuries: str = ""
    children_present: bool | None = None
    reference: str = ""
    officer: str = ""
    supervisor: str = ""


class Referrer(Frozen):
    """Who speaks, as the source names them."""

    agency: str = ""
    role: str = ""
    name: str = ""
    contacts: tuple[Contact, ...] = ()


class Consent(Frozen):
    """Whether the family knows and agrees, and on what ground the referrer shares."""

    informed: bool | None = None
    given: bool | None = None
    why_not: str = ""
    legal_ground: LegalGround | None = None


class Order(Frozen):
    """A court order in force, such as a non-molestation order."""

    kind: str
    detail: str = ""
    until: PartialDate | None = None


class Handling(Frozen):
    """How what was sent must be handled. ``restricted`` means limited access at the source."""

    marking: Marking = Marking.OFFICIAL_SENSITIVE
    restricted: bool = False
    hidden_location: bool = False
    source_protection: bool = False
    caveat: str = ""

    @property
    def marks(self) -> frozenset[HandlingMark]:
        """The marks that are set."""
        return frozenset(mark for mark in HandlingMark if getattr(self, mark))


class MergeKind(StrEnum):
    """What a source did with two of its records.

    A merge says that both are of one person; a change, that a person's number is another one now; a move, that an entry
    went from one person's record to another's, and the two stay two.
    """

    MERGE = "merge"
    CHANGE = "change"
    MOVE = "move"


class Merge(Frozen):
    """A record that gave way to another. ``into`` is the ``ref`` of the person whose record stays.

    ``prior`` is the other record, as far as the source names it. Its ``ref`` is a name of its own, such as ``prior-1``:
    it is nobody's beside those whom the notification names.
    """

    kind: MergeKind
    into: str
    prior: Person


@dataclass(frozen=True, slots=True, kw_only=True, config=ROW)
class QualityFlag:
    """Something about the native data that a person should know: a code, and the canonical field it touches."""

    code: StrictStr
    field: StrictStr = ""


class Notification(Frozen):
    """One item that an agency sent, normalised. ``native_id`` is the sender's own identity for it."""

    native_id: str
    format: str
    kind: ItemKind
    kind_reason: str
    event_at: Instant | None = None
    children: tuple[Person, ...] = ()
    adults: tuple[Person, ...] = ()
    # Most sources can't say any: what they say is written as it always was.
    merges: tuple[Merge, ...] = Field(default=(), exclude_if=lambda merges: not merges)
    concern: ConcernDetail | None = None
    incident: Incident | None = None
    immediate_danger: str = ""
    actions_taken: tuple[str, ...] = ()
    referrer: Referrer | None = None
    consent: Consent | None = None
    orders: tuple[Order, ...] = ()
    handling: Handling = Handling()
    supersedes: str = ""
    quality: tuple[QualityFlag, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody named, children first."""
        return self.children + self.adults


@dataclass(frozen=True, slots=True, kw_only=True, config=ROW)
class Mapped:
    """Provenance: the canonical field and the native pointer (PID-5.1, an XPath, a JSON pointer) it came from."""

    field: FieldPath
    pointer: StrictStr


@dataclass(frozen=True, slots=True, kw_only=True, config=ROW)
class Unmapped:
    """Native content that the canonical notification does not carry. Content is never lost silently."""

    pointer: StrictStr
    value: StrictStr


class Normalised(Frozen):
    """What an adapter makes of one item of a message."""

    notification: Notification
    provenance: tuple[Mapped, ...]
    unmapped: tuple[Unmapped, ...] = ()


class Reading(Frozen):
    """What an adapter makes of one message: its native identity and its items (a batch has several)."""

    native_id: str
    format: str
    items: tuple[Normalised, ...]
