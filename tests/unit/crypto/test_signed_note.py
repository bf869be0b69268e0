"""Keys and lines of signed notes have one spelling, and a kind."""

from __future__ import annotations

import base64

import pytest

from crypto import signed_note

NAME, KIND, PUBLIC = "hub.mash.log", b"\x01", bytes(range(32))
KEY = f"{NAME}+{signed_note.key_id(NAME, KIND, PUBLIC).hex()}+{base64.b64encode(KIND + PUBLIC).decode()}"
BLOB = bytes(range(68))
LINE = f"\N{EM DASH} {NAME} {base64.b64encode(BLOB).decode()}"


def twin(encoded: str) -> str:
    """Other letters for the same bytes."""
    assert encoded.endswith("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    short = encoded.rstrip("=")
    return short[:-1] + letters[letters.index(short[-1]) ^ 1] + "=" * (len(encoded) - len(short))


def test_a_key_and_a_line_are_read() -> None:
    assert signed_note.parse_key(KEY, KIND) == (NAME, PUBLIC)
    assert signed_note.parse_signature(LINE) == (NAME, BLOB)


def test_a_key_of_another_kind_or_id_is_refused() -> None:
    for text, kind in ((KEY, b"\x04"), (KEY.replace(NAME, "other.mash.log"), KIND), (f"{KEY} ", KIND), ("", KIND)):
        with pytest.raises(ValueError, match="no key or line"):
            signed_note.parse_key(text, kind)


def test_other_letters_for_the_same_bytes_are_refused() -> None:
    other = twin(LINE.split(" ")[2])
    assert base64.b64decode(other) == BLOB
    for line in (LINE.replace(LINE.split(" ")[2], other), LINE.replace("\N{EM DASH}", "-"), f"{LINE} ", LINE + "\n"):
        with pytest.raises(ValueError, match="no key or line"):
            signed_note.parse_signature(line)
