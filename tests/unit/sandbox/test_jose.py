from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import ECKey, RSAKey

from crypto import dpop, jwe, jws
from crypto.jwk import generate_sealing_key, generate_signing_key, parse_public_jwk
from sandbox import jose
from sandbox.failures import NotTrusted
from sandbox.keys import encryption_key, public_jwk, signing_key

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = signing_key("k1")


def test_the_hubs_cryptography_verifies_what_the_sandbox_signs() -> None:
    public = parse_public_jwk(public_jwk(KEY), use="sig")
    verified = jws.verify(jose.sign(b"payload", KEY, typ="t+jws"), {"k1": public}, typ="t+jws")
    assert verified.payload == b"payload"


def test_the_sandbox_verifies_what_the_hubs_cryptography_signs() -> None:
    other = generate_signing_key("h1")
    public = ECKey.import_key(json.loads(json.dumps(other.public().jwk())))
    token = jws.sign(b"payload", other, typ="t+jws")
    assert jose.verify(token, {"h1": public}, typ="t+jws") == b"payload"
    with pytest.raises(NotTrusted, match="type"):
        jose.verify(token, {"h1": public}, typ="u+jws")
    with pytest.raises(NotTrusted, match="not known"):
        jose.verify(token, {"h2": public}, typ="t+jws")
    with pytest.raises(NotTrusted, match="signature"):
        jose.verify(token, {"h1": KEY}, typ="t+jws")


@pytest.mark.parametrize("size", [0, 5, 150_000])
def test_each_opens_what_the_other_sealed(size: int) -> None:
    plaintext = secrets.token_bytes(size)
    ours, theirs = encryption_key("e1"), generate_sealing_key("e2")
    to_us = jwe.seal_to(plaintext, parse_public_jwk(public_jwk(ours), use="enc"), cty="c+json")
    assert jose.open_with(to_us, ours, cty="c+json") == plaintext
    sealed = jose.seal_to(plaintext, RSAKey.import_key(json.loads(json.dumps(theirs.public().jwk()))), cty="c+json")
    assert jwe.open_with(sealed, {"e2": theirs}, cty="c+json").payload == plaintext
    content_key = secrets.token_bytes(32)
    direct = jwe.seal_direct(plaintext, content_key, kid="env", cty="c+jws")
    assert jose.open_direct(direct, content_key, kid="env", cty="c+jws") == plaintext


def test_a_seal_of_another_type_or_key_does_not_open() -> None:
    content_key = secrets.token_bytes(32)
    sealed = jwe.seal_direct(b"x", content_key, kid="env", cty="c+jws")
    with pytest.raises(NotTrusted):
        jose.open_direct(sealed, content_key, kid="other", cty="c+jws")
    with pytest.raises(NotTrusted):
        jose.open_direct(sealed, content_key, kid="env", cty="d+jws")
    with pytest.raises(NotTrusted):
        jose.open_direct(sealed, secrets.token_bytes(32), kid="env", cty="c+jws")


def test_the_hub_takes_the_proof_for_this_call_alone() -> None:
    proof = jose.proof(KEY, method="POST", url="https://hub.example/x", now=NOW, jti="j1", nonce="n", token="tok")
    dpop.verify_proof(
        proof, htm="POST", htu="https://hub.example/x", now=NOW, max_age=timedelta(seconds=60), nonce="n",
        access_token="tok", expected_jkt=parse_public_jwk(public_jwk(KEY), use="sig").thumbprint,
    )  # fmt: skip
    assert "d" not in jose.header(proof)["jwk"]


def test_an_assertion_lives_for_less_than_five_minutes() -> None:
    token = jose.client_assertion(KEY, "police.lead", audience="https://hub.example/oauth2/token", now=NOW, jti="j")
    claims = jose.json_object(jose.verify(token, {"k1": KEY}, typ="JWT"))
    assert claims["iss"] == claims["sub"] == "police.lead"
    assert 0 < claims["exp"] - claims["iat"] <= 300
