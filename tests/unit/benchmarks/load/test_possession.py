"""The load's tokens and proofs, read by the gateway's own verification and by the bound's."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.bounds.verifying import Refused, Verifier, fresh_nonce
from benchmarks.load.possession import Holder, ath, header_of, public_jwk, signed, thumbprint
from crypto import dpop
from crypto.failure import SealFailed

URL = "http://127.0.0.1:1/v1/feeds/bench/notifications"


@pytest.fixture
def holder() -> Holder:
    return Holder(dpop=ec.generate_private_key(ec.SECP256R1()), nonce=fresh_nonce())


@pytest.fixture
def issuer() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def token_of(holder: Holder, issuer: ec.EllipticCurvePrivateKey, *, exp: float) -> str:
    jkt = thumbprint(public_jwk(holder.dpop.public_key()))
    return signed(header_of(alg="ES256"), {"cnf": {"jkt": jkt}, "exp": exp}, issuer)


def test_the_gateway_takes_a_proof_once_made(holder: Holder) -> None:
    proof = holder.proof("POST", URL, ath("token"))
    read = dpop.verify_proof(
        proof,
        htm="POST",
        htu=URL,
        now=datetime.now(UTC),
        max_age=timedelta(seconds=60),
        nonce=holder.nonce,
        access_token="token",
        expected_jkt=thumbprint(public_jwk(holder.dpop.public_key())),
    )
    assert read.nonce == holder.nonce
    with pytest.raises(SealFailed):
        dpop.verify_proof(
            proof, htm="POST", htu=URL, now=datetime.now(UTC), max_age=timedelta(seconds=60), nonce=None,
            access_token="another", expected_jkt=None,
        )  # fmt: skip


def test_no_two_proofs_share_their_id(holder: Holder) -> None:
    verifier = Verifier(holder.dpop.public_key(), holder.dpop.public_key())
    token = token_of(holder, holder.dpop, exp=time.time() + 60)
    used = {verifier.verify(token, holder.proof("POST", URL, ath(token)), url=URL)[1] for _ in range(20)}
    assert len(used) == 20


def test_the_bound_refuses_what_does_not_hold(holder: Holder, issuer: ec.EllipticCurvePrivateKey) -> None:
    verifier = Verifier(issuer.public_key(), holder.dpop.public_key())
    token = token_of(holder, issuer, exp=time.time() + 60)
    verifier.verify(token, holder.proof("POST", URL, ath(token)), url=URL)
    stranger = Holder(dpop=ec.generate_private_key(ec.SECP256R1()), nonce=holder.nonce)
    expired = token_of(holder, issuer, exp=time.time() - 1)
    forged = token_of(holder, stranger.dpop, exp=time.time() + 60)
    another = token_of(stranger, issuer, exp=time.time() + 60)
    cases = (
        (another, holder.proof("POST", URL, ath(another))),
        (token, stranger.proof("POST", URL, ath(token))),
        (expired, holder.proof("POST", URL, ath(expired))),
        (forged, holder.proof("POST", URL, ath(forged))),
        (token, holder.proof("POST", URL, ath(forged))),
        (token, holder.proof("POST", f"{URL}/other", ath(token))),
        (token, holder.proof("GET", URL, ath(token))),
    )
    for given, proof in cases:
        with pytest.raises(Refused) as refused:
            verifier.verify(given, proof, url=URL)
        assert not refused.value.nonce


def test_the_bound_asks_for_a_nonce_of_its_own(holder: Holder, issuer: ec.EllipticCurvePrivateKey) -> None:
    verifier = Verifier(issuer.public_key(), holder.dpop.public_key())
    token = token_of(holder, issuer, exp=time.time() + 60)
    holder.nonce = ""
    with pytest.raises(Refused) as refused:
        verifier.verify(token, holder.proof("POST", URL, ath(token)), url=URL)
    assert refused.value.nonce
