"""Escape sequences: what they stand for, and that nothing is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nhs.hl7_escape import STANDARD, escape, unescape


@pytest.mark.parametrize(
    "sent,means",
    [
        ("a\\F\\b", "a|b"),
        ("\\S\\\\T\\\\R\\\\E\\", "^&~\\"),
        ("one\\.br\\two", "one\ntwo"),
        ("\\X5A6F\\", "Zo"),
        ("\\XC3AB\\", "ë"),
        ("\\XEB\\", "ë"),
        ("\\X00\\", "\\X00\\"),
        ("\\Xzz\\", "\\Xzz\\"),
        ("\\H\\bold\\N\\", "\\H\\bold\\N\\"),
        ("\\.sp999999\\", "\\.sp999999\\"),
        ("C:\\path", "C:\\path"),
        ("\\\\", "\\\\"),
    ],
)
def test_a_sequence_is_read_or_stays(sent: str, means: str) -> None:
    assert unescape(sent, STANDARD) == means


@given(text=st.text(st.characters(exclude_categories=("C", "Z"))))
def test_what_is_escaped_reads_as_it_was(text: str) -> None:
    written = escape(text, STANDARD)
    assert not set("|^~&") & set(written)
    assert unescape(written, STANDARD) == text


def test_control_characters_cannot_be_written() -> None:
    assert escape("a\rPID|b", STANDARD) == "a PID\\F\\b"
