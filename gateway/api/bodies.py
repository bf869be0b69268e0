"""What callers send to the hub's own routes, as JSON: strict, closed to unknown fields, bounded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.subjects.annotations import AnnotationKind
from routing.reading_rules import Relation
from schemas.base import Frozen, Instant
from schemas.disclosure import Audience
from schemas.identifiers import IdentifierKind
from schemas.persons import PartialDate
from schemas.vocabulary import DataCategory, Datum, GlassFinding, LegalGround, Outcome, Rating, Role

Short = Annotated[str, StringConstraints(max_length=500)]
Long = Annotated[str, StringConstraints(max_length=10_000)]
Named = Annotated[str, StringConstraints(max_length=64)]


class ScreeningBody(Frozen):
    """What screening found."""

    history: Long = ""
    consent: Short = ""
    already_open: bool = False


class PersonBody(Frozen):
    """A person whom the notification did not name."""

    relation: Short = ""
    given: Short = ""
    family: Short = ""
    birth_date: PartialDate | None = None
    identifiers: Annotated[tuple[tuple[IdentifierKind, Named], ...], Field(max_length=20)] = ()
    subject: bool = True
    because: Long


class RatingBody(Frozen):
    """A rating, with its reasons and the disclosures that it cites."""

    rating: Rating
    threshold: int
    reasons: Annotated[tuple[Long, ...], Field(max_length=50)]
    cites: Annotated[tuple[Named, ...], Field(max_length=200)] = ()
    relax_reason: Long | None = None


class AskedAgency(Frozen):
    """What one agency is asked for."""

    agency: Named
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=30)]
    questions: Annotated[tuple[Long, ...], Field(max_length=30)] = ()


class RequestsBody(Frozen):
    """Requests to several agencies for one purpose, on one legal ground."""

    agencies: Annotated[tuple[AskedAgency, ...], Field(max_length=50)]
    persons: Annotated[tuple[Named, ...], Field(max_length=100)] | None = None
    purpose: Long = ""
    legal_ground: LegalGround | None = None
    necessity: Long = ""


class ClarificationBody(Frozen):
    """What is meant, for an owner who asked."""

    questions: Annotated[tuple[Long, ...], Field(max_length=30)]


class DecisionBody(Frozen):
    """A decision."""

    outcomes: Annotated[tuple[Outcome, ...], Field(max_length=10)]
    rationale: Long
    evidence: Annotated[tuple[Named, ...], Field(max_length=200)]
    missing_acknowledged: Annotated[tuple[Named, ...], Field(max_length=200)] = ()


class PartBody(Frozen):
    """A disclosure for a product: the chosen groups by digest, or all of it."""

    disclosure: Named
    digests: Annotated[tuple[Named, ...], Field(max_length=200)] | None = None


class ProductBody(Frozen):
    """A product for one receiving team."""

    recipient: Annotated[str, StringConstraints(max_length=120)]
    summary: Long
    parts: Annotated[tuple[PartBody, ...], Field(max_length=200)] = ()


class ProductPreviewBody(Frozen):
    """Parts of a product to look at as its recipient would."""

    recipient: Annotated[str, StringConstraints(max_length=120)]
    parts: Annotated[tuple[PartBody, ...], Field(max_length=200)] = ()


class ReleasePreviewBody(Frozen):
    """A release to look at before it is made: these groups, by digest, to these audiences too."""

    digests: Annotated[tuple[Named, ...], Field(min_length=1, max_length=200)]
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1, max_length=3)]


class ExplanationBody(Frozen):
    """May such a reader see this: a datum of ``about`` (a person or message of the referral), or a group by digest?"""

    role: Role
    relation: Relation
    agency: Annotated[str, StringConstraints(max_length=120)] = ""
    datum: Datum | None = None
    about: Named = ""
    group: Named = ""
    in_product: bool = True


class FeedbackBody(Frozen):
    """Words for the referrer beside the outcome."""

    text: Long = ""


class ReasonBody(Frozen):
    """A reason that is recorded."""

    reason: Long


class SeparationBody(Frozen):
    """What is taken back: a ``merge``, or the link of ``ref`` in an ``item``; and why."""

    merge: str = ""
    item: str = ""
    ref: str = ""
    reason: Long


class GlassReviewBody(Frozen):
    """What the review of somebody else's look into a case found."""

    finding: GlassFinding
    text: Long


class AcceptanceBody(Frozen):
    """Who took a product on; ``acted_on`` records that work has begun."""

    accepted_by: Short
    action: Long = ""
    acted_on: bool = False


class SelectionBody(Frozen):
    """Which quarantined messages: by name, or those of a feed, or received from ``since`` to before ``until``."""

    messages: Annotated[tuple[Named, ...], Field(max_length=5_000)] = ()
    feed: Named | None = None
    since: Instant | None = None
    until: Instant | None = None


class ApprovalBody(Frozen):
    """The digest of the list that was looked at."""

    digest: Named


class DueBody(Frozen):
    """Which of what is due: one retention class, or all."""

    retention_class: Named | None = None


class AccessBody(Frozen):
    """Referrals that the law allows not to tell a data subject of."""

    left_out: Annotated[tuple[Named, ...], Field(max_length=200)] = ()


class AnnotationBody(Frozen):
    """What a person says is wrong: ``field`` of a person, or the digest of a group of ``disclosure``."""

    kind: AnnotationKind
    field: Named
    disclosure: Named | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
