"""The rows of patterns: each at its number and one short of it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.patterns import ROWS, Around, Finding, Kind, find, is_news
from routing.severity import Severity
from routing.traces import Trace
from schemas.hub import ResearchRule
from tests.unit.routing.tracing import beside, trace

LOW, MODERATE, HIGH = Severity
RULE = ResearchRule()


def found(seen: list[Trace], rule: ResearchRule = RULE) -> dict[Kind, Finding]:
    """What the last of these finds, by kind."""
    latest = max(seen, key=lambda one: one.at)
    return {one.kind: one for one in find(latest, beside(latest, seen), rule)}


def masked() -> list[Trace]:
    """Four low concerns about two siblings, held together by a mother whom two of them name."""
    return [
        trace("1", "a", "mum", days=150, agency="school"),
        trace("2", "b", "mum", days=100, agency="health"),
        trace("3", "b", days=50, agency="health"),
        trace("4", "a", days=0, agency="school"),
    ]


def test_low_concerns_about_siblings_from_different_agencies_are_unmasked_with_their_evidence() -> None:
    finding = found(masked())[Kind.MASKED]
    assert (finding.count, finding.evidence) == (4, ("msg-1", "msg-2", "msg-3", "msg-4"))
    assert finding.because == (
        "4 low notifications of one family, about 2 children from 2 agencies in 6 months, none of them much by itself: "
        "from 4 on"
    )


def test_three_low_or_one_agency_or_too_long_ago_are_not_masked() -> None:
    four = masked()
    assert Kind.MASKED not in found(four[1:])
    assert Kind.MASKED not in found([trace(str(days), "a", "mum", days=days) for days in (90, 60, 30, 0)])
    assert Kind.MASKED not in found([trace("0", "a", "mum", days=190, agency="school"), *four[1:]])


def test_a_concern_that_is_not_low_is_no_part_of_what_is_masked_and_raises_none() -> None:
    assert Kind.MASKED not in found([*masked(), trace("5", "a", days=-1, severity=MODERATE)])


def test_weights_add_up_over_a_family_and_each_message_counts_once() -> None:
    four = [trace(str(days), "a", days=days, severity=step) for days, step in ((9, HIGH), (5, HIGH), (0, LOW))]
    assert found(four)[Kind.WEIGHT].count == 9
    batch = [trace(f"{number}", "a", severity=HIGH, message="msg-batch") for number in range(3)]
    assert Kind.WEIGHT not in found([*four[:1], *batch])
    mixed = [trace(f"{number}", "a", severity=step, message="msg-mixed") for number, step in enumerate((LOW, HIGH))]
    assert found([*four[:1], trace("x", "a", days=4), *mixed])[Kind.WEIGHT].count == 9


@pytest.mark.parametrize(
    "steps, rising",
    [
        ((LOW, MODERATE, HIGH), True),
        ((LOW, LOW, HIGH), True),
        ((LOW, MODERATE, MODERATE), False),
        ((LOW, LOW, MODERATE, MODERATE), True),
        ((MODERATE, HIGH, HIGH), False),
        ((MODERATE, MODERATE, HIGH, HIGH), True),
        ((LOW, LOW, LOW, LOW), False),
        ((HIGH, LOW, MODERATE), False),
        ((LOW, HIGH), False),
    ],
)
def test_concerns_that_grow_graver(steps: tuple[Severity, ...], rising: bool) -> None:
    seen = [trace(str(place), "a", days=90 - place, severity=step) for place, step in enumerate(steps)]
    assert (Kind.RISING in found(seen)) is rising


def test_the_evidence_of_a_rise_is_its_run() -> None:
    steps = (HIGH, LOW, MODERATE, HIGH)
    seen = [trace(str(place), "a", days=90 - place, severity=step) for place, step in enumerate(steps)]
    assert found(seen)[Kind.RISING].evidence == ("msg-1", "msg-2", "msg-3")


def test_several_agencies_about_one_child() -> None:
    seen = [trace(one, "a", days=days, agency=one) for days, one in ((80, "school"), (40, "health"), (0, "police"))]
    finding = found(seen)[Kind.AGENCIES]
    assert (finding.around, finding.subject, finding.count) == (Around.CHILD, "a", 3)
    assert Kind.AGENCIES not in found([trace("school", "a", days=100, agency="school"), *seen[1:]])


def test_an_adult_around_the_children_of_three_families() -> None:
    seen = [trace(one, one, f"mum-{one}", days=days, others="x") for days, one in ((300, "a"), (200, "b"), (0, "c"))]
    finding = found(seen)[Kind.ADULT]
    assert (finding.subject, finding.count, finding.evidence) == ("x", 3, ("msg-a", "msg-b", "msg-c"))
    assert Kind.ADULT not in found(seen[1:])


def test_siblings_whom_one_adult_is_named_with_are_one_family() -> None:
    seen = [trace(str(days), child, "mum", days=days, others="x") for days, child in ((9, "a"), (5, "b"), (0, "c"))]
    assert Kind.ADULT not in found(seen)


def test_an_adult_alleged_once_who_is_named_with_another_family() -> None:
    seen = [trace("1", "a", "mum x", days=300, alleged="x"), trace("2", "b", "other x")]
    assert found(seen)[Kind.ADULT_ALLEGED].subject == "x"
    assert Kind.ADULT_ALLEGED not in found([trace("1", "a", "mum x", days=300), seen[1]])
    assert Kind.ADULT_ALLEGED not in found([seen[0], trace("2", "a", "mum x")])


def test_children_of_three_families_at_one_place() -> None:
    seen = [trace(one, one, days=days, homes="flat") for days, one in ((90, "a"), (40, "b"), (0, "c"))]
    assert found(seen)[Kind.PLACE].count == 3
    assert Kind.PLACE not in found(seen[1:])


def test_a_place_of_more_families_than_the_hub_says_is_a_hostel() -> None:
    seen = [trace(str(number), f"child-{number}", days=40 - number, homes="hostel") for number in range(13)]
    assert Kind.PLACE in found(seen[:12])
    assert Kind.PLACE not in found(seen)


def test_a_family_that_moves_between_its_concerns() -> None:
    seen = [
        trace(str(number), "a", days=300 - 90 * number, areas="first" if number < 2 else "second", severity=MODERATE)
        for number in range(4)
    ]
    assert found(seen)[Kind.MOVING].count == 4
    assert Kind.MOVING not in found([trace("0", "a", days=300, severity=MODERATE), *seen[2:]])


def test_a_family_told_of_often_however_it_is_told() -> None:
    seen = [trace(str(number), "a", days=300 - 50 * number, severity=MODERATE) for number in range(6)]
    assert found(seen)[Kind.FAMILY].count == 6
    assert Kind.FAMILY not in found(seen[1:])


def test_what_came_later_is_not_counted_for_an_earlier_concern() -> None:
    seen = masked()
    assert find(seen[2], beside(seen[2], seen), RULE) == ()


def test_a_hub_sets_the_numbers() -> None:
    assert Kind.MASKED in found(masked()[:2], RULE.model_copy(update={"masked": 2}))
    assert Kind.MASKED not in found(masked(), RULE.model_copy(update={"masked_agencies": 3}))


def test_an_alert_is_news_while_most_of_its_evidence_was_in_none_before() -> None:
    finding = found(masked())[Kind.MASKED]
    assert is_news(finding, [])
    assert is_news(finding, [("msg-1", "msg-2")])
    assert not is_news(finding, [("msg-1",), ("msg-2", "msg-3")])
    assert not is_news(replace(finding, evidence=("msg-1", "msg-2", "msg-3")), [("msg-1", "msg-2")])


def test_every_row_has_a_kind_and_a_reason_of_its_own() -> None:
    assert {row.kind for row in ROWS} == set(Kind)
    assert len({row.because for row in ROWS}) == len(ROWS) == len(Kind)


TRACES = st.lists(
    st.builds(
        trace,
        st.uuids().map(str),
        st.sampled_from(["a", "b", "a b", "c", "d"]),
        st.sampled_from(["", "mum", "mum x", "x", "other"]),
        days=st.integers(0, 400),
        agency=st.sampled_from(["police", "health", "school"]),
        severity=st.sampled_from(list(Severity)),
        alleged=st.sampled_from(["", "x"]),
        homes=st.sampled_from(["", "h", "g"]),
        areas=st.sampled_from(["", "1", "2"]),
    ),
    min_size=1,
    max_size=12,
)


@given(TRACES, st.randoms(use_true_random=False))
def test_findings_do_not_hang_on_the_order_in_which_traces_are_read(seen: list[Trace], order: random.Random) -> None:
    latest = max(seen, key=lambda one: (one.at, one.message_id))
    shuffled = list(seen)
    order.shuffle(shuffled)
    assert find(latest, beside(latest, seen), RULE) == find(latest, beside(latest, shuffled), RULE)


@given(TRACES)
def test_every_finding_rests_on_messages_that_end_with_the_latest_or_its_moment(seen: list[Trace]) -> None:
    latest = max(seen, key=lambda one: (one.at, one.message_id))
    names = {one.message_id for one in seen}
    for one in find(latest, beside(latest, seen), RULE):
        assert latest.message_id in one.evidence
        assert names.issuperset(one.evidence)
        assert len(set(one.evidence)) == len(one.evidence) >= 2
        assert one.because
