"""What people are shown of a case: the shapes of the answers, each cut to the reader's role before it is made."""

from __future__ import annotations

from datetime import date

from gateway.casework.notes import Act
from schemas.base import Frozen, Instant
from schemas.disclosure import AdditionalPerson, Audience, DisclosedGroup
from schemas.envelope import Withheld
from schemas.identifiers import Identifier
from schemas.persons import Address, Contact, Name, Organisation, PartialDate
from schemas.product import ProductFormat
from schemas.subject import AnnotationTold
from schemas.vocabulary import Concern, DataCategory, HandlingMark, Outcome, Rating, RefusalReason, ReplyDecision, Role


class PersonShown(Frozen):
    """A person of a case.

    ``because`` is why each datum is shown; ``kept_back``: more is known than this reader is shown, who would see it of
    somebody else.
    """

    person: str
    part: str
    relation: str
    names: tuple[Name, ...]
    birth_date: PartialDate | None
    unborn: bool
    expected_date: date | None
    mother: str | None
    sex: str | None
    identifiers: tuple[Identifier, ...]
    addresses: tuple[Address, ...]
    contacts: tuple[Contact, ...]
    school: Organisation | None
    gp: Organisation | None
    notes: tuple[str, ...]
    kept_back: bool
    because: dict[str, str]
    annotations: tuple[AnnotationTold, ...] = ()


class NotificationShown(Frozen):
    """A notification: what this reader does not see of it is None. ``because`` and ``kept_back`` as of a person."""

    message: str
    agency: str | None
    referrer: str | None
    received_at: Instant
    categories: tuple[Concern, ...] | None
    narrative: str | None
    danger: str | None
    place: str | None
    kept_back: bool
    because: dict[str, str]


class SuggestionShown(Frozen):
    """What the software suggests, and why. It is no rating."""

    rating: Rating
    reasons: tuple[str, ...]


class AlertShown(Frozen):
    """A repeat, a cumulative pattern or an uncertain link, with its evidence."""

    kind: str
    because: str
    count: int
    evidence: tuple[str, ...]


class AlarmShown(Frozen):
    """Something late that somebody must act on; ``turned_to`` are the posts that heard of it, the latest last."""

    kind: str
    subject: str
    raised_at: Instant
    turned_to: tuple[str, ...] = ()


class RequestShown(Frozen):
    """A request and where it stands; ``decision``, ``answered_at`` and ``disclosure`` for whoever may view those."""

    id: str
    agency: str
    state: str
    asked_at: Instant
    due_at: Instant
    answered_at: Instant | None
    decision: ReplyDecision | None
    disclosure: str | None


class RatingShown(Frozen):
    """One rating of the history."""

    rating: Rating
    previous: Rating | None
    threshold: int
    at: Instant
    by: str
    due_at: Instant
    relaxed: bool
    reasons: tuple[str, ...]
    cites: tuple[str, ...]


class DecisionShown(Frozen):
    """One decision of the history."""

    decision: str
    at: Instant
    by: str
    outcomes: tuple[Outcome, ...]
    rationale: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]


class ProductShown(Frozen):
    """One product: delivered, accepted and acted on are three facts."""

    product: str
    version: int
    recipient: str
    state: str
    envelope: str | None
    delivered_at: Instant | None
    accepted_at: Instant | None
    acted_at: Instant | None


class ReasonShown(Frozen):
    """Why somebody took the case over, closed it, or called an envelope (``subject``) back."""

    act: Act
    subject: str
    at: Instant
    by: str
    reason: str


class FeedbackShown(Frozen):
    """What one referrer was told, and whether by envelope or by other means."""

    message: str
    at: Instant
    by: str
    by_envelope: bool


class LookShown(Frozen):
    """Somebody looked at a case: who, when, in which role, and at what of it."""

    at: Instant
    who: str
    what: str
    role: str
    subject: str | None
    break_glass: bool


class Looks(Frozen):
    """Who looked, the latest first."""

    looks: tuple[LookShown, ...]


class PartChoice(Frozen):
    """A group that a manager may put into a product, without its text; ``released``: its owner lets it go there."""

    disclosure: str
    agency: str
    digest: str
    category: DataCategory
    released: bool


class PartChoices(Frozen):
    """All of them."""

    parts: tuple[PartChoice, ...]


class ReferralLine(Frozen):
    """A referral on the board: metadata alone. ``replies`` is answered of asked, ``alarms`` are kinds that stand."""

    id: str
    state: str
    rating: Rating | None
    received_at: Instant
    due_at: Instant | None
    feedback_due_at: Instant
    overdue: bool
    replies: tuple[int, int]
    repeat: bool
    alarms: tuple[str, ...]
    assigned_to: str | None


class Board(Frozen):
    """A page of the board; ``next`` is where the following page begins."""

    referrals: tuple[ReferralLine, ...]
    next: str | None


class Listed(Frozen):
    """A page of the board as it was asked for; ``total`` is how many there are on all ``pages``."""

    referrals: tuple[ReferralLine, ...]
    total: int
    page: int
    pages: int


class ReferralShown(Frozen):
    """A referral, cut to its reader: what the reader does not read is None, never an empty list.

    ``withheld`` is the marker of what is kept back, wherever it is; ``handling`` are the marks, for whoever carries it.
    """

    id: str
    state: str
    rating: Rating | None
    received_at: Instant
    due_at: Instant | None
    clock: str
    feedback_due_at: Instant
    assigned_to: str | None
    child_unidentified: bool
    linked_to: str | None
    subjects: tuple[PersonShown, ...]
    household: tuple[PersonShown, ...]
    notifications: tuple[NotificationShown, ...]
    requests: tuple[RequestShown, ...]
    alarms: tuple[AlarmShown, ...]
    withheld: tuple[Withheld, ...] = ()
    handling: tuple[HandlingMark, ...] | None = None
    suggestion: SuggestionShown | None = None
    alerts: tuple[AlertShown, ...] | None = None
    ratings: tuple[RatingShown, ...] | None = None
    decisions: tuple[DecisionShown, ...] | None = None
    products: tuple[ProductShown, ...] | None = None
    reasons: tuple[ReasonShown, ...] | None = None
    feedback: tuple[FeedbackShown, ...] | None = None


class GroupShown(Frozen):
    """A group of a disclosure and why this reader sees it; ``audiences`` is to whom its owner has released it."""

    digest: str
    category: DataCategory
    persons: tuple[str, ...]
    items: tuple[dict[str, str | None], ...]
    audiences: tuple[Audience, ...]
    conditions: str
    because: str


class DisclosureShown(Frozen):
    """A disclosure as policy shows it to this reader; ``withheld`` marks what exists beyond that.

    ``referral`` is for the manager of the case: an owner knows it by a pseudonym.
    """

    id: str
    referral: str | None
    request: str
    agency: str
    lead: str
    decision: ReplyDecision
    reasons: tuple[RefusalReason, ...]
    explanation: str
    additional_persons: tuple[AdditionalPerson, ...]
    groups: tuple[GroupShown, ...]
    withheld: tuple[Withheld, ...]
    annotations: tuple[AnnotationTold, ...] = ()


class PreviewedGroup(Frozen):
    """A group as the recipient would read it. ``tells_where``: it holds a place of a family that hides."""

    disclosure: str
    agency: str
    digest: str
    category: DataCategory
    items: tuple[dict[str, str | None], ...]
    conditions: str
    because: str
    tells_where: bool


class ProductPreview(Frozen):
    """What a recipient would see of a product, and the markers that it would find.

    ``waiting`` are the agencies that must release a part first; ``not_allowed`` are released groups that this recipient
    does not get nevertheless.
    """

    recipient: str
    role: Role
    persons: tuple[str, ...]
    groups: tuple[PreviewedGroup, ...]
    withheld: tuple[Withheld, ...]
    waiting: tuple[str, ...]
    not_allowed: tuple[str, ...]
    formats: tuple[ProductFormat, ...]


class ReleaseReader(Frozen):
    """A reader of a release, and which of its groups they see, by digest, now and then."""

    role: Role
    agency: str
    recipient: str
    now: tuple[str, ...]
    then: tuple[str, ...]


class ReleasePreview(Frozen):
    """Everybody who would see anything of it."""

    readers: tuple[ReleaseReader, ...]


class Explained(Frozen):
    """Whether a reader sees something, and by which row, or what stops it; no contents.

    ``row`` and ``because`` are those of the row that allows it. Else ``stopped_by`` are the marks of handling that keep
    it from a reader whose row would show it, and ``withheld_by`` is the reason of the hub's own row. Neither: no row
    speaks of such a reader and such a thing, or its owner has not released it. ``marked``: the reader is told that
    something is there.
    """

    shown: bool
    row: str | None
    because: str | None
    marked: bool
    stopped_by: tuple[HandlingMark, ...]
    withheld_by: str | None
    rules: str


def items_of(content: DisclosedGroup) -> tuple[dict[str, str | None], ...]:
    """What a group holds, item by item."""
    return tuple(
        {"text": item.text, "source": item.source, "on": item.on.isoformat() if item.on else None}
        for item in content.items
    )
