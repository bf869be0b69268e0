from __future__ import annotations

from adapters import natives
from adapters.json_taking import JsonTaking
from schemas.identifiers import IdentifierKind


def test_what_is_carried_word_for_word_is_not_listed_and_the_rest_is() -> None:
    taking = JsonTaking({"/a": "Fern", "/b": "other", "/c": " padded "})
    assert taking.carry("concern.source_grade", "/missing", "/a") == "Fern"
    assert taking.carry("immediate_danger", "/c") == "padded"
    taking.leave_rest()
    assert [(left.pointer, left.value) for left in taking.recorder.unmapped] == [("/b", "other"), ("/c", " padded ")]
    assert {one.pointer for one in taking.recorder.provenance} == {"/a", "/c"}


def test_a_value_that_was_handed_out_and_not_used_is_listed_all_the_same() -> None:
    taking = JsonTaking({"/born": "2014-02-03", "/seen": "2 March 2026", "/idle": "x"})
    assert natives.partial_date(taking.recorder, "children[0].birth_date", taking.native("/born")) == "2014-02-03"
    assert natives.partial_date(taking.recorder, "event_at", taking.native("/seen")) is not None
    taking.native("/idle")
    assert taking.native("/absent") is natives.ABSENT
    taking.leave_rest()
    assert [left.pointer for left in taking.recorder.unmapped] == ["/seen", "/idle"]


def test_an_identifier_keeps_its_issuer_and_its_own_spelling() -> None:
    taking = JsonTaking({"/nhs": "999 000 0026", "/by": "Surgery"})
    found = taking.identify("children[0].identifiers[0]", "/nhs", IdentifierKind.NHS, "/by")
    taking.leave_rest()
    assert found.issuer == "Surgery"
    assert [(left.pointer, left.value) for left in taking.recorder.unmapped] == [("/nhs", "999 000 0026")]


def test_a_mark_says_where_a_field_follows_from_and_carries_nothing() -> None:
    taking = JsonTaking({"/name": "REDACTED", "/told": "Fern"})
    taking.native("/name")
    taking.mark("handling.restricted", "/name")
    taking.carry("incident.narrative", "/told")
    taking.mark("handling.restricted", "/told")
    taking.leave_rest()
    assert [left.pointer for left in taking.recorder.unmapped] == ["/name"]
    assert [one.field for one in taking.recorder.provenance][1:] == ["handling.restricted", "handling.restricted"]
