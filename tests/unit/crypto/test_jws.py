from __future__ import annotations

from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto import base64url, canonical, jws
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from schemas.errors import TooLarge

TYP = "mash-test+jws"
Keys = Mapping[str, PublicKey]


@given(payload=st.binary(max_size=300))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_signed_verifies_to_exactly_its_bytes(payload: bytes, signer: SigningKey, keys: Keys) -> None:
    verified = jws.verify(jws.sign(payload, signer, typ=TYP), keys, typ=TYP)
    assert (verified.payload, verified.kid) == (payload, signer.kid)


def test_the_header_holds_what_was_asked_for_and_no_more(signer: SigningKey, keys: Keys) -> None:
    token = jws.sign(b"{}", signer, typ=TYP, cty="application/json")
    header = jws.verify(token.encode(), keys, typ=TYP).header
    assert header == {"alg": "ES256", "typ": TYP, "kid": signer.kid, "cty": "application/json"}


def test_a_changed_bit_anywhere_is_noticed(signer: SigningKey, keys: Keys) -> None:
    token = jws.sign(b'{"a":1}', signer, typ=TYP)
    for index in range(0, len(token), 3):
        changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        with pytest.raises(SealFailed):
            jws.verify(changed, keys, typ=TYP)


def test_every_failure_looks_the_same_to_the_caller(signer: SigningKey, stranger: SigningKey, keys: Keys) -> None:
    tokens = ["a.b", "..", jws.sign(b"{}", stranger, typ=TYP), jws.sign(b"{}", signer, typ="other")]
    told, reasons = set(), set()
    for token in tokens:
        with pytest.raises(SealFailed) as failed:
            jws.verify(token, keys, typ=TYP)
        told.add((str(failed.value), failed.value.code, failed.value.detail, failed.value.at))
        reasons.add(failed.value.reason)
    assert told == {("crypto.untrusted", "crypto.untrusted", "", "")}
    assert len(reasons) == 4


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("value", [0, jws._ORDER, jws._ORDER + 1, 2**256 - 1])
def test_a_signature_out_of_range_is_refused(signer: SigningKey, keys: Keys, half: int, value: int) -> None:
    head, body, signature = jws.sign(b"{}", signer, typ=TYP).split(".")
    raw = base64url.decode(signature)
    halves = [raw[:32], raw[32:]]
    halves[half] = value.to_bytes(32, "big")
    with pytest.raises(SealFailed) as failed:
        jws.verify(f"{head}.{body}.{base64url.encode(b''.join(halves))}", keys, typ=TYP)
    assert failed.value.reason == "jws.signature_form"


@pytest.mark.parametrize("length", [0, 1, 63, 65, 70, 128])
def test_a_signature_of_another_length_is_refused(signer: SigningKey, keys: Keys, length: int) -> None:
    head, body, signature = jws.sign(b"{}", signer, typ=TYP).split(".")
    raw = (base64url.decode(signature) + bytes(64))[:length]
    with pytest.raises(SealFailed) as failed:
        jws.verify(f"{head}.{body}.{base64url.encode(raw)}", keys, typ=TYP)
    assert failed.value.reason == "jws.signature_form"


def rs256(private: rsa.RSAPrivateKey, kid: str) -> str:
    header = canonical.dumps({"alg": "RS256", "kid": kid, "typ": TYP})
    text = f"{base64url.encode(header)}.{base64url.encode(b'{}')}"
    signature = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64url.encode(signature)}"


def test_rs256_is_verified_for_a_registered_partner_alone(partner: rsa.RSAPrivateKey) -> None:
    key = PublicKey(kid="partner", alg="RS256", use="sig", key=partner.public_key())
    token = rs256(partner, "partner")
    assert jws.verify(token, {"partner": key}, typ=TYP, algorithms=jws.WITH_RS256).payload == b"{}"
    with pytest.raises(SealFailed) as failed:
        jws.verify(token, {"partner": key}, typ=TYP)
    assert failed.value.reason == "jws.alg"


def test_one_of_several_types_or_none_may_be_asked_for(signer: SigningKey, keys: Keys) -> None:
    token = jws.sign(b"{}", signer, typ="JWT")
    assert jws.verify(token, keys, typ={None, "JWT"}).payload == b"{}"
    with pytest.raises(SealFailed):
        jws.verify(token, keys, typ={None, "jwt"})


def test_more_than_can_be_sealed_afterwards_is_not_signed(signer: SigningKey, keys: Keys) -> None:
    largest = bytes(jws.PAYLOAD_LIMIT)
    assert jws.verify(jws.sign(largest, signer, typ=TYP), keys, typ=TYP).payload == largest
    with pytest.raises(TooLarge):
        jws.sign(largest + b"\0", signer, typ=TYP)


def test_a_token_over_the_limit_is_not_even_read(signer: SigningKey, keys: Keys) -> None:
    token = jws.sign(b"{}", signer, typ=TYP)
    assert jws.verify(token, keys, typ=TYP, limit=len(token)).payload == b"{}"
    with pytest.raises(SealFailed) as failed:
        jws.verify(token, keys, typ=TYP, limit=len(token) - 1)
    assert failed.value.reason == "jws.size"


def test_a_payload_does_not_show_itself(signer: SigningKey, keys: Keys) -> None:
    verified = jws.verify(jws.sign(b"Ann Example", signer, typ=TYP), keys, typ=TYP)
    assert "Ann" not in repr(verified)


def test_what_a_token_claims_can_be_read_to_choose_keys(signer: SigningKey) -> None:
    token = jws.sign(b"{}", signer, typ=TYP)
    assert jws.claimed_kid(token) == signer.kid
    assert jws.claimed(token).header["typ"] == TYP
    assert jws.claimed_payload(token) == b"{}"
