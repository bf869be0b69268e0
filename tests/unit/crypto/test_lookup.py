from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import lookup
from crypto.lookup import LookupKeys

KEYS = LookupKeys(current=2, keys={1: b"a" * 32, 2: b"b" * 32})
TEXT = st.text(max_size=6)


@given(TEXT, TEXT, TEXT, TEXT)
def test_two_hashes_are_equal_only_for_the_same_identifier(kind: str, value: str, kind2: str, value2: str) -> None:
    same = lookup.lookup_key(kind, value, KEYS) == lookup.lookup_key(kind2, value2, KEYS)
    assert same == ((kind, value) == (kind2, value2))


def test_a_hash_names_its_version_and_not_its_value() -> None:
    hashed = lookup.lookup_key("nhs", "9990000018", KEYS)
    assert hashed.startswith("v2:")
    assert len(hashed) == 3 + 43
    assert "999" not in hashed
    assert lookup.lookup_version(hashed) == 2


def test_old_and_new_are_looked_up_while_the_key_changes() -> None:
    old = lookup.lookup_key("nhs", "9990000018", LookupKeys(current=1, keys={1: b"a" * 32}))
    searched = lookup.lookup_keys("nhs", "9990000018", KEYS)
    assert searched == (lookup.lookup_key("nhs", "9990000018", KEYS), old)


@pytest.mark.parametrize("text", ["", "2:abc", "v:abc", "vx:abc", "v2"])
def test_what_is_no_hash_names_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="look-up"):
        lookup.lookup_version(text)


def test_keys_are_whole_and_do_not_show_themselves() -> None:
    assert repr(KEYS) == "LookupKeys(current=2)"
    for current, keys in ((3, KEYS.keys), (1, {1: b"short"})):
        with pytest.raises(ValueError, match="32 bytes"):
            LookupKeys(current=current, keys=keys)
