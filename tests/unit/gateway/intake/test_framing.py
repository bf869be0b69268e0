"""Frames come out as they were put in, however the stream is cut, and never more of it is held than allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.framing import END, MOST_NOISE, START, Frames
from schemas.errors import TooLarge

LIMIT = 200
bodies = st.binary(max_size=LIMIT).filter(lambda body: END not in body + END[:1])
noise = st.binary(max_size=20).filter(lambda data: START not in data)


def cut(frames: Frames, stream: bytes, sizes: list[int]) -> list[bytes]:
    """Feed the stream in pieces of these sizes, the last again and again; what came out."""
    found: list[bytes] = []
    place = 0
    while place < len(stream):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        frames.feed(stream[place : place + size])
        place += size
        while (payload := frames.next()) is not None:
            found.append(payload)
    return found


@given(st.lists(st.tuples(noise, bodies), max_size=12), st.lists(st.integers(1, 90), min_size=1, max_size=30))
def test_however_the_stream_is_cut_the_messages_are_the_same(
    parts: list[tuple[bytes, bytes]], sizes: list[int]
) -> None:
    stream = b"".join(before + START + body + END for before, body in parts)
    frames = Frames(LIMIT)
    assert cut(frames, stream, sizes) == [body for _, body in parts]
    assert not frames.inside
    assert frames.begun == len(parts)


@given(st.binary(max_size=2_000), st.lists(st.integers(1, 90), min_size=1, max_size=30))
def test_whatever_comes_it_is_cut_or_refused_and_alike_in_any_pieces(stream: bytes, sizes: list[int]) -> None:
    def outcome(pieces: list[int]) -> list[bytes] | str:
        try:
            return cut(Frames(LIMIT), stream, pieces)
        except TooLarge as error:
            return error.code

    whole = outcome([len(stream) or 1])
    assert outcome(list(sizes)) == whole
    if isinstance(whole, list):
        assert all(len(body) <= LIMIT and END not in body for body in whole)


@pytest.mark.parametrize("size, taken", [(LIMIT, True), (LIMIT + 1, False)])
@pytest.mark.parametrize("step", [1, LIMIT + 2, 10_000])
def test_the_limit_is_the_messages_and_not_its_ends(size: int, taken: bool, step: int) -> None:
    stream = START + b"M" * size + END
    if taken:
        assert cut(Frames(LIMIT), stream, [step]) == [b"M" * size]
    else:
        with pytest.raises(TooLarge, match=r"message\.too_large"):
            cut(Frames(LIMIT), stream, [step])


def test_a_message_that_never_ends_is_refused_as_soon_as_it_is_too_large() -> None:
    frames = Frames(LIMIT)
    frames.feed(START + b"M" * (LIMIT + 1))
    assert frames.next() is None, "what came last may be the first byte of its end"
    frames.feed(b"M")
    with pytest.raises(TooLarge):
        frames.next()


def test_noise_is_forgotten_in_between_and_refused_when_there_is_too_much_at_once() -> None:
    frames = Frames(LIMIT)
    frames.feed(b"n" * MOST_NOISE)
    assert frames.next() is None
    frames.feed(START + b"M" + END + b"n" * MOST_NOISE)
    assert [frames.next(), frames.next()] == [b"M", None]
    frames.feed(b"n")
    with pytest.raises(TooLarge, match=r"mllp\.noise"):
        frames.next()


def test_a_read_full_of_small_messages_is_held_once_and_let_go() -> None:
    frames = Frames(LIMIT)
    frames.feed((START + b"small" + END) * 40_000)
    held = []
    while frames.next() is not None:
        held.append(len(frames._buffer))
    assert held[0] == 40_000 * 8
    assert held[30_000] < 40_000 * 4, "what is done with is let go of on the way"
    assert held[-1] == 0
    frames.feed(START + b"x" + END + START)
    assert frames.next() == b"x"
    assert frames.next() is None
    assert frames.inside
    frames.clear()
    assert not frames.inside
