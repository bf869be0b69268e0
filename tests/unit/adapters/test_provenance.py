from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.provenance import Recorder
from schemas.identifiers import IdentifierKind, Validity


def test_a_view_records_into_the_same_lists_under_its_prefix() -> None:
    recorder = Recorder()
    view = recorder.within("children[0]").within("names[1]")
    view.take("family", "/a")
    view.leave("/b", "left")
    view.flag("odd", "family")
    assert [(each.field, each.pointer) for each in recorder.provenance] == [("children[0].names[1].family", "/a")]
    assert [(each.pointer, each.value) for each in recorder.unmapped] == [("/b", "left")]
    assert [(each.code, each.field) for each in recorder.quality] == [("odd", "children[0].names[1].family")]


def test_a_flag_without_a_field_of_a_view_is_about_the_whole_of_it() -> None:
    recorder = Recorder()
    recorder.within("children[0]").flag("odd")
    assert recorder.quality[0].field == "children[0]"


def test_the_same_flag_is_noted_once() -> None:
    recorder = Recorder()
    recorder.flag("odd", "sex")
    recorder.flag("odd", "sex")
    assert len(recorder.quality) == 1


def test_blank_content_is_none_and_is_not_listed() -> None:
    recorder = Recorder()
    recorder.leave("/a", " \n")
    assert recorder.unmapped == ()
    assert not recorder.saw("/a")


def test_a_translated_value_is_both_taken_and_left() -> None:
    recorder = Recorder()
    recorder.translate("sex", "/sex", "2")
    assert recorder.provenance[0].pointer == recorder.unmapped[0].pointer == "/sex"
    assert recorder.unmapped[0].value == "2"


def test_a_sweep_leaves_what_nobody_saw_even_where_two_values_share_a_pointer() -> None:
    recorder = Recorder()
    recorder.take("sex", "/sex")
    recorder.sweep([("/sex", "2"), ("/x", "one"), ("/x", "two")])
    assert [each.value for each in recorder.unmapped] == ["one", "two"]


def test_an_identifier_in_canonical_spelling_leaves_nothing_behind() -> None:
    recorder = Recorder()
    made = recorder.identify("identifiers[0]", "/id", IdentifierKind.NHS, "9990004714")
    assert made.validity is Validity.VALID
    assert recorder.unmapped == ()
    assert recorder.quality == ()


def test_an_identifier_spelt_otherwise_keeps_its_native_text_and_a_failed_check_is_flagged() -> None:
    recorder = Recorder()
    recorder.identify("identifiers[0]", "/id", IdentifierKind.NHS, "999 000 4715")
    assert recorder.unmapped[0].value == "999 000 4715"
    assert [(each.code, each.field) for each in recorder.quality] == [("identifier.check_failed", "identifiers[0]")]


def test_pointers_that_come_once_are_recorded_alike() -> None:
    recorders = [Recorder(recurring=recurring) for recurring in (True, False)]
    for recorder in recorders:
        recorder.within("children[0]").take("sex", "row[7]/Sex")
        recorder.within("children[0]").take("", "x" * 1_000)
    assert recorders[0].provenance == recorders[1].provenance
    assert [each.field for each in recorders[0].provenance] == ["children[0].sex", "children[0]"]


def test_an_empty_field_is_none() -> None:
    for recurring in (True, False):
        recorder = Recorder(recurring=recurring)
        recorder.take("", "/a")
        with pytest.raises(ValidationError):
            _ = recorder.provenance
