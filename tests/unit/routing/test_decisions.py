from __future__ import annotations

from typing import Any

import pytest

from routing.decisions import check_closure, decide, rate
from routing.lifecycle import Actor, Software
from routing.products import MissingVoice
from schemas.errors import Conflict, Refused, Rejected
from schemas.vocabulary import Outcome, Rating, Role

SCHEME = (Rating.RED, Rating.AMBER, Rating.GREEN)
OTHERS: list[Actor] = [*(role for role in Role if role is not Role.SOCIAL_WORK_MANAGER), *Software]
VOICE = MissingVoice(request_id="req-1", agency="health", because="overdue")
OTHER_VOICE = MissingVoice(request_id="req-2", agency="police", because="overdue")

RATING: dict[str, Any] = {
    "role": Role.SOCIAL_WORK_MANAGER,
    "rating": Rating.AMBER,
    "reasons": ["seventeen, and little is known "],
    "threshold_level": 3,
    "scheme": SCHEME,
}
DECISION: dict[str, Any] = {
    "role": Role.SOCIAL_WORK_MANAGER,
    "outcomes": [Outcome.SECTION_47],
    "rationale": " siblings at risk ",
    "evidence": ["msg-1", "dis-1"],
    "missing": [],
    "acknowledged": [],
}


def test_a_rating_has_reasons_and_a_level_of_need() -> None:
    given = rate(**RATING)
    assert (given.rating, given.reasons, given.threshold_level) == (
        Rating.AMBER,
        ("seventeen, and little is known",),
        3,
    )


@pytest.mark.parametrize(
    "change, code",
    [
        ({"reasons": []}, "rating.no_reason"),
        ({"reasons": [" ", ""]}, "rating.no_reason"),
        ({"threshold_level": 0}, "rating.threshold"),
        ({"threshold_level": 5}, "rating.threshold"),
        ({"rating": Rating.BLUE}, "rating.unknown"),
    ],
)
def test_an_incomplete_rating_is_rejected(change: dict[str, object], code: str) -> None:
    with pytest.raises(Rejected) as caught:
        rate(**(RATING | change))
    assert caught.value.code == code


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_but_a_manager_rates_or_decides(role: Actor) -> None:
    with pytest.raises(Refused, match="core component 4"):
        rate(**(RATING | {"role": role}))
    with pytest.raises(Refused, match="core component 4"):
        decide(**(DECISION | {"role": role}))


def test_a_decision_records_outcomes_reasons_evidence_and_missing_voices() -> None:
    asked = {"missing": [VOICE], "acknowledged": ["req-1"], "outcomes": [Outcome.SECTION_47, Outcome.SECTION_47]}
    given = decide(**(DECISION | asked))
    assert (given.outcomes, given.rationale) == ((Outcome.SECTION_47,), "siblings at risk")
    assert (given.evidence, given.missing) == (("msg-1", "dis-1"), (VOICE,))


@pytest.mark.parametrize(
    "change, code",
    [
        ({"outcomes": []}, "decision.no_outcome"),
        ({"outcomes": [Outcome.NO_FURTHER_ACTION, Outcome.SECTION_47]}, "decision.outcomes"),
        ({"rationale": "  "}, "decision.no_rationale"),
        ({"evidence": [" "]}, "decision.no_evidence"),
    ],
)
def test_an_incomplete_decision_is_rejected(change: dict[str, object], code: str) -> None:
    with pytest.raises(Rejected) as caught:
        decide(**(DECISION | change))
    assert caught.value.code == code


def test_several_outcomes_may_hold_and_advice_goes_with_no_further_action() -> None:
    several = [Outcome.SECTION_47, Outcome.PRE_BIRTH_ASSESSMENT]
    assert decide(**(DECISION | {"outcomes": several})).outcomes == tuple(several)
    advice = [Outcome.NO_FURTHER_ACTION, Outcome.INFORMATION_AND_ADVICE]
    assert decide(**(DECISION | {"outcomes": advice})).outcomes == tuple(advice)


def test_every_missing_voice_is_acknowledged_one_by_one() -> None:
    with pytest.raises(Conflict) as caught:
        decide(**(DECISION | {"missing": [VOICE, OTHER_VOICE], "acknowledged": ["req-1"]}))
    assert caught.value.code == "decision.missing_voices"
    assert caught.value.detail.endswith(": police")


def test_an_answer_that_came_meanwhile_is_read_before_the_decision() -> None:
    with pytest.raises(Conflict, match=r"decision\.answered_since"):
        decide(**(DECISION | {"missing": [], "acknowledged": ["req-1"]}))


def test_a_referral_closes_once_the_referrer_knows_and_every_product_is_accepted() -> None:
    check_closure(feedback_given=True)
    check_closure(feedback_given=False, why_no_feedback="the referrer left no name")
    with pytest.raises(Conflict, match=r"closure\.feedback"):
        check_closure(feedback_given=False, why_no_feedback=" ")
    with pytest.raises(Conflict, match="assessment"):
        check_closure(feedback_given=True, unaccepted=["assessment"])
