"""joserfc as an independent party: it opens what we seal and seals what we open, in both directions and every way."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwe as other_jwe
from joserfc import jws as other_jws
from joserfc import jwt as other_jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from crypto import dpop, jwe, jws, opentoken
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, PublicKey, SigningKey, parse_public_jwk
from crypto.opentoken import OpenToken
from crypto.tokens import numeric_date

CTY, TYP = "mash-request+jws", "mash-test+jws"
KEY = secrets.token_bytes(32)
PAYLOADS = st.binary(max_size=400)
STEADY = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
Keys = Mapping[str, PublicKey]


def theirs(key: SigningKey | DecryptionKey) -> ECKey | RSAKey:
    kind = ECKey if isinstance(key, SigningKey) else RSAKey
    pem = key.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return kind.import_key(pem)


@given(payload=PAYLOADS)
@STEADY
def test_it_verifies_what_we_sign(payload: bytes, signer: SigningKey) -> None:
    found = other_jws.deserialize_compact(
        jws.sign(payload, signer, typ=TYP, cty="text/plain"), ECKey.import_key(dict(signer.public().jwk())), ["ES256"]
    )
    assert found.payload == payload
    assert found.headers() == {"alg": "ES256", "typ": TYP, "kid": signer.kid, "cty": "text/plain"}


@given(payload=PAYLOADS)
@STEADY
def test_we_verify_what_it_signs(payload: bytes, signer: SigningKey, keys: Keys) -> None:
    token = other_jws.serialize_compact(
        {"alg": "ES256", "typ": TYP, "kid": signer.kid}, payload, theirs(signer), ["ES256"]
    )
    assert jws.verify(token, keys, typ=TYP).payload == payload


def test_we_verify_its_rs256_for_a_registered_partner(partner: rsa.RSAPrivateKey) -> None:
    pem = partner.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = RSAKey.import_key(pem)
    public = parse_public_jwk(key.as_dict(private=False), use="sig")
    token = other_jws.serialize_compact({"alg": "RS256", "typ": TYP, "kid": public.kid}, b"{}", key, ["RS256"])
    assert jws.verify(token, {public.kid: public}, typ=TYP, algorithms=jws.WITH_RS256).payload == b"{}"


@given(payload=PAYLOADS)
@STEADY
def test_it_opens_what_we_seal(payload: bytes, opener: DecryptionKey) -> None:
    to = jwe.seal_to(payload, opener.public(), cty=CTY)
    assert other_jwe.decrypt_compact(to, theirs(opener), ["RSA-OAEP-256", "A256GCM"]).plaintext == payload
    direct = jwe.seal_direct(payload, KEY, kid="ck", cty=CTY)
    assert other_jwe.decrypt_compact(direct, OctKey.import_key(KEY), ["dir", "A256GCM"]).plaintext == payload
    wrapped = jwe.seal_wrapped(payload, KEY, kid="wk", cty=CTY)
    assert other_jwe.decrypt_compact(wrapped, OctKey.import_key(KEY), ["A256KW", "A256GCM"]).plaintext == payload


@given(payload=PAYLOADS)
@STEADY
def test_we_open_what_it_seals(payload: bytes, opener: DecryptionKey) -> None:
    def header(alg: str, kid: str) -> dict[str, str]:
        return {"alg": alg, "enc": "A256GCM", "kid": kid, "cty": CTY}

    to = other_jwe.encrypt_compact(
        header("RSA-OAEP-256", opener.kid),
        payload,
        RSAKey.import_key(dict(opener.public().jwk())),
        ["RSA-OAEP-256", "A256GCM"],
    )
    assert jwe.open_with(to, {opener.kid: opener}, cty=CTY).payload == payload
    oct_key = OctKey.import_key(KEY)
    direct = other_jwe.encrypt_compact(header("dir", "ck"), payload, oct_key, ["dir", "A256GCM"])
    assert jwe.open_direct(direct, KEY, kid="ck", cty=CTY) == payload
    wrapped = other_jwe.encrypt_compact(header("A256KW", "wk"), payload, oct_key, ["A256KW", "A256GCM"])
    assert jwe.open_wrapped(wrapped, {"wk": KEY}, cty=CTY).payload == payload


def test_a_message_signed_and_sealed_goes_both_ways(signer: SigningKey, keys: Keys, opener: DecryptionKey) -> None:
    ours = jwe.seal_to(jws.sign(b"{}", signer, typ=TYP).encode(), opener.public(), cty=CTY)
    inner = other_jwe.decrypt_compact(ours, theirs(opener), ["RSA-OAEP-256", "A256GCM"]).plaintext
    assert inner is not None
    assert other_jws.deserialize_compact(inner, theirs(signer), ["ES256"]).payload == b"{}"
    signed = other_jws.serialize_compact({"alg": "ES256", "typ": TYP, "kid": signer.kid}, b"[]", theirs(signer))
    sealed = other_jwe.encrypt_compact(
        {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": opener.kid, "cty": CTY},
        signed,
        RSAKey.import_key(dict(opener.public().jwk())),
        ["RSA-OAEP-256", "A256GCM"],
    )
    opened = jwe.open_with(sealed, {opener.kid: opener}, cty=CTY).payload
    assert jws.verify(opened, keys, typ=TYP).payload == b"[]"


def test_it_reads_our_open_token(signer: SigningKey, stranger: SigningKey, now: datetime) -> None:
    made = opentoken.mint_open_token(
        OpenToken(
            iss="https://hub.example",
            aud="https://hub.example/open",
            sub="lead",
            jti="t1",
            iat=now,
            nbf=now,
            exp=now + timedelta(hours=1),
            jkt=stranger.public().thumbprint,
            mid="e1",
            cdg="c",
            rdg="r",
            pdg="p",
        ),
        signer,
    )
    found = other_jwt.decode(made, theirs(signer), ["ES256"])
    assert found.header["typ"] == "mash-open+jwt"
    assert found.claims["cnf"] == {"jkt": theirs(stranger).thumbprint()}
    assert found.claims["exp"] == numeric_date(now) + 3600


def test_we_take_its_proof_of_possession(signer: SigningKey, now: datetime) -> None:
    key = theirs(signer)
    claims = {"jti": "p1", "htm": "POST", "htu": "https://hub.example/open", "iat": numeric_date(now), "nonce": "n"}
    proof = other_jwt.encode(
        {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key, ["ES256"]
    )
    found = dpop.verify_proof(
        proof,
        htm="POST",
        htu="https://hub.example/open",
        now=now,
        max_age=timedelta(minutes=1),
        nonce="n",
        access_token=None,
        expected_jkt=key.thumbprint(),
    )
    assert found.jkt == key.thumbprint() == signer.public().thumbprint


@pytest.mark.parametrize("enc", ["A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512"])
@pytest.mark.parametrize("alg", ["dir", "A256KW", "RSA-OAEP-256"])
def test_what_it_seals_off_our_list_is_refused_though_the_key_fits(opener: DecryptionKey, alg: str, enc: str) -> None:
    size = {"A128GCM": 16, "A192GCM": 24, "A128CBC-HS256": 32, "A256CBC-HS512": 64}[enc]
    shared = secrets.token_bytes(size if alg == "dir" else 32)
    key = RSAKey.import_key(dict(opener.public().jwk())) if alg == "RSA-OAEP-256" else OctKey.import_key(shared)
    token = other_jwe.encrypt_compact({"alg": alg, "enc": enc}, b"text", key, [alg, enc])
    mine: DecryptionKey | bytes = opener if alg == "RSA-OAEP-256" else (shared + bytes(32))[:32]
    with pytest.raises(SealFailed) as failed:
        jwe.open_compact(token, mine, alg=alg)
    assert failed.value.reason == "jwe.enc"
