"""OperationOutcomes: valid by a library that is not ours, in the sender's syntax, with the right severity and place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.nhs.fhir_outcome import outcome
from adapters.port import STATUS, Fate, Problem, Receipt

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
JSON, XML = b'{"resourceType":"Patient"}', b'<Patient xmlns="http://hl7.org/fhir"/>'
BAD = (Fate.CONFLICT, Fate.QUARANTINED, Fate.REFUSED, Fate.UNAVAILABLE)
FHIR = "{http://hl7.org/fhir}"
ORDER = ("severity", "code", "details", "diagnostics", "location", "expression")


def receipt(fate: Fate, problem: Problem | None = None, message_id: str = "msg_1") -> Receipt:
    return Receipt(fate=fate, at=AT, message_id=message_id, problem=problem)


def issue_of(body: bytes) -> dict[str, object]:
    made = OperationOutcome.model_validate_json(body).model_dump(mode="json")
    (issue,) = made["issue"]
    return dict(issue)


@pytest.mark.parametrize("fate", Fate)
def test_fhir_resources_takes_every_answer(fate: Fate) -> None:
    problem = Problem(code="nhs.fhir.empty", at="Bundle.entry", detail="Send more.") if fate in BAD else None
    answer = outcome(JSON, receipt(fate, problem))
    assert (answer.status, answer.media_type) == (STATUS[fate], "application/fhir+json")
    assert issue_of(answer.body)["severity"] in ("information", "error", "fatal")


@pytest.mark.parametrize("fate", Fate)
def test_xml_says_the_same_in_the_order_of_the_specification(fate: Fate) -> None:
    problem = Problem(code="nhs.fhir.empty", at="Bundle.entry", detail="Send <more>.") if fate in BAD else None
    answer = outcome(XML, receipt(fate, problem))
    assert (answer.status, answer.media_type) == (STATUS[fate], "application/fhir+xml")
    root = etree.fromstring(answer.body)
    assert root.tag == f"{FHIR}OperationOutcome"
    assert [etree.QName(child).localname for child in root] == ["meta", "extension", "issue"]
    names = [etree.QName(child).localname for child in root[-1]]
    assert names == [name for name in ORDER if name in names]
    assert root.find(f"{FHIR}extension").get("url") == "urn:mash-gateway:message-id"  # type: ignore[union-attr]
    told = issue_of(outcome(JSON, receipt(fate, problem)).body)
    for name in ("severity", "code"):
        assert root.find(f"{FHIR}issue/{FHIR}{name}").get("value") == told[name]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "fate, code, severity, kind",
    [
        (Fate.ACCEPTED, "", "information", "informational"),
        (Fate.DUPLICATE, "", "information", "duplicate"),
        (Fate.CONFLICT, "message.conflict", "error", "conflict"),
        (Fate.QUARANTINED, "nhs.fhir.json", "fatal", "structure"),
        (Fate.QUARANTINED, "nhs.fhir.size", "fatal", "too-long"),
        (Fate.QUARANTINED, "nhs.fhir.unsupported", "error", "not-supported"),
        (Fate.QUARANTINED, "nhs.fhir.message_header", "error", "invariant"),
        (Fate.QUARANTINED, "nhs.fhir.empty", "error", "required"),
        (Fate.QUARANTINED, "adapter.fault", "fatal", "exception"),
        (Fate.REFUSED, "credential.invalid", "error", "login"),
        (Fate.REFUSED, "feed.not_yours", "error", "forbidden"),
        (Fate.REFUSED, "something.else", "error", "processing"),
        (Fate.UNAVAILABLE, "store.busy", "error", "transient"),
    ],
)
def test_each_problem_has_its_severity_and_type(fate: Fate, code: str, severity: str, kind: str) -> None:
    problem = Problem(code=code) if code else None
    issue = issue_of(outcome(JSON, receipt(fate, problem)).body)
    assert (issue["severity"], issue["code"]) == (severity, kind)
    assert issue["details"]["coding"][0]["code"] == (code or f"message.{fate}")  # type: ignore[index]


def test_a_place_is_an_expression_where_it_is_a_path_and_words_where_it_is_not() -> None:
    path = Problem(code="nhs.fhir.x", at="Bundle.entry[2].resource", detail="Change it.")
    issue = issue_of(outcome(JSON, receipt(Fate.QUARANTINED, path)).body)
    assert issue["expression"] == ["Bundle.entry[2].resource"]
    assert issue["diagnostics"] == "Change it."
    line = Problem(code="nhs.fhir.malformed", at="line 3, column 5", detail="Send well-formed XML.")
    issue = issue_of(outcome(JSON, receipt(Fate.QUARANTINED, line)).body)
    assert "expression" not in issue
    assert issue["diagnostics"] == "Send well-formed XML. At line 3, column 5."


def test_bytes_that_tell_no_syntax_are_answered_as_the_feed_says() -> None:
    assert outcome(b"", receipt(Fate.REFUSED)).media_type == "application/fhir+json"
    assert outcome(b"", receipt(Fate.REFUSED), default="xml").media_type == "application/fhir+xml"
    assert outcome(XML, receipt(Fate.REFUSED), default="json").media_type == "application/fhir+xml"


@given(st.binary(max_size=50), st.text(max_size=30), st.text(max_size=30), st.sampled_from(Fate))
def test_an_answer_never_fails_and_is_always_well_formed(payload: bytes, code: str, at: str, fate: Fate) -> None:
    problem = Problem(code=code, at=at, detail=at)
    issue_of(outcome(JSON, receipt(fate, problem)).body)
    etree.fromstring(outcome(XML, receipt(fate, problem)).body)
    assert outcome(payload, receipt(fate, problem)).body
