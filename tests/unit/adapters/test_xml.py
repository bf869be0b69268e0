from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from adapters.xml import LIMITS, XmlLimits, parse
from schemas.errors import MashError, Rejected, TooLarge

SCHEMA = etree.XMLSchema(
    etree.fromstring(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
        targetNamespace="urn:a" elementFormDefault="qualified">
        <xs:element name="a"><xs:complexType><xs:sequence>
          <xs:element name="b" maxOccurs="9"><xs:complexType><xs:simpleContent>
            <xs:extension base="xs:int"><xs:attribute name="c" use="required"/></xs:extension>
          </xs:simpleContent></xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element></xs:schema>""",
    ),
)


def test_comments_and_instructions_do_not_split_the_text_and_are_kept() -> None:
    document = parse(b"<!-- before --><a><b>o<!-- c -->n<?p q?>e</b></a>", code="x")
    assert document.root.value("b").text == "one"
    assert {value for _, value in document.asides} == {"before", "c", "p q"}


@pytest.mark.parametrize(
    "payload",
    [
        b"<!DOCTYPE a><a/>",
        b"<?xml version='1.0'?>\n<!-- x --><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<!DOCTYPE a [<!ENTITY",
        b'<!DOCTYPE a [<!ATTLIST a b CDATA "default">]><a/>',
        "<!DOCTYPE a><a/>".encode("utf-16"),
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a><a/>".encode("utf-16"),
    ],
)
def test_any_doctype_is_refused(payload: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        parse(payload, code="x")
    assert caught.value.code == "x.doctype"


def test_the_word_doctype_in_a_text_is_text() -> None:
    assert parse(b"<a><![CDATA[<!DOCTYPE html>]]></a>", code="x").root.text == "<!DOCTYPE html>"


@pytest.mark.parametrize(
    "payload, code",
    [
        (b"", "x.malformed"),
        (b"<a>", "x.malformed"),
        (b"<a>&undefined;</a>", "x.malformed"),
        (b"\xff\xfe\x00", "x.malformed"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "x.encoding"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xe9</a>", "x.encoding"),
        ("<?xml version='1.0' encoding='IBM037'?><!DOCTYPE a><a/>".encode("cp037"), "x.encoding"),
    ],
)
def test_what_is_no_xml_in_a_known_encoding_is_refused_with_its_place(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse(payload, code="x")
    assert caught.value.code == code
    assert caught.value.at
    assert caught.value.detail


@pytest.mark.parametrize(
    "payload, code",
    [
        (b"<a>" + b"x" * 300 + b"</a>", "x.size"),
        (b"<a>" * 6 + b"</a>" * 6, "x.depth"),
        (b"<a>" + b"<b/>" * 20 + b"</a>", "x.elements"),
        (b"<a b='1' c='2' d='3'/>", "x.attributes"),
    ],
)
def test_each_limit_holds(payload: bytes, code: str) -> None:
    with pytest.raises(TooLarge) as caught:
        parse(payload, code="x", limits=XmlLimits(size=200, depth=5, elements=10, attributes=2))
    assert caught.value.code == code


def test_a_document_at_its_limits_is_read() -> None:
    limits = XmlLimits(size=200, depth=5, elements=10, attributes=2)
    for payload in (
        b"<a>" * 5 + b"</a>" * 5,
        b"<a>" + b"<b/>" * 9 + b"</a>",
        b"<a b='1' c='2'><d e='3' f='4'>= = =</d></a>",
    ):
        assert parse(payload, code="x", limits=limits).root.name == "a"


@example(depth=5, elements=0, attributes=0, encoding="utf-8")
@example(depth=4, elements=16, attributes=0, encoding="utf-16")
@given(st.integers(0, 7), st.integers(0, 22), st.integers(0, 4), st.sampled_from(["utf-8", "utf-16"]))
def test_the_quick_look_at_the_limits_lets_nothing_through(
    depth: int, elements: int, attributes: int, encoding: str
) -> None:
    limits = XmlLimits(size=2_000, depth=5, elements=20, attributes=2)
    given_names = " ".join(f"n{number}='='" for number in range(attributes))
    text = f"<r {given_names}>" + "<d>" * depth + "</d>" * depth + "<e/>" * elements + "</r>"
    within = depth < 5 and depth + elements < 20 and attributes <= 2
    error = _refusal(text.encode(encoding), limits)
    assert (error is None) is within
    assert within or isinstance(error, TooLarge)


def test_a_glance_finds_what_the_walk_finds() -> None:
    for payload in (
        b"<a><b/><B><c/><c> 1 </c></B></a>",
        b"<a><b><c><d/></c><c>1</c></b></a>",
        b"<a/>",
        b"<x:a xmlns:x='urn:x'><x:b><x:c>o<!-- c -->ne</x:c></x:b></x:a>",
    ):
        document = parse(payload, code="x")
        assert document.glance("b/c") == document.root.value("b/c").text


def test_nesting_deeper_than_the_parser_goes_is_too_large_too() -> None:
    with pytest.raises(TooLarge) as caught:
        parse(b"<a>" * 5_000, code="x")
    assert caught.value.code == "x.depth"


@pytest.mark.parametrize(
    "payload, at, words",
    [
        (b'<a xmlns="urn:a"><b c="">1</b><b c="">z</b></a>', "/a/b[2]", "value"),
        (b'<p:a xmlns:p="urn:a"><p:b c="">1</p:b><p:b>2</p:b></p:a>', "/a/b[2]", "attribute that the schema requires"),
        (b'<a xmlns="urn:a"><b c="" d="">1</b></a>', "/a/b", "does not know"),
        (b'<a xmlns="urn:a"><z/></a>', "/a/z", "order"),
        (b'<a xmlns="urn:a"/>', "/a", "order"),
        (b"<q/>", "/q", "first element"),
    ],
)
def test_a_fault_against_a_schema_names_the_place_and_what_to_do(payload: bytes, at: str, words: str) -> None:
    fault = parse(payload, code="x").fault(SCHEMA)
    assert fault is not None
    assert fault[0] == at
    assert words in fault[1]


def test_a_valid_document_has_no_fault() -> None:
    assert parse(b'<a xmlns="urn:a"><b c="">1</b></a>', code="x").fault(SCHEMA) is None


@given(st.binary(max_size=200) | st.text("<>/ab&;!-[]?\"'=", max_size=80).map(str.encode))
def test_no_bytes_make_the_reader_raise_anything_but_our_errors(payload: bytes) -> None:
    error = _refusal(payload)
    assert error is None or error.code.startswith("x.")


def _refusal(payload: bytes, limits: XmlLimits = LIMITS) -> MashError | None:
    try:
        parse(payload, code="x", limits=limits).root.values()
    except MashError as error:
        return error
    return None
