from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from crypto import base64url, canonical, dpop
from crypto.canonical import JsonInput
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from crypto.tokens import numeric_date

HTU = "https://hub.example/v1/envelopes/e1/open"
MINUTE = timedelta(minutes=1)


def bare(key: SigningKey) -> dict[str, JsonInput]:
    jwk = key.public().jwk()
    return {name: jwk[name] for name in ("kty", "crv", "x", "y")}


def prove(
    key: SigningKey,
    now: datetime,
    *,
    header: dict[str, JsonInput] | None = None,
    claims: dict[str, JsonInput] | None = None,
) -> str:
    """A proof made from scratch, since the facade signs no header with a jwk."""
    head: dict[str, JsonInput] = {"typ": "dpop+jwt", "alg": "ES256", "jwk": bare(key), **(header or {})}
    body: dict[str, JsonInput] = {"jti": "p1", "htm": "POST", "htu": HTU, "iat": numeric_date(now), **(claims or {})}
    head = {name: value for name, value in head.items() if value != "absent"}
    body = {name: value for name, value in body.items() if value != "absent"}
    text = f"{base64url.encode(canonical.dumps(head))}.{base64url.encode(canonical.dumps(body))}"
    r, s = decode_dss_signature(key.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{base64url.encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def verify(
    proof: str, now: datetime, *, nonce: str | None = None, access_token: str | None = None, jkt: str | None = None
) -> dpop.Proof:
    return dpop.verify_proof(
        proof,
        htm="POST",
        htu=HTU,
        now=now,
        max_age=MINUTE,
        nonce=nonce,
        access_token=access_token,
        expected_jkt=jkt,
    )


def reason(proof: str, now: datetime, **promises: str) -> str:
    with pytest.raises(SealFailed) as failed:
        verify(proof, now, **promises)
    return failed.value.reason


def test_a_proof_says_which_key_made_it(signer: SigningKey, now: datetime) -> None:
    proof = verify(prove(signer, now, claims={"nonce": "n"}), now)
    assert proof == dpop.Proof(jkt=signer.public().thumbprint, jti="p1", iat=now, nonce="n")


def test_a_proof_over_nonce_token_and_key_holds_for_exactly_these(
    signer: SigningKey, stranger: SigningKey, now: datetime
) -> None:
    proof = prove(signer, now, claims={"nonce": "n", "ath": dpop.ath("token")})
    jkt = signer.public().thumbprint
    assert verify(proof, now, nonce="n", access_token="token", jkt=jkt).jkt == jkt
    assert reason(proof, now, nonce="m") == "dpop.nonce"
    assert reason(proof, now, access_token="other") == "dpop.ath"
    assert reason(proof, now, jkt=stranger.public().thumbprint) == "dpop.jkt"


def test_the_digest_of_a_token_is_that_of_the_rfc() -> None:
    # The example of RFC 9449 section 7.1.
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert dpop.ath(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.mark.parametrize(
    "claims, expected",
    [
        ({"htm": "GET"}, "dpop.htm"),
        ({"htm": "post"}, "dpop.htm"),
        ({"htm": "absent"}, "dpop.htm"),
        ({"htu": "https://hub.example/v1/envelopes/e2/open"}, "dpop.htu"),
        ({"htu": "http://hub.example/v1/envelopes/e1/open"}, "dpop.htu"),
        ({"htu": "absent"}, "dpop.htu"),
        ({"jti": ""}, "dpop.jti"),
        ({"jti": "x" * 201}, "dpop.jti"),
        ({"jti": 1}, "dpop.jti"),
        ({"iat": "absent"}, "dpop.iat"),
        ({"iat": True}, "dpop.iat"),
        ({"iat": 1.8e9}, "dpop.iat"),
        ({"iat": -5}, "dpop.iat"),
        ({"nonce": 5}, "dpop.nonce"),
    ],
)
def test_a_proof_for_another_request_is_refused(
    signer: SigningKey, now: datetime, claims: dict[str, JsonInput], expected: str
) -> None:
    assert reason(prove(signer, now, claims=claims), now) == expected


@pytest.mark.parametrize(
    "header, expected",
    [
        ({"typ": "JWT"}, "dpop.typ"),
        ({"typ": "absent"}, "dpop.typ"),
        ({"jwk": "absent"}, "dpop.jwk"),
        ({"jwk": "key"}, "dpop.jwk"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "dpop.jwk"),
        ({"alg": "none"}, "jws.alg"),
        ({"alg": "HS256"}, "jws.alg"),
        ({"alg": "RS256"}, "jws.alg"),
        ({"jku": "https://evil.example/"}, "jws.members"),
        ({"crit": ["exp"]}, "jws.members"),
        ({"kid": "another"}, "jws.kid"),
    ],
)
def test_a_proof_with_another_header_is_refused(
    signer: SigningKey, now: datetime, header: dict[str, JsonInput], expected: str
) -> None:
    assert reason(prove(signer, now, header=header), now) == expected


def test_a_proof_that_shows_its_private_key_is_refused(signer: SigningKey, now: datetime) -> None:
    private = base64url.encode(signer.key.private_numbers().private_value.to_bytes(32, "big"))
    assert reason(prove(signer, now, header={"jwk": {**bare(signer), "d": private}}), now) == "dpop.jwk"


def test_a_proof_signed_by_another_key_than_it_shows_is_refused(
    signer: SigningKey, stranger: SigningKey, now: datetime
) -> None:
    assert reason(prove(stranger, now, header={"jwk": bare(signer)}), now) == "jws.signature"


def test_an_rsa_proof_is_refused(partner: rsa.RSAPrivateKey, now: datetime) -> None:
    jwk = PublicKey(kid="k", alg="RS256", use="sig", key=partner.public_key()).jwk()
    head = canonical.dumps({"typ": "dpop+jwt", "alg": "RS256", "jwk": jwk})
    body = canonical.dumps({"jti": "p1", "htm": "POST", "htu": HTU, "iat": numeric_date(now)})
    text = f"{base64url.encode(head)}.{base64url.encode(body)}"
    signature = partner.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert reason(f"{text}.{base64url.encode(signature)}", now) == "dpop.jwk"


def test_a_proof_holds_for_its_minute_alone(signer: SigningKey, now: datetime) -> None:
    second = timedelta(seconds=1)
    proof = prove(signer, now)
    assert verify(proof, now + MINUTE).iat == now
    assert reason(proof, now + MINUTE + second) == "dpop.iat"
    assert verify(proof, now - 5 * second).iat == now
    assert reason(proof, now - 6 * second) == "dpop.iat"


def test_a_proof_without_the_nonce_that_was_asked_for_is_told_apart(signer: SigningKey, now: datetime) -> None:
    assert reason(prove(signer, now), now, nonce="n") == "dpop.nonce"
    assert reason(prove(signer, now), now, access_token="t") == "dpop.ath"


@given(seconds=st.integers(min_value=-600, max_value=900))
def test_a_nonce_holds_for_its_window_and_a_second_of_skew(seconds: int) -> None:
    key, made = bytes(32), datetime.fromisoformat("2026-11-20T09:30:00+00:00")
    nonce = dpop.make_nonce(key, now=made, random=bytes(8))
    assert dpop.check_nonce(key, nonce, now=made + timedelta(seconds=seconds)) == (-1 <= seconds <= 300)


def test_a_nonce_of_another_key_or_changed_is_none_of_ours(now: datetime) -> None:
    key = secrets.token_bytes(32)
    nonce = dpop.make_nonce(key, now=now, random=secrets.token_bytes(8))
    assert dpop.check_nonce(key, nonce, now=now)
    assert not dpop.check_nonce(secrets.token_bytes(32), nonce, now=now)
    for changed in ("", "?", nonce[:-4], nonce + "AAAA", "A" * len(nonce), nonce[:12] + "AAAA" + nonce[16:]):
        assert not dpop.check_nonce(key, changed, now=now)


def test_a_nonce_takes_eight_random_bytes(now: datetime) -> None:
    with pytest.raises(ValueError, match="8 random"):
        dpop.make_nonce(bytes(32), now=now, random=b"short")
