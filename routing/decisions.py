"""What a social work manager says when rating, deciding and closing: checked for completeness, never made up.

Core component 4: only a social work manager rates and decides. What software suggests is shown and recorded as a
suggestion and is no argument here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NoReturn

from routing.lifecycle import Actor
from routing.products import MissingVoice
from schemas.errors import Conflict, Refused, Rejected
from schemas.vocabulary import Outcome, Rating, Role

THRESHOLD_LEVELS = range(1, 5)
"""The levels of need of the threshold model, 1 to 4."""

_BESIDE_NO_ACTION = frozenset({Outcome.NO_FURTHER_ACTION, Outcome.INFORMATION_AND_ADVICE})


@dataclass(frozen=True, kw_only=True)
class RatingGiven:
    """A rating by a manager, with reasons and the level of need."""

    rating: Rating
    reasons: tuple[str, ...]
    threshold_level: int


@dataclass(frozen=True, kw_only=True)
class DecisionGiven:
    """A decision by a manager: the outcomes, why, on what evidence, and which voices were missing, acknowledged."""

    outcomes: tuple[Outcome, ...]
    rationale: str
    evidence: tuple[str, ...]
    missing: tuple[MissingVoice, ...]


def rate(
    *, role: Actor, rating: Rating, reasons: Sequence[str], threshold_level: int, scheme: Collection[Rating]
) -> RatingGiven:
    """A complete rating. ``scheme`` are the ratings that the hub uses.

    Raises:
        Refused: whoever rates is no social work manager (``rating.role``).
        Rejected: not a rating of the scheme, no reason, or a level outside 1 to 4.
    """
    if role is not Role.SOCIAL_WORK_MANAGER:
        _manager_alone("rating.role")
    if rating not in scheme:
        raise Rejected("rating.unknown", "choose a rating of this hub's scheme", at="rating")
    given = _spoken(reasons)
    if not given:
        raise Rejected("rating.no_reason", "give at least one reason", at="reasons")
    if threshold_level not in THRESHOLD_LEVELS:
        raise Rejected("rating.threshold", "choose a level of need from 1 to 4", at="threshold_level")
    return RatingGiven(rating=rating, reasons=given, threshold_level=threshold_level)


def decide(
    *,
    role: Actor,
    outcomes: Sequence[Outcome],
    rationale: str,
    evidence: Sequence[str],
    missing: Sequence[MissingVoice],
    acknowledged: Collection[str],
) -> DecisionGiven:
    """A complete decision. ``missing`` is who is missing now; ``acknowledged`` are the requests the manager ticked.

    ``evidence`` names what was considered; the notification itself is evidence.

    Raises:
        Refused: whoever decides is no social work manager (``decision.role``).
        Rejected: no outcome, outcomes that exclude each other, no rationale or no evidence.
        Conflict: a missing voice is not acknowledged (the detail names the agencies), or one that was acknowledged
            has answered since, so that the manager reads the answer first.
    """
    if role is not Role.SOCIAL_WORK_MANAGER:
        _manager_alone("decision.role")
    chosen = tuple(dict.fromkeys(outcomes))
    if not chosen:
        raise Rejected("decision.no_outcome", "choose at least one outcome", at="outcomes")
    if Outcome.NO_FURTHER_ACTION in chosen and not _BESIDE_NO_ACTION.issuperset(chosen):
        raise Rejected("decision.outcomes", "no further action excludes action", at="outcomes")
    if not rationale.strip():
        raise Rejected("decision.no_rationale", "say why", at="rationale")
    considered = _spoken(evidence)
    if not considered:
        raise Rejected("decision.no_evidence", "name the evidence considered", at="evidence")
    _check_missing(missing, acknowledged)
    return DecisionGiven(outcomes=chosen, rationale=rationale.strip(), evidence=considered, missing=tuple(missing))


def check_closure(*, feedback_given: bool, why_no_feedback: str = "", unaccepted: Collection[str] = ()) -> None:
    """Return if a decided referral may close: the referrer was told, and no product waits to be accepted.

    ``unaccepted`` are the recipients whose product no person has accepted; revoked products do not count.

    Raises:
        Conflict: one of these is still to be done.
    """
    if not feedback_given and not why_no_feedback.strip():
        raise Conflict("closure.feedback", "first: tell the referrer the outcome, or say why not", at="feedback")
    if unaccepted:
        detail = f"first: have the product accepted, or revoke it, at {', '.join(sorted(unaccepted))}"
        raise Conflict("closure.unaccepted", detail, at="products")


def _check_missing(missing: Sequence[MissingVoice], acknowledged: Collection[str]) -> None:
    ticked = set(acknowledged)
    unseen = sorted({voice.agency for voice in missing if voice.request_id not in ticked})
    if unseen:
        detail = f"first: acknowledge one by one that these have not answered: {', '.join(unseen)}"
        raise Conflict("decision.missing_voices", detail, at="acknowledged")
    if ticked - {voice.request_id for voice in missing}:
        raise Conflict("decision.answered_since", "first: read what has been answered since", at="acknowledged")


def _spoken(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for word in words if word.strip())


def _manager_alone(code: str) -> NoReturn:
    raise Refused(code, "core component 4: only a social work manager rates and decides")
