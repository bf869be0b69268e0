"""Each check holds for an adapter that keeps the rules, and fails for one that breaks its rule."""

from __future__ import annotations

import pytest

from adapters.kit import CHECKS, Check, Failed, Sample, checks
from adapters.port import FeedContext
from schemas.notification import Reading
from tests.unit.adapters.kit import notes

GOLDEN = notes.Notes().read(notes.NOTE, FeedContext(feed="fixtures", agency="example")).model_dump_json()
SAMPLE = Sample(name="note", payload=notes.NOTE, golden=GOLDEN)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_check_holds_for_an_adapter_that_keeps_the_rules(check: Check) -> None:
    check(notes.Notes(), SAMPLE)


@pytest.mark.parametrize(
    "adapter,check,where",
    [
        (notes.HasNoName(), checks.says_what_it_is, "name"),
        (notes.ReadsTheClock(), checks.is_pure, "datetime.now"),
        (notes.ReadsTheOtherClock(), checks.is_pure, "time.time"),
        (notes.ThrowsDice(), checks.is_pure, "_random.random"),
        (notes.ReadsAFile(), checks.is_pure, "open"),
        (notes.Remembers(), checks.is_stable, "read"),
        (notes.HidesAnOrigin(), checks.tells_where_every_field_came_from, "items[0].referrer.name"),
        (notes.DropsTheRest(), checks.leaves_nothing_unaccounted, "/tag"),
        (notes.CallsItSomethingElse(), checks.reads_as_agreed, "items[0].notification.referrer.name"),
        (notes.FallsOver(), checks.withstands_hostile_input, "a fragment"),
        (notes.TellsAValue(), checks.withstands_hostile_input, "acme.notes.object"),
        (notes.AnswersWrongly(), checks.answers_every_fate, "accepted: status"),
        (notes.GossipsInItsAnswer(), checks.answers_every_fate, "body"),
        (notes.AnswersNobody(), checks.answers_what_it_was_sent, "accepted: body"),
        (notes.AnswersInPieces(), checks.answers_what_it_was_sent, "accepted: body"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, notes.Notes) else "",
)
def test_a_check_fails_for_an_adapter_that_breaks_its_rule(adapter: notes.Notes, check: Check, where: str) -> None:
    with pytest.raises(Failed) as failed:
        check(adapter, SAMPLE)
    assert where in failed.value.where
    assert failed.value.todo


def test_a_failure_tells_no_value_of_the_sample() -> None:
    with pytest.raises(Failed) as failed:
        checks.leaves_nothing_unaccounted(notes.DropsTheRest(), SAMPLE)
    assert "evening" not in str(failed.value)


def test_a_sample_that_the_adapter_refuses_is_no_sample() -> None:
    with pytest.raises(Failed, match=r"acme.notes.json"):
        checks.leaves_nothing_unaccounted(notes.Notes(), Sample(name="broken", payload=b"{"))


def test_a_walk_that_the_adapter_brings_is_compared_by_its_places_too() -> None:
    def reading_elsewhere(payload: bytes) -> Reading:
        return notes.Notes().read(payload, SAMPLE.context)

    assert reading_elsewhere(notes.NOTE).items
    sample = Sample(name="note", payload=notes.NOTE, walk=lambda _: iter([("/elsewhere", "Morgan Example")]))
    with pytest.raises(Failed) as failed:
        checks.leaves_nothing_unaccounted(notes.Notes(), sample)
    assert failed.value.where == "/elsewhere"
