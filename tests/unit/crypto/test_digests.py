from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import base64url, canonical, digests
from crypto.digests import SaltedGroup
from crypto.failure import SealFailed


def groups(count: int) -> list[SaltedGroup]:
    return [digests.salted(f"g{n}", {"n": n}, salt=secrets.token_bytes(16)) for n in range(count)]


def decoys(count: int) -> list[bytes]:
    return [secrets.token_bytes(32) for _ in range(digests.decoys_needed(count))]


@given(st.integers(min_value=0, max_value=40))
def test_the_number_of_digests_is_a_multiple_of_eight_whatever_is_hidden(count: int) -> None:
    signed = digests.commit(groups(count), decoys=decoys(count))
    assert len(signed) % 8 == 0
    assert len(signed) >= max(count, 8)
    assert signed == sorted(set(signed))


def test_whoever_is_shown_some_groups_can_match_them() -> None:
    made = groups(5)
    signed = digests.commit(made, decoys=decoys(5))
    shown = digests.matches([digests.encode_group(made[3]), digests.encode_group(made[1])], signed)
    assert [(group.name, group.content) for group in shown] == [("g3", {"n": 3}), ("g1", {"n": 1})]
    assert digests.matches([], signed) == []


def test_encoding_and_digest_are_those_of_sd_jwt() -> None:
    # The example of the SD-JWT specification, section 4.2.3, without its spaces: the digest is over the encoded text.
    encoded = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digests.digest(encoded) == "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
    group = SaltedGroup(salt="6qMQvRL5haj", name="family_name", content="M\u00f6bius")
    assert base64url.decode(digests.encode_group(group)).decode() == '["6qMQvRL5haj","family_name","M\u00f6bius"]'


def test_a_group_that_was_not_signed_is_refused() -> None:
    made = groups(2)
    signed = digests.commit(made, decoys=decoys(2))
    changed = SaltedGroup(salt=made[0].salt, name=made[0].name, content={"n": 7})
    for stranger in (changed, *groups(1)):
        with pytest.raises(SealFailed) as failed:
            digests.matches([digests.encode_group(stranger)], signed)
        assert failed.value.reason == "digests.unknown"


def test_the_same_group_twice_is_refused() -> None:
    made = groups(2)
    signed = digests.commit(made, decoys=decoys(2))
    text = digests.encode_group(made[0])
    with pytest.raises(SealFailed) as failed:
        digests.matches([text, text], signed)
    assert failed.value.reason == "digests.repeated"


def test_a_digest_signed_twice_is_refused() -> None:
    with pytest.raises(SealFailed) as failed:
        digests.matches([], ["a", "b", "a"])
    assert failed.value.reason == "digests.repeated"


@pytest.mark.parametrize(
    "text", ["?", "", base64url.encode(b"{}"), base64url.encode(b'["a","b"]'), base64url.encode(b'[1,"b",{}]')]
)
def test_a_text_that_is_no_group_is_refused_even_if_signed(text: str) -> None:
    with pytest.raises(SealFailed) as failed:
        digests.matches([text], [digests.digest(text)])
    assert failed.value.reason == "digests.encoding"


def test_a_decoy_matches_no_group() -> None:
    padding = decoys(1)
    signed = digests.commit(groups(1), decoys=padding)
    with pytest.raises(SealFailed):
        digests.matches([base64url.encode(padding[0])], signed)


def test_a_name_or_a_salt_twice_is_not_signed() -> None:
    one, other = groups(2)
    for pair in (
        [one, SaltedGroup(salt=other.salt, name=one.name, content=1)],
        [one, SaltedGroup(salt=one.salt, name=other.name, content=1)],
    ):
        with pytest.raises(ValueError, match="of its own"):
            digests.commit(pair, decoys=decoys(2))


def test_the_decoys_must_be_exactly_those_needed() -> None:
    for wrong in ([], decoys(2)[:-1], [*decoys(2), bytes(32)], [*decoys(2)[:-1], bytes(31)]):
        with pytest.raises(ValueError, match="decoys"):
            digests.commit(groups(2), decoys=wrong)
    assert digests.decoys_needed(8) == 0
    assert digests.decoys_needed(0) == 8


def test_a_salt_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        digests.salted("g", {}, salt=bytes(15))


def test_content_does_not_show_itself() -> None:
    group = digests.salted("g", "Ann Example", salt=bytes(16))
    signed = digests.commit([group], decoys=decoys(1))
    assert "Ann" not in repr(group)
    assert "Ann" not in repr(digests.matches([digests.encode_group(group)], signed))
    assert canonical.loads(base64url.decode(digests.encode_group(group))) == [group.salt, "g", "Ann Example"]
