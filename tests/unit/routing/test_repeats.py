from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.repeats import ROWS, PastNotification, assess, graded_green, months_before
from schemas.hub import RepeatRule
from schemas.vocabulary import ItemKind
from tests.unit.routing.builders import NOW, notification, person

DEFAULT = RepeatRule()
HISTORY = st.lists(
    st.builds(
        PastNotification,
        at=st.integers(-10, 2000).map(lambda days: NOW - timedelta(days=days)),
        agency=st.sampled_from(["police", "health", "school"]),
        kind=st.sampled_from(list(ItemKind)),
        message_id=st.sampled_from([f"msg-{number}" for number in range(12)]),
        green=st.booleans(),
    ),
    max_size=14,
)


def past(name: str, days: int, agency: str = "police", kind: ItemKind = ItemKind.CONCERN) -> PastNotification:
    return PastNotification(at=NOW - timedelta(days=days), agency=agency, kind=kind, message_id=name)


def test_the_third_in_twelve_months_must_be_looked_at_with_its_evidence() -> None:
    history = [past("msg-3", 0), past("msg-1", 300, "health"), past("msg-2", 100)]
    (alert,) = assess(history, NOW, DEFAULT)
    assert (alert.kind, alert.count, alert.evidence) == ("repeat", 3, ("msg-1", "msg-2", "msg-3"))
    assert alert.because == "3 notifications from 2 agencies in 12 months: from 3 on it must be looked at"


def test_two_in_twelve_months_and_one_before_are_no_repeat() -> None:
    assert assess([past("msg-1", 366), past("msg-2", 100), past("msg-3", 0)], NOW, DEFAULT) == ()


def test_exactly_twelve_months_ago_is_within_twelve_months() -> None:
    assert assess([past("msg-1", 365), past("msg-2", 100), past("msg-3", 0)], NOW, DEFAULT)


def test_the_fifth_in_a_lifetime_gets_a_cumulative_harm_review() -> None:
    history = [past(f"msg-{year}", year * 400) for year in range(5)]
    (alert,) = assess(history, NOW, DEFAULT)
    assert (alert.kind, alert.count) == ("cumulative", 5)
    assert alert.evidence == ("msg-4", "msg-3", "msg-2", "msg-1", "msg-0")


def test_both_alerts_may_stand() -> None:
    assert [alert.kind for alert in assess([past(f"msg-{n}", n) for n in range(5)], NOW, DEFAULT)] == [
        "repeat",
        "cumulative",
    ]


@given(HISTORY, st.integers(2, 6), st.integers(2, 8), st.integers(1, 24))
def test_alerts_are_exactly_what_a_plain_count_says(
    history: list[PastNotification], count: int, lifetime: int, months: int
) -> None:
    rule = RepeatRule(count=count, lifetime=lifetime, window_months=months, greens=count, greens_months=months)
    first: dict[str, datetime] = {}
    green: dict[str, datetime] = {}
    for one in history:
        if one.kind is ItemKind.CONCERN and one.at <= NOW:
            first[one.message_id] = min(one.at, first.get(one.message_id, one.at))
            if one.green:
                green[one.message_id] = min(one.at, green.get(one.message_id, one.at))
    recent = {name for name, at in first.items() if at >= months_before(NOW, months)}
    alerts = {alert.kind: set(alert.evidence) for alert in assess(history, NOW, rule)}
    expected: dict[str, set[str]] = {}
    if len(recent) >= count:
        expected["repeat"] = recent
    if len(first) >= lifetime:
        expected["cumulative"] = set(first)
    greens = {name for name, at in green.items() if at >= months_before(NOW, months)}
    if len(greens) >= count:
        expected["greens"] = greens
    assert alerts == expected


@given(HISTORY)
def test_the_order_of_history_does_not_matter(history: list[PastNotification]) -> None:
    assert assess(history, NOW, DEFAULT) == assess(list(reversed(history)), NOW, DEFAULT)


@given(HISTORY)
def test_one_more_concern_never_silences_an_alert(history: list[PastNotification]) -> None:
    before = {alert.kind for alert in assess(history, NOW, DEFAULT)}
    after = {alert.kind for alert in assess([*history, past("msg-new", 0)], NOW, DEFAULT)}
    assert before <= after


@pytest.mark.parametrize(
    "moment, months, before",
    [
        ("2026-11-04", 12, "2025-11-04"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-01-31", 2, "2025-11-30"),
        ("2026-12-15", 12, "2025-12-15"),
    ],
)
def test_months_are_calendar_months(moment: str, months: int, before: str) -> None:
    start = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert months_before(start, months) == datetime.fromisoformat(before).replace(tzinfo=UTC)


def green(name: str, days: int) -> PastNotification:
    return replace(past(name, days), green=True)


def test_three_greens_in_three_months_suggest_escalation_with_their_evidence() -> None:
    alerts = assess([green("msg-1", 90), green("msg-2", 40), green("msg-3", 0)], NOW, DEFAULT)
    (alert,) = [alert for alert in alerts if alert.kind == "greens"]
    assert (alert.count, alert.evidence) == (3, ("msg-1", "msg-2", "msg-3"))
    assert alert.because == (
        "3 notifications from 1 agency in 3 months, each graded green by its sender: from 3 on escalation is suggested"
    )


def test_two_greens_and_another_grade_or_one_too_old_are_no_pattern_of_greens() -> None:
    for first in (past("msg-1", 50), green("msg-1", 93)):
        assert not any(
            alert.kind == "greens" for alert in assess([first, green("msg-2", 40), green("msg-3", 0)], NOW, DEFAULT)
        )


def test_a_hub_sets_how_many_greens_and_how_long() -> None:
    history = [green("msg-1", 20), green("msg-2", 0)]
    assert [alert.kind for alert in assess(history, NOW, RepeatRule(greens=2, greens_months=1))] == ["greens"]


def test_every_row_has_a_reason_of_its_own() -> None:
    assert len({row.because for row in ROWS}) == len({row.kind for row in ROWS}) == len(ROWS)


def test_green_is_what_the_sender_wrote_and_nothing_is_read_into_it() -> None:
    for grade, expected in ((" GREEN ", True), ("green", True), ("amber", False), ("", False), ("greenish", False)):
        assert graded_green(notification(person(), grade=grade)) is expected
