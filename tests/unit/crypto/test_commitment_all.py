"""Commitments of many entries at once are those of one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.commitment import commit, commit_all

PAIRS = st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.binary(max_size=300)), max_size=8)


@given(PAIRS)
def test_many_at_once_are_the_same_as_one_by_one(pairs: list[tuple[bytes, bytes]]) -> None:
    salts, entries = b"".join(salt for salt, _ in pairs), [entry for _, entry in pairs]
    assert commit_all(salts, entries) == [commit(salt, entry) for salt, entry in pairs]


@given(st.binary(max_size=80).filter(lambda salt: len(salt) != 64))
def test_salts_of_another_length_are_refused(salts: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commit_all(salts, [b"one", b"two"])
