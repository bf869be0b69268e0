from __future__ import annotations

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from schemas.persons import Sex

ABSENT = Native("", "/none")


def test_an_absent_value_leaves_no_trace() -> None:
    recorder = Recorder()
    assert natives.carry(recorder, "a", ABSENT) == ""
    assert natives.read(recorder, "b", ABSENT, codes.sex) is None
    assert natives.answer(recorder, "c", ABSENT) is None
    assert natives.caution(recorder, "d", ABSENT) is False
    assert natives.carry_each(recorder, "e", [ABSENT]) == ()
    assert recorder.provenance == ()
    assert recorder.unmapped == ()
    assert recorder.quality == ()


def test_a_value_that_is_read_keeps_its_native_text_beside_it() -> None:
    recorder = Recorder()
    assert natives.read(recorder, "sex", Native("2", "/sex"), codes.sex) is Sex.FEMALE
    assert recorder.provenance[0].field == "sex"
    assert recorder.unmapped[0].value == "2"


def test_a_value_that_cannot_be_read_is_left_and_flagged_and_fills_nothing() -> None:
    recorder = Recorder()
    assert natives.partial_date(recorder, "birth_date", Native("31/02/2010", "/dob")) is None
    assert recorder.provenance == ()
    assert recorder.unmapped[0].value == "31/02/2010"
    assert recorder.quality[0].code == "date.unread"


def test_in_a_question_of_protection_anything_but_a_clear_no_means_yes() -> None:
    recorder = Recorder()
    assert natives.caution(recorder, "a", Native("refuge", "/a"))
    assert natives.caution(recorder, "b", Native("Y", "/b"))
    assert not natives.caution(recorder, "c", Native("no", "/c"))
    assert {each.value for each in recorder.unmapped} == {"refuge", "Y", "no"}


def test_blank_parts_leave_no_gap_in_the_places_of_a_list() -> None:
    recorder = Recorder()
    values = [Native("one", "/1"), ABSENT, Native("two", "/3")]
    assert natives.carry_each(recorder, "lines", values) == ("one", "two")
    assert [each.field for each in recorder.provenance] == ["lines[0]", "lines[1]"]


def test_lower_case_keeps_the_native_spelling_where_it_differs() -> None:
    recorder = Recorder()
    assert natives.lower(recorder, "relation", Native("Mother", "/r")) == "mother"
    assert natives.lower(recorder, "relation", Native("aunt", "/q")) == "aunt"
    assert [each.value for each in recorder.unmapped] == ["Mother"]


def test_a_bare_no_does_not_fill_a_field_that_tells_of_danger() -> None:
    recorder = Recorder()
    assert natives.carry_unless_no(recorder, "immediate_danger", Native("No", "/d")) == ""
    assert recorder.unmapped[0].value == "No"
    assert natives.carry_unless_no(recorder, "immediate_danger", Native("A gun", "/d")) == "A gun"
