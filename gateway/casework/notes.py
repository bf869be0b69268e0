"""What people and software write down in a case, as it is sealed: one model per kind of note."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Frozen
from schemas.disclosure import ReleaseClaims
from schemas.envelope import DisclosureView, Withheld
from schemas.request import InformationRequest, Text
from schemas.vocabulary import Outcome


class SuggestionNote(Frozen):
    """Why the software suggested a rating."""

    reasons: tuple[str, ...]


class RatingNote(Frozen):
    """Why a manager rated so; ``cites`` names the disclosures that it rests on."""

    reasons: Annotated[tuple[Text, ...], Field(min_length=1)]
    cites: tuple[str, ...] = ()
    relax_reason: str | None = None


class AlertNote(Frozen):
    """Why an alert was raised."""

    because: str


class ReidentificationNote(Frozen):
    """Why an analyst must know whom an alert is about."""

    reason: Text


class ScreeningNote(Frozen):
    """What screening found."""

    history: str
    consent: str
    already_open: bool


class RequestNote(Frozen):
    """A request as it was signed last, and the persons it asks about: pseudonym to person id.

    ``superseded`` are the digests of earlier signed forms (before it was re-dated or clarified): an answer to one of
    them is an answer to the request.
    """

    request: InformationRequest
    signed: str
    persons: dict[str, str]
    superseded: tuple[str, ...] = ()


class GlassNote(Frozen):
    """Why somebody broke the glass, or what the review found."""

    text: Text


class Act(StrEnum):
    """What somebody gave a reason for."""

    TAKEN_OVER = "taken_over"
    CLOSED = "closed"
    ENVELOPE_REVOKED = "envelope_revoked"


class ReasonNote(Frozen):
    """Why somebody did it."""

    text: Text


class RecallNote(Frozen):
    """Why two people who were taken for one are two."""

    reason: str


class DecisionNote(Frozen):
    """What was decided, and why."""

    outcomes: tuple[Outcome, ...]
    rationale: str


class ProductNote(Frozen):
    """What a product brought."""

    summary: str
    outcomes: tuple[Outcome, ...]
    persons: tuple[str, ...]
    evidence: tuple[DisclosureView, ...]
    withheld: tuple[Withheld, ...]


class AcceptanceNote(Frozen):
    """Who at the recipient took a product on, and what they will do."""

    accepted_by: str
    action: str = ""


class FeedbackNote(Frozen):
    """What a referrer was told."""

    outcomes: tuple[Outcome, ...]
    text: str


class ReleaseNote(Frozen):
    """An owner's later release: what it says, and as it was signed."""

    claims: ReleaseClaims
    signed: str
