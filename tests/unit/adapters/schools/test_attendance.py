from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kinds import judge
from adapters.schools import attendance
from adapters.schools.attendance import MARKS, RULES, Counts, Facts
from schemas.vocabulary import ItemKind

NATIONAL = {*"/\\#BCDEGIKLMNOPQRSTUVWXZ", "C1", "C2", "J1", *(f"Y{number}" for number in range(1, 8))}


def test_the_code_set_is_that_of_2024_and_each_mark_comes_once() -> None:
    current = [mark.code for mark in MARKS if not mark.retired]
    assert set(current) == NATIONAL
    assert len({mark.code for mark in MARKS}) == len(MARKS)
    assert all(mark.means for mark in MARKS)


@pytest.mark.parametrize(
    "code, counts",
    [
        *((code, Counts.PRESENT) for code in ("/", "l")),
        *((code, Counts.AUTHORISED) for code in ("I", "H", "C2")),
        *((code, Counts.UNAUTHORISED) for code in ("o", "G", "N", "U")),
        *((code, Counts.NONE) for code in ("#", "Y5", " Y7 ", "D")),
    ],
)
def test_a_mark_counts_as_the_regulations_say(code: str, counts: Counts) -> None:
    found = attendance.mark(code)
    assert found is not None
    assert found.counts is counts


@pytest.mark.parametrize("code", ["", "!", "Y8", "A", "OO", "?"])
def test_a_mark_of_no_code_set_is_none(code: str) -> None:
    assert attendance.mark(code) is None


def test_a_row_of_marks_is_read_mark_by_mark() -> None:
    codes = [mark.code if mark else None for mark in attendance.marks("/\\ oC2Y1-,J1@")]
    assert codes == ["/", "\\", "O", "C2", "Y1", "J1", None]


@pytest.mark.parametrize(
    "facts, kind",
    [
        (Facts(missing=True), ItemKind.CONCERN),
        (Facts(removed=True, destination_unknown=True, identified=True), ItemKind.CONCERN),
        (Facts(removed=True, identified=True), ItemKind.UPDATE),
        (Facts(destination_unknown=True, identified=True), ItemKind.UPDATE),
        (Facts(days=10, identified=True), ItemKind.CONCERN),
        (Facts(days=9, identified=True), ItemKind.UPDATE),
        (Facts(severe=True, identified=True), ItemKind.CONCERN),
        (Facts(persistent=True, identified=True), ItemKind.CONCERN),
        (Facts(detained=True, identified=True), ItemKind.CONCERN),
        (Facts(told=True, identified=True), ItemKind.CONCERN),
        (Facts(identified=True), ItemKind.UPDATE),
        (Facts(), ItemKind.CONTEXT),
    ],
)
def test_the_rows_judge_a_record(facts: Facts, kind: ItemKind) -> None:
    found, because = judge(RULES, facts)
    assert found is kind
    assert because
    assert attendance.is_concern(facts) is (kind is ItemKind.CONCERN)


@pytest.mark.parametrize(
    "attended, absent, severe",
    [
        *(("50", "", True), ("50.1%", "", False), ("", "50 %", True), ("", "49.9", False)),
        *(("101", "", False), ("", "", False), ("low", "high", False), ("0", "", True)),
    ],
)
def test_half_of_the_sessions_missed_is_severe(attended: str, absent: str, severe: bool) -> None:
    assert attendance.severe_share(attended, absent) is severe


@pytest.mark.parametrize("text, count", [("10", 10), ("12 school days", 12), ("1 day", 1), ("3.0", 3), ("some", None)])
def test_days_are_read_as_whole_ones(text: str, count: int | None) -> None:
    assert attendance.days(text) == count


@pytest.mark.parametrize("text", ["", "Unknown", "not known", "Destination unknown", "XXXXXXX", "N/A", "None"])
def test_a_destination_that_nobody_can_follow_is_unknown(text: str) -> None:
    assert attendance.unknown(text)


@pytest.mark.parametrize("text", ["Eastgate School", "Scotland", "Educated at home"])
def test_a_destination_that_is_named_is_known(text: str) -> None:
    assert not attendance.unknown(text)


@given(st.text(max_size=60))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    list(attendance.marks(text))
    attendance.mark(text)
    attendance.percent(text)
    attendance.days(text)
    attendance.unknown(text)
