"""Splitting a secret: any threshold of shares gives it back, fewer tell nothing."""

from __future__ import annotations

import os
from itertools import combinations, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import sharing


@settings(max_examples=40, deadline=None)
@given(secret=st.binary(min_size=1, max_size=32), data=st.data())
def test_any_threshold_of_shares_gives_the_secret_back(secret: bytes, data: st.DataObject) -> None:
    shares = data.draw(st.integers(2, sharing.MOST))
    threshold = data.draw(st.integers(2, shares))
    made = sharing.split(secret, threshold=threshold, shares=shares, random=os.urandom)
    chosen = data.draw(st.permutations(list(made)))[:threshold]
    assert sharing.join({number: made[number] for number in chosen}) == secret
    assert sharing.join(made) == secret


def test_every_pair_of_five_opens_and_no_single_one_does() -> None:
    secret = os.urandom(32)
    made = sharing.split(secret, threshold=2, shares=5, random=os.urandom)
    assert all(sharing.join({a: made[a], b: made[b]}) == secret for a, b in combinations(made, 2))
    assert not any(sharing.join({a: made[a]}) == secret for a in made)


def test_one_share_fewer_fits_every_secret_alike() -> None:
    # With one share of two known, each of the 256 secrets has exactly one polynomial: the share tells nothing.
    def first_share(secret: int, coefficient: int) -> bytes:
        return sharing.split(bytes([secret]), threshold=2, shares=2, random=lambda _: bytes([coefficient]))[1]

    fitting = [sum(first_share(secret, one) == b"\x5a" for one in range(256)) for secret in range(256)]
    assert fitting == [1] * 256


def test_it_is_the_field_of_aes() -> None:
    # f(x) = 0x57 x: FIPS 197, section 4.2.1, works out 0x57 times 2, 4, 8 and 16.
    made = sharing.split(b"\x00", threshold=2, shares=16, random=lambda _: b"\x57")
    assert made[2] == b"\xae"
    assert made[4] == b"\x47"
    assert made[8] == b"\x8e"
    assert made[16] == b"\x07"


def test_fresh_bytes_are_drawn_for_each_coefficient() -> None:
    drawn = count()
    sharing.split(bytes(32), threshold=4, shares=5, random=lambda size: bytes([next(drawn)]) * size)
    assert next(drawn) == 3


@pytest.mark.parametrize("threshold,shares", [(1, 3), (0, 3), (4, 3), (2, 17), (-1, 2)])
def test_other_thresholds_are_refused(threshold: int, shares: int) -> None:
    with pytest.raises(ValueError, match="at least two"):
        sharing.split(bytes(32), threshold=threshold, shares=shares, random=os.urandom)


@pytest.mark.parametrize("shares", [{}, {0: b"a", 1: b"b"}, {1: b"a", 2: b"bb"}, {17: b"a", 1: b"b"}])
def test_shares_that_can_be_none_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="one length"):
        sharing.join(shares)
