"""The search finds what it looks for, however that is spelt: else it would show nothing."""

from __future__ import annotations

import base64
import gzip
import secrets
import zlib
from pathlib import Path

import pytest

from tests.canary.search import Search, files, spellings

WORDS = ("Zéphyrine-Ann", "999 654 0009", "a velvet lighthouse")
SEARCH = Search(WORDS)
PLANTED = [
    pytest.param(word, form, id=f"{word[:3]}, {name}, {cased}")
    for word in WORDS
    for cased in ("own", "upper", "lower")
    for name, form in spellings(word if cased == "own" else getattr(word, cased)())
]


def around(form: bytes) -> bytes:
    return secrets.token_bytes(333) + form + secrets.token_bytes(333)


@pytest.mark.parametrize("word, form", PLANTED)
def test_every_spelling_is_found(word: str, form: bytes) -> None:
    assert word in {one.word for one in SEARCH.look(around(form))}


@pytest.mark.parametrize("offset", range(6))
def test_a_word_in_the_midst_of_base64_is_found_with_or_without_line_breaks(offset: int) -> None:
    inside = base64.b64encode(secrets.token_bytes(offset) + WORDS[2].encode() + secrets.token_bytes(90))
    assert SEARCH.look(around(inside))
    assert SEARCH.look(around(base64.encodebytes(secrets.token_bytes(50 + offset) + WORDS[2].encode() + b"x" * 40)))


def test_a_word_that_was_deflated_is_found() -> None:
    text = f"<p>{WORDS[0]}</p>".encode() + secrets.token_bytes(60)
    for deflated in (gzip.compress(text), *(zlib.compress(text, level) for level in (1, 6, 9))):
        assert {one.word for one in SEARCH.look(around(deflated))} == {WORDS[0]}
        # Cut off in the middle of what follows.
        assert SEARCH.look(around(deflated)[: 333 + len(deflated) - 8])


def test_a_word_in_a_file_or_in_its_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one").write_bytes(around(WORDS[1].encode()))
    (tmp_path / f"{WORDS[2]}.log").write_bytes(b"")
    found = SEARCH.look_into(files(tmp_path))
    assert {one.word for one in found} == {WORDS[1], WORDS[2]}
    assert any("the name of" in one.place for one in found)


def test_what_is_not_there_is_not_found() -> None:
    assert SEARCH.look(secrets.token_bytes(2_000_000)) == set()
