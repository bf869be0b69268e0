"""Commitments of many entries at once are those of one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crypto.commitment import commit, commit_all

PAIRS = st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.binary(max_size=300)), max_size=8)


@given(PAIRS)
def test_many_at_once_are_the_same_as_one_by_one(pairs: list[tuple[bytes, bytes]]) -> None:
    assert commit_all(pairs) == [commit(salt, entry) for salt, entry in pairs]


@given(st.binary(max_size=80).filter(lambda salt: len(salt) != 32), st.binary(max_size=80))
def test_a_salt_of_another_length_gives_no_commitment_of_a_whole_one(salt: bytes, entry: bytes) -> None:
    assert commit_all([(salt, entry)]) != [commit((salt + bytes(32))[:32], entry)]
