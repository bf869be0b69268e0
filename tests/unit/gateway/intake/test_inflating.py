"""gzip in pieces, within a bound, in linear time, whatever the bytes are."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.inflating import Inflating
from schemas.errors import Rejected, TooLarge


def undone(pieces: list[bytes], limit: int = 1_000_000) -> bytes:
    made = Inflating(limit)
    for piece in pieces:
        made.feed(piece)
    return made.finish()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 50))
def test_members_one_after_the_other_are_one_text_however_they_are_cut(texts: list[bytes], step: int) -> None:
    pressed = b"".join(gzip.compress(text) for text in texts)
    pieces = [pressed[start : start + step] for start in range(0, len(pressed), step)]
    assert undone(pieces) == b"".join(texts)
    assert undone([*pieces, b"\0" * 40]) == b"".join(texts)


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_whatever_the_bytes_are_it_is_undone_or_refused(pieces: list[bytes]) -> None:
    for begun in ([], [b"\x1f\x8b\x08\0\0\0\0\0\0\0"]):
        with suppress(Rejected, TooLarge):
            undone([*begun, *pieces])


def test_what_is_cut_short_is_refused() -> None:
    with pytest.raises(Rejected):
        undone([gzip.compress(b"some words" * 9)[:-3]])


@pytest.mark.parametrize("over", [0, 1])
def test_the_bound_is_exact(over: int) -> None:
    pressed = gzip.compress(bytes(1_000 + over))
    if over:
        with pytest.raises(TooLarge):
            undone([pressed], limit=1_000)
    else:
        assert undone([pressed], limit=1_000) == bytes(1_000)


def test_a_bomb_ends_at_the_bound_and_not_in_memory() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        undone([bomb], limit=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_very_many_empty_members_are_refused_soon() -> None:
    many = gzip.compress(b"") * 250_000
    start = time.monotonic()
    with pytest.raises(Rejected):
        undone([many])
    assert time.monotonic() - start < 2
