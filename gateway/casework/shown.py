"""What people are shown of a case: the shapes of the answers, each cut to the reader's role before it is made."""

from __future__ import annotations

from datetime import date

from gateway.casework.notes import Act
from schemas.base import Frozen, Instant
from schemas.disclosure import AdditionalPerson, Audience
from schemas.envelope import Withheld
from schemas.identifiers import Identifier
from schemas.persons import Address, Name, PartialDate
from schemas.subject import AnnotationTold
from schemas.vocabulary import Concern, DataCategory, Outcome, Rating, RefusalReason, ReplyDecision


class PersonShown(Frozen):
    """A person of a case. ``kept_back``: a place is known and not shown to this role."""

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
    kept_back: bool
    annotations: tuple[AnnotationTold, ...] = ()


class NotificationShown(Frozen):
    """A notification; without ``narrative`` for whoever reads no narratives."""

    message: str
    agency: str
    received_at: Instant
    categories: tuple[Concern, ...]
    narrative: str | None


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


class PreviewPart(Frozen):
    """A group as a recipient will read it."""

    agency: str
    category: DataCategory
    items: tuple[dict[str, str | None], ...]
    conditions: str


class ProductPreview(Frozen):
    """What a recipient will see of a product: cut by the same policy, with the markers that it brings."""

    recipient: str
    agency: str
    outcomes: tuple[Outcome, ...]
    persons: tuple[str, ...]
    parts: tuple[PreviewPart, ...]
    withheld: tuple[Withheld, ...]
    formats: tuple[str, ...]


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
    """A referral, cut to the reader's role: what the role does not read is None, never an empty list."""

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
