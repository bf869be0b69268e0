from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import commitment
from crypto.failure import SealFailed


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60))
def test_with_salt_and_entry_anyone_can_check_the_leaf(salt: bytes, entry: bytes) -> None:
    leaf = commitment.commit(salt, entry)
    commitment.verify_commitment(leaf, salt=salt, entry=entry)
    with pytest.raises(SealFailed):
        commitment.verify_commitment(leaf, salt=salt, entry=entry + b"\0")
    with pytest.raises(SealFailed):
        commitment.verify_commitment(leaf, salt=bytes([salt[0] ^ 1]) + salt[1:], entry=entry)


def test_the_construction_is_as_documented() -> None:
    # Written out once more, because verifiers elsewhere repeat it.
    expected = hmac.new(bytes(32), b"mash-log-commitment-v1\x00entry", hashlib.sha256).digest()
    assert commitment.commit(bytes(32), b"entry") == expected


def test_a_salt_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        commitment.commit(bytes(31), b"")
    with pytest.raises(SealFailed):
        commitment.verify_commitment(bytes(32), salt=b"", entry=b"")
