from __future__ import annotations

import pytest

from routing.repeats import Alert
from routing.suggestion import RULES, suggest
from schemas.notification import Handling, Notification
from schemas.persons import Person
from schemas.vocabulary import Concern, Rating
from tests.unit.routing.builders import notification, person

CHILD = person()
ALERT = Alert(kind="repeat", count=3, because="three", evidence=("msg-1", "msg-2", "msg-3"))
CALM = notification(CHILD, categories=(Concern.SCHOOL_ATTENDANCE,), level=1, narrative="absent twice")
UNBORN = Person(ref="child-1", unborn=True, mother="adult-1")


@pytest.mark.parametrize(
    "item, rating, reason",
    [
        (notification(CHILD, danger="now"), Rating.RED, "immediate danger is reported"),
        (
            notification(CHILD, categories=(Concern.PHYSICAL,), injuries="a burn"),
            Rating.RED,
            "injuries are reported with abuse",
        ),
        (notification(CHILD, categories=(Concern.FGM,)), Rating.RED, "this kind of harm is grave"),
        (notification(CHILD, level=4), Rating.RED, "the referrer sees need at level 4"),
        (notification(CHILD, grade="Red "), Rating.RED, "the source graded it red"),
        (notification(CHILD, categories=(Concern.DRUGS,), narrative="x"), Rating.AMBER, "this kind of harm is serious"),
        (notification(UNBORN, narrative="x", level=1), Rating.AMBER, "an unborn child"),
        (notification(level=1), Rating.AMBER, "the child is still to be identified"),
        (notification(CHILD, level=3), Rating.AMBER, "the referrer sees need at level 3"),
        (notification(CHILD, grade="AMBER", narrative="x"), Rating.AMBER, "the source graded it amber"),
        (notification(CHILD), Rating.AMBER, "too little is known"),
        (
            CALM.model_copy(update={"handling": Handling(hidden_location=True)}),
            Rating.AMBER,
            "the family's location is hidden",
        ),
        (CALM, Rating.GREEN, "nothing in it asks"),
    ],
)
def test_a_suggestion_gives_its_reasons(item: Notification, rating: Rating, reason: str) -> None:
    suggestion = suggest(item)
    assert suggestion.rating is rating
    assert any(said.startswith(reason) for said in suggestion.reasons)


def test_repeats_raise_what_would_else_be_low() -> None:
    assert suggest(CALM, [ALERT]).rating is Rating.AMBER


def test_greens_that_add_up_raise_what_would_else_be_low_for_a_reason_of_their_own() -> None:
    greens = Alert(kind="greens", count=3, because="three", evidence=ALERT.evidence)
    suggestion = suggest(CALM, [greens])
    assert suggestion.rating is Rating.AMBER
    assert suggestion.reasons == (
        "several that were graded green in a short time escalate: one by one each looked small",
    )


def test_the_worst_rating_wins_with_all_its_reasons_and_no_others() -> None:
    item = notification(CHILD, categories=(Concern.SEXUAL, Concern.DRUGS), level=4, danger="now")
    suggestion = suggest(item, [ALERT])
    assert suggestion.rating is Rating.RED
    assert len(suggestion.reasons) == 3


def test_a_drugs_warrant_with_little_else_known_is_suggested_amber() -> None:
    assert suggest(notification(CHILD, categories=(Concern.DRUGS,))).rating is Rating.AMBER


def test_a_suggestion_says_that_software_made_it() -> None:
    assert suggest(CALM).suggested_by == "software"


def test_every_row_has_a_reason_of_its_own() -> None:
    assert len({rule.because for rule in RULES}) == len(RULES)
