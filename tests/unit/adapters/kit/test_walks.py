"""Walks: every value of a syntax, by code that is nobody's adapter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kit import walks

WALKS = Path(walks.__file__).parent
HL7 = b"MSH|^~\\&|PAS|A\rPID|1||999~888^^^NHS||Test\\T\\case^De&v\rZZ1|x\r"
MAIL = b"""From: duty@example.org\r
Subject: A child seen\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
Officer: PC Example\r
--b\r
Content-Type: text/html; charset=iso-8859-1\r
\r
<p>Zo\xeb</p>\r
--b--\r
"""


def test_the_walks_import_nothing_of_ours_but_each_other() -> None:
    for path in WALKS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = [name for name in names if name.partition(".")[0] in {"adapters", "schemas", "crypto", "routing"}]
            assert all(name.startswith("adapters.kit.walks") for name in ours), path.name


@pytest.mark.parametrize(
    "payload,syntax",
    [
        (b"\xef\xbb\xbf <a/>", "xml"),
        ("<a/>".encode("utf-16"), "xml"),
        (b' [{"a": 1}]', "json"),
        (b"\x0bMSH|^~\\&|", "hl7"),
        (b"BHS#^~\\&#", "hl7"),
        (MAIL, "mime"),
        (b"Name,Born\nDevon,2016", "csv"),
        (b"Name;Born\nDevon;2016", "csv"),
        (b"A note without marks", "text"),
        (b"", "text"),
    ],
)
def test_a_syntax_is_told_by_looking_at_the_bytes(payload: bytes, syntax: str) -> None:
    assert walks.syntax_of(payload) == syntax


def test_json_is_walked_through_text_that_is_json_itself() -> None:
    payload = rb'{"Type": "N", "Message": "{\"a/b\": [1.50, true, null, \"\"]}", "open": "{no json"}'
    assert list(walks.values(payload)) == [
        ("/Type", "N"),
        ("/Message/a~1b/0", "1.50"),
        ("/Message/a~1b/1", "true"),
        ("/open", "{no json"),
    ]


def test_xml_is_walked_by_its_attributes_and_pieces_of_text() -> None:
    payload = b'<a xmlns="urn:x" n="1">one<b/>two<!-- no value -->three<c><![CDATA[four]]></c></a>'
    assert [value for _, value in walks.values(payload)] == ["1", "one", "two", "three", "four"]


def test_xml_is_walked_through_text_that_is_a_document_itself() -> None:
    payload = b"<a><![CDATA[<?xml version='1.0' encoding='UTF-16'?><b n='1'>two</b>]]><c>&lt; 3 pupils</c></a>"
    assert [value for _, value in walks.values(payload)] == ["1", "two", "< 3 pupils"]


@pytest.mark.parametrize("payload", [b"<a>", b"<!DOCTYPE a><a/>", b'<?xml version="1.0" encoding="none-such"?><a/>'])
def test_xml_that_is_broken_or_has_a_doctype_has_no_values(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"DOCTYPE|not well-formed"):
        list(walks.values(payload, "xml"))


def test_hl7_is_walked_by_the_delimiters_of_its_header() -> None:
    assert list(walks.values(HL7)) == [
        ("MSH-2", "^~\\&"),
        ("MSH-3", "PAS"),
        ("MSH-4", "A"),
        ("PID-1", "1"),
        ("PID-3", "999"),
        ("PID-3[2].1", "888"),
        ("PID-3[2].4", "NHS"),
        ("PID-5.1", "Test&case"),
        ("PID-5.2.1", "De"),
        ("PID-5.2.2", "v"),
        ("ZZ1-1", "x"),
    ]


def test_the_header_of_delimited_text_is_no_value() -> None:
    payload = b'please fill in\r\nName;Born\r\n"Devon; Testcase";04/03/2016\r\n'
    assert [value for _, value in walks.values(payload, "csv")] == ["please fill in", "Devon; Testcase", "04/03/2016"]


def test_mail_is_walked_by_its_headers_and_text_parts() -> None:
    assert list(walks.values(MAIL)) == [
        ("from", "duty@example.org"),
        ("subject", "A child seen"),
        ("part[2]/line[1]", "PC Example"),
        ("part[3]/line[2]", "Zoë"),
    ]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_a_walk_gives_values_or_says_that_they_are_not_of_its_syntax(payload: bytes) -> None:
    for syntax in walks.WALKS:
        try:
            found = list(walks.values(payload, syntax))
        except ValueError:
            continue
        assert all(isinstance(value, str) for _, value in found)
