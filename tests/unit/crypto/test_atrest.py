from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import atrest
from crypto.atrest import KekSet
from crypto.failure import SealFailed

KEY = secrets.token_bytes(32)
NONCE = secrets.token_bytes(12)
AAD = atrest.place("messages", "body", "m1")


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_to_the_same(plaintext: bytes) -> None:
    assert atrest.open_sealed(KEY, atrest.seal(KEY, plaintext, nonce=NONCE, aad=AAD), aad=AAD) == plaintext


def test_nothing_of_the_plaintext_is_readable() -> None:
    sealed = atrest.seal(KEY, b"Ann Example", nonce=NONCE, aad=AAD)
    assert b"Ann" not in sealed
    assert len(sealed) == 1 + 12 + len(b"Ann Example") + 16


def test_every_changed_or_missing_byte_is_noticed() -> None:
    sealed = atrest.seal(KEY, b"text", nonce=NONCE, aad=AAD)
    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        for wrong in (changed, sealed[:index]):
            with pytest.raises(SealFailed):
                atrest.open_sealed(KEY, wrong, aad=AAD)


@pytest.mark.parametrize("place", [("messages", "body", "m2"), ("messages", "ack", "m1"), ("other", "body", "m1")])
def test_a_value_moved_elsewhere_does_not_open(place: tuple[str, str, str]) -> None:
    sealed = atrest.seal(KEY, b"text", nonce=NONCE, aad=AAD)
    with pytest.raises(SealFailed):
        atrest.open_sealed(KEY, sealed, aad=atrest.place(*place))


@given(st.tuples(*[st.text(max_size=4)] * 3), st.tuples(*[st.text(max_size=4)] * 3))
def test_no_two_places_are_alike(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (atrest.place(*one) == atrest.place(*other)) == (one == other)


def test_keys_are_wrapped_down_the_whole_chain() -> None:
    master, kek, scope, data = (secrets.token_bytes(32) for _ in range(4))
    keks = KekSet(current=1, keys={1: kek})
    wrapped_kek = atrest.wrap_key(master, kek, nonce=secrets.token_bytes(12), aad=b"kek/1")
    wrapped_scope = keks.wrap(scope, nonce=secrets.token_bytes(12), aad=b"scope/r1")
    wrapped_data = atrest.wrap_key(scope, data, nonce=secrets.token_bytes(12), aad=b"data/m1")
    again = KekSet(current=1, keys={1: atrest.unwrap_key(master, wrapped_kek, aad=b"kek/1")})
    opened_scope = again.unwrap(wrapped_scope, aad=b"scope/r1")
    assert atrest.unwrap_key(opened_scope, wrapped_data, aad=b"data/m1") == data


def test_a_new_version_wraps_anew_and_the_old_still_opens() -> None:
    old, new, scope = (secrets.token_bytes(32) for _ in range(3))
    wrapped = KekSet(current=1, keys={1: old}).wrap(scope, nonce=NONCE, aad=AAD)
    both = KekSet(current=2, keys={1: old, 2: new})
    assert both.unwrap(wrapped, aad=AAD) == scope
    rewrapped = both.rewrap(wrapped, nonce=secrets.token_bytes(12), aad=AAD)
    assert (atrest.kek_version(wrapped), atrest.kek_version(rewrapped)) == (1, 2)
    only_new = KekSet(current=2, keys={2: new})
    assert only_new.unwrap(rewrapped, aad=AAD) == scope
    with pytest.raises(SealFailed) as failed:
        only_new.unwrap(wrapped, aad=AAD)
    assert failed.value.reason == "atrest.version"


def test_a_wrap_that_claims_another_version_does_not_open() -> None:
    keks = KekSet(current=1, keys={1: KEY, 2: KEY})
    wrapped = bytearray(keks.wrap(KEY, nonce=NONCE, aad=AAD))
    wrapped[4] = 2
    with pytest.raises(SealFailed) as failed:
        keks.unwrap(bytes(wrapped), aad=AAD)
    assert failed.value.reason == "atrest.open"


@pytest.mark.parametrize("wrapped", [b"", b"\x02", b"\x02\0\0\0", b"\x02\0\0\0\x01", b"\x01\0\0\0\x01" + bytes(60)])
def test_what_is_no_wrap_is_refused(wrapped: bytes) -> None:
    with pytest.raises(SealFailed):
        KekSet(current=1, keys={1: KEY}).unwrap(wrapped, aad=AAD)


def test_a_sealed_text_does_not_pass_for_a_key() -> None:
    with pytest.raises(SealFailed) as failed:
        atrest.unwrap_key(KEY, atrest.seal(KEY, b"text", nonce=NONCE, aad=AAD), aad=AAD)
    assert failed.value.reason == "atrest.key"


def test_keys_and_nonces_of_another_length_are_errors() -> None:
    for attempt in (
        lambda: atrest.seal(KEY[:-1], b"", nonce=NONCE, aad=AAD),
        lambda: atrest.seal(KEY, b"", nonce=NONCE[:-1], aad=AAD),
        lambda: atrest.wrap_key(KEY, KEY[:16], nonce=NONCE, aad=AAD),
        lambda: KekSet(current=1, keys={2: KEY}),
        lambda: KekSet(current=1, keys={1: KEY[:16]}),
    ):
        with pytest.raises(ValueError):
            attempt()


def test_keys_do_not_show_themselves() -> None:
    assert repr(KekSet(current=1, keys={1: KEY})) == "KekSet(current=1)"
