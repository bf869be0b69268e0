"""A FHIR resource is one tree, whether it came as JSON or as XML."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nhs.fhir_tree import NAMESPACE, is_xml, read
from schemas.errors import MashError, Rejected

NAMES = st.sampled_from(("name", "given", "code", "telecom", "note", "period"))
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(),
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=4),
    max_leaves=12,
)
RESOURCES = st.dictionaries(NAMES, VALUES | st.lists(VALUES, min_size=1, max_size=3), max_size=5)


def as_xml(resource: dict[str, Any]) -> bytes:
    """The same resource as FHIR writes it in XML."""
    kind = resource["resourceType"]
    inside = {key: value for key, value in resource.items() if key != "resourceType"}
    return f'<{kind} xmlns="{NAMESPACE}">{_inside(inside)}</{kind}>'.encode()


def _inside(value: dict[str, Any]) -> str:
    told = []
    for key, each in value.items():
        for one in each if isinstance(each, list) else [each]:
            if not isinstance(one, dict):
                text = str(one).lower() if isinstance(one, bool) else str(one)
                told.append(f"<{key} value={quoteattr(text)}/>")
                continue
            attributes = "".join(f" {name}={quoteattr(one[name])}" for name in ("url",) if name in one)
            rest = {name: inner for name, inner in one.items() if name not in ("url", "resourceType")}
            body = _inside(rest)
            if "resourceType" in one:
                body = f"<{one['resourceType']}>{body}</{one['resourceType']}>"
            told.append(f"<{key}{attributes}>{body}</{key}>")
    return "".join(told)


@given(RESOURCES)
def test_json_and_xml_have_the_same_values_at_the_same_places(inside: dict[str, Any]) -> None:
    resource = {"resourceType": "Basic", **inside}
    assert read(as_xml(resource)).root.leaves() == read(json.dumps(resource).encode()).root.leaves()


@given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    for start in (b"", b'{"resourceType":"Patient",', b'<Patient xmlns="http://hl7.org/fhir">'):
        error = refused(start + payload)
        assert error is None or (error.code.startswith("nhs.fhir.") and error.detail)


def refused(payload: bytes) -> MashError | None:
    try:
        read(payload)
    except MashError as error:
        return error
    return None


def test_a_pointer_counts_only_where_there_are_several() -> None:
    payload = {"resourceType": "Patient", "name": [{"given": ["A", "B"]}], "telecom": [{"value": "1"}, {"value": "2"}]}
    assert list(read(json.dumps(payload).encode()).root.leaves()) == [
        "Patient.resourceType",
        "Patient.name.given[0]",
        "Patient.name.given[1]",
        "Patient.telecom[0].value",
        "Patient.telecom[1].value",
    ]


def test_what_json_puts_beside_a_value_belongs_to_it() -> None:
    split = {
        "resourceType": "Patient",
        "birthDate": "2010-01-02",
        "_birthDate": {"id": "b1"},
        "_gender": {"extension": [{"url": "u:1", "valueCode": "x"}]},
        "name": [{"given": ["A", None], "_given": [None, {"extension": [{"url": "u:2", "valueString": "B"}]}]}],
    }
    assert read(json.dumps(split).encode()).root.leaves() == {
        "Patient.resourceType": "Patient",
        "Patient.birthDate": "2010-01-02",
        "Patient.birthDate.id": "b1",
        "Patient.gender.extension.url": "u:1",
        "Patient.gender.extension.valueCode": "x",
        "Patient.name.given[0]": "A",
        "Patient.name.given[1].extension.url": "u:2",
        "Patient.name.given[1].extension.valueString": "B",
    }


def test_an_id_and_a_url_are_the_same_as_attributes_and_as_members() -> None:
    sent = b'<Patient xmlns="http://hl7.org/fhir"><birthDate id="b1" value="2010"/><extension url="u:1"/></Patient>'
    assert read(sent).root.leaves() == {
        "Patient.resourceType": "Patient",
        "Patient.birthDate": "2010",
        "Patient.birthDate.id": "b1",
        "Patient.extension.url": "u:1",
    }


def test_names_that_are_no_names_are_quoted_so_that_no_two_values_have_one_place() -> None:
    sent = {"resourceType": "Basic", "a.b": "1", "a": {"b": "2"}, "c`d": "3"}
    assert read(json.dumps(sent).encode()).root.leaves() == {
        "Basic.resourceType": "Basic",
        "Basic.`a.b`": "1",
        "Basic.a.b": "2",
        "Basic.`c\\`d`": "3",
    }


def test_text_other_namespaces_and_narrative_in_xml_are_kept() -> None:
    sent = (
        b'<Patient xmlns="http://hl7.org/fhir" xmlns:o="urn:o" xmlns:xsi="urn:x" xsi:hint="h">stray'
        b'<o:extra value="1"/>more<text><div xmlns="http://www.w3.org/1999/xhtml">A <b>B</b></div></text></Patient>'
    )
    found = read(sent).root.leaves()
    assert {"stray", "more", "1", "h"} <= set(found.values())
    assert "A <b>B</b>" in found["Patient.text.div"]


@pytest.mark.parametrize(
    "payload, code, at",
    [
        (b"", "nhs.fhir.json", ""),
        (b"[]", "nhs.fhir.resource_type", ""),
        (b'{"resourceType":"patient"}', "nhs.fhir.resource_type", ""),
        (b'{"resourceType":7}', "nhs.fhir.resource_type", ""),
        (b'{"resourceType":"Patient","name":[["x"]]}', "nhs.fhir.structure", "Patient.name"),
        (b'{"resourceType":"Patient","a b":[["x"]]}', "nhs.fhir.structure", "Patient"),
        (b'{"resourceType":"Patient","name":{"id":"1"},"_name":{"id":"2"}}', "nhs.fhir.structure", "Patient.name"),
        (b'{"resourceType":"Patient","id":"1","id":"2"}', "nhs.fhir.duplicate_key", ""),
        (b"<Patient/>", "nhs.fhir.namespace", "/*"),
        (b'<patient xmlns="http://hl7.org/fhir"/>', "nhs.fhir.resource_type", "/*"),
        (b'<!DOCTYPE a><Patient xmlns="http://hl7.org/fhir"/>', "nhs.fhir.doctype", "/"),
    ],
)
def test_what_is_no_fhir_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(payload)
    assert (refused.value.code, refused.value.at) == (code, at)
    assert refused.value.detail


def test_an_element_called_outcome_is_a_resource_only_where_it_names_a_type() -> None:
    plain = {"resourceType": "Procedure", "outcome": {"text": "well"}}
    whole = {"resourceType": "Bundle", "outcome": {"resourceType": "OperationOutcome"}}
    assert not read(json.dumps(plain).encode()).root.all("outcome")[0].resource
    assert read(as_xml(whole)).root.all("outcome")[0].resource == "OperationOutcome"


def test_the_syntax_is_told_by_the_first_byte_that_says_something() -> None:
    assert is_xml(b"\xef\xbb\xbf \n<a/>") is True
    assert is_xml("<a/>".encode("utf-16")) is True
    assert is_xml(b"  {}") is False
    assert is_xml(b" \n") is None
