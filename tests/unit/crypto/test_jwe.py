from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from crypto import base64url, jwe, jws
from crypto.canonical import loads_object
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, SigningKey, generate_sealing_key
from schemas.errors import TooLarge

CTY = "mash-request+jws"
KEY = secrets.token_bytes(32)


def ways(opener: DecryptionKey) -> list[tuple[str, Callable[[str], bytes]]]:
    """One token per way of sealing, with what opens it."""
    keys = {opener.kid: opener}
    return [
        (jwe.seal_to(b"text", opener.public(), cty=CTY), lambda token: jwe.open_with(token, keys, cty=CTY).payload),
        (
            jwe.seal_direct(b"text", KEY, kid="ck", cty=CTY),
            lambda token: jwe.open_direct(token, KEY, kid="ck", cty=CTY),
        ),
        (
            jwe.seal_wrapped(b"text", KEY, kid="wk", cty=CTY),
            lambda token: jwe.open_wrapped(token, {"wk": KEY}, cty=CTY).payload,
        ),
    ]


def test_each_way_of_sealing_opens_again(opener: DecryptionKey) -> None:
    assert [open_it(token) for token, open_it in ways(opener)] == [b"text"] * 3


def test_the_header_holds_alg_enc_cty_and_kid_exactly(opener: DecryptionKey) -> None:
    headers = [loads_object(base64url.decode(token.split(".")[0])) for token, _ in ways(opener)]
    assert all(header.keys() == {"alg", "enc", "cty", "kid"} for header in headers)
    assert [header["alg"] for header in headers] == ["RSA-OAEP-256", "dir", "A256KW"]


def test_no_two_seals_of_the_same_text_are_alike(opener: DecryptionKey) -> None:
    once, again = ways(opener), ways(opener)
    assert all(one[0] != other[0] for one, other in zip(once, again, strict=True))


def test_a_changed_character_anywhere_is_noticed(opener: DecryptionKey) -> None:
    for token, open_it in ways(opener):
        for index in range(0, len(token), 7):
            changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
            with pytest.raises(SealFailed):
                open_it(changed)


@pytest.mark.parametrize("moved", [1, 4, 8, 12])
def test_bytes_moved_between_content_and_tag_make_no_second_spelling(opener: DecryptionKey, moved: int) -> None:
    for token, open_it in ways(opener):
        head, wrapped, nonce, content, tag = token.split(".")
        joined = base64url.decode(content) + base64url.decode(tag)
        cut = len(joined) - 16 + moved
        respelt = (head, wrapped, nonce, base64url.encode(joined[:cut]), base64url.encode(joined[cut:]))
        with pytest.raises(SealFailed) as failed:
            open_it(".".join(respelt))
        assert failed.value.reason == "jwe.lengths"


@pytest.mark.parametrize(
    "segment, length", [(1, 0), (1, 8), (1, 39), (1, 41), (2, 0), (2, 8), (2, 16), (4, 0), (4, 15)]
)
def test_a_part_of_another_length_is_refused(opener: DecryptionKey, segment: int, length: int) -> None:
    for token, open_it in ways(opener):
        parts = token.split(".")
        if len(base64url.decode(parts[segment])) == length:
            continue
        parts[segment] = base64url.encode((base64url.decode(parts[segment]) + bytes(64))[:length])
        with pytest.raises(SealFailed) as failed:
            open_it(".".join(parts))
        assert failed.value.reason == "jwe.lengths"


def test_the_wrong_key_opens_nothing(opener: DecryptionKey) -> None:
    other = generate_sealing_key(opener.kid)
    to, direct, wrapped = (token for token, _ in ways(opener))
    for attempt in (
        lambda: jwe.open_with(to, {opener.kid: other}, cty=CTY),
        lambda: jwe.open_direct(direct, bytes(32), kid="ck", cty=CTY),
        lambda: jwe.open_wrapped(wrapped, {"wk": bytes(32)}, cty=CTY),
    ):
        with pytest.raises(SealFailed) as failed:
            attempt()
        assert failed.value.reason == "jwe.open"


def test_a_kid_or_cty_that_is_not_asked_for_is_refused(opener: DecryptionKey) -> None:
    to, direct, wrapped = (token for token, _ in ways(opener))
    for attempt, reason in (
        (lambda: jwe.open_with(to, {}, cty=CTY), "jwe.kid"),
        (lambda: jwe.open_with(to, {opener.kid: opener}, cty="other"), "jwe.cty"),
        (lambda: jwe.open_direct(direct, KEY, kid="CK", cty=CTY), "jwe.kid"),
        (lambda: jwe.open_direct(direct, KEY, kid="ck", cty=CTY.upper()), "jwe.cty"),
        (lambda: jwe.open_wrapped(wrapped, {"ck": KEY}, cty=CTY), "jwe.kid"),
    ):
        with pytest.raises(SealFailed) as failed:
            attempt()
        assert failed.value.reason == reason


def test_a_token_of_one_way_does_not_open_in_another(opener: DecryptionKey) -> None:
    to, direct, wrapped = (token for token, _ in ways(opener))
    for attempt in (
        lambda: jwe.open_with(direct, {"ck": opener}, cty=CTY),
        lambda: jwe.open_direct(wrapped, KEY, kid="wk", cty=CTY),
        lambda: jwe.open_wrapped(direct, {"ck": KEY}, cty=CTY),
        lambda: jwe.open_direct(to, KEY, kid=opener.kid, cty=CTY),
    ):
        with pytest.raises(SealFailed) as failed:
            attempt()
        assert failed.value.reason == "jwe.alg"


def test_the_largest_signed_payload_can_be_sealed_and_opened(signer: SigningKey, opener: DecryptionKey) -> None:
    signed = jws.sign(secrets.token_bytes(jws.PAYLOAD_LIMIT), signer, typ="t", cty="application/json")
    token = jwe.seal_to(signed.encode(), opener.public(), cty=CTY)
    assert jwe.open_with(token, {opener.kid: opener}, cty=CTY).payload == signed.encode()


def test_the_largest_that_is_sealed_opens_and_more_is_refused(opener: DecryptionKey) -> None:
    largest = bytes(jwe.PLAINTEXT_LIMIT)
    token = jwe.seal_to(largest, opener.public(), cty=CTY)
    assert jwe.open_with(token, {opener.kid: opener}, cty=CTY).payload == largest
    with pytest.raises(TooLarge):
        jwe.seal_to(largest + b"\0", opener.public(), cty=CTY)
    with pytest.raises(TooLarge):
        jwe.seal_direct(largest + b"\0", KEY, kid="ck", cty=CTY)


def test_a_key_that_is_not_for_sealing_is_not_sealed_to(signer: SigningKey) -> None:
    with pytest.raises(ValueError, match="not for sealing"):
        jwe.seal_to(b"", signer.public(), cty=CTY)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_shared_key_has_32_bytes(size: int) -> None:
    for seal in (jwe.seal_direct, jwe.seal_wrapped):
        with pytest.raises(ValueError, match="32 bytes"):
            seal(b"", bytes(size), kid="k", cty=CTY)


def test_a_seal_names_its_key_and_its_content_type() -> None:
    with pytest.raises(ValueError, match="names"):
        jwe.seal_direct(b"", KEY, kid="", cty=CTY)
    with pytest.raises(ValueError, match="names"):
        jwe.seal_direct(b"", KEY, kid="k", cty="")


def test_what_was_sealed_does_not_show_itself(opener: DecryptionKey) -> None:
    token = jwe.seal_to(b"Ann Example", opener.public(), cty=CTY)
    assert "Ann" not in repr(jwe.open_with(token, {opener.kid: opener}, cty=CTY))
