"""Proof of possession on every call of an agency's system: the DPoP proof, its nonce, and its single use.

Source: RFC 9449 sections 4.3, 8 and 9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from crypto import dpop
from crypto.failure import SealFailed
from gateway.bootstrap import Gateway
from gateway.single_use import Replayed, Use
from schemas.errors import Unauthenticated

MAX_AGE = timedelta(seconds=120)
NONCE_HEADER = "DPoP-Nonce"


class NonceWanted(Unauthenticated):
    """The proof must bear a nonce of ours; the answer brings one."""

    def __init__(self, nonce: str) -> None:
        super().__init__("dpop.use_nonce", "sign a fresh proof over the nonce of the DPoP-Nonce header")
        self.headers: Mapping[str, str] = {
            NONCE_HEADER: nonce,
            "WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"',
        }


class CredentialWanted(Unauthenticated):
    """No credential, or one that does not hold. The reason is for the log alone."""

    def __init__(self, reason: str, scheme: str = "DPoP") -> None:
        super().__init__("credential.invalid", "present a valid credential")
        self.reason = reason
        self.headers: Mapping[str, str] = {"WWW-Authenticate": f'{scheme} error="invalid_token"'}


def fresh_nonce(gateway: Gateway) -> str:
    """A nonce that this hub will accept for five minutes, on any of its replicas."""
    key = gateway.keys.policy_key()
    return dpop.make_nonce(key, now=gateway.world.now(), random=gateway.world.random(dpop.NONCE_RANDOM_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A proof that holds for its request, not used up as yet: ``use`` is its single use."""

    proof: dpop.Proof
    use: Use


def check(request: web.Request, gateway: Gateway, *, token: str | None, expected_jkt: str) -> Checked:
    """The proof of this request, verified; whoever acts on it uses it up first, or in the same transaction.

    (1) one ``DPoP`` header; (2) it holds for this method, this address, this token and the enrolled key; (3) its nonce
    is one of ours.

    Raises:
        NonceWanted: without a nonce of ours, or with one that is too old.
        CredentialWanted: in any other case.
    """
    now = gateway.world.now()
    # (1) one header
    headers = request.headers.getall("DPoP", [])
    if len(headers) != 1:
        raise CredentialWanted("dpop.missing")
    # (2) for this request and this key
    try:
        proof = dpop.verify_proof(
            headers[0],
            htm=request.method,
            htu=gateway.public_url + request.path,
            now=now,
            max_age=MAX_AGE,
            nonce=None,
            access_token=token,
            expected_jkt=expected_jkt,
            leeway=gateway.skew,
        )
    except SealFailed as error:
        raise CredentialWanted(error.reason) from None
    # (3) a nonce of ours
    if proof.nonce is None or not _ours(gateway, proof.nonce):
        raise NonceWanted(fresh_nonce(gateway))
    digest = hashlib.sha256(f"{proof.jkt}\n{proof.jti}".encode()).hexdigest()
    return Checked(proof=proof, use=Use(digest=digest, expires_at=now + MAX_AGE + gateway.skew * 2))


async def prove(request: web.Request, gateway: Gateway, *, token: str | None, expected_jkt: str) -> dpop.Proof:
    """The proof of this request, verified as by ``check`` and used up.

    Raises:
        NonceWanted: without a nonce of ours, or with one that is too old.
        CredentialWanted: in any other case.
    """
    checked = check(request, gateway, token=token, expected_jkt=expected_jkt)
    # used once, across replicas and restarts
    try:
        await gateway.admission.use_up(checked.use)
    except Replayed as error:
        raise CredentialWanted(error.reason) from None
    return checked.proof


def _ours(gateway: Gateway, nonce: str) -> bool:
    now = gateway.world.now()
    return any(dpop.check_nonce(key, nonce, now=now) for key in gateway.keys.policy_keys())
