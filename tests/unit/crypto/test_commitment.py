from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import commitment


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60))
def test_another_salt_or_entry_gives_another_leaf(salt: bytes, entry: bytes) -> None:
    leaf = commitment.commit(salt, entry)
    assert commitment.commit(salt, entry) == leaf
    assert commitment.commit(salt, entry + b"\0") != leaf
    assert commitment.commit(bytes([salt[0] ^ 1]) + salt[1:], entry) != leaf


def test_the_construction_is_as_the_wire_says() -> None:
    # Written out once more, because verifiers elsewhere repeat it.
    expected = hmac.new(bytes(32), b"mash-log-v1\nentry", hashlib.sha256).digest()
    assert commitment.commit(bytes(32), b"entry") == expected


def test_a_salt_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        commitment.commit(bytes(31), b"")
