"""Tokens: the facade beside python-jose bare, joserfc, and the one primitive that the work is about."""

from __future__ import annotations

import os
from collections.abc import Callable

import jose.jwe
import jose.jwk
import jose.jws
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe as independent_jwe
from joserfc import jws as independent_jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from benchmarks.measuring import Row, interleaved, per_second
from crypto import jwe, jws
from crypto.jwk import load_sealing_key, load_signing_key

Call = Callable[[], object]
_PAYLOAD = os.urandom(2_000)
_TYP, _CTY, _KID = "mash-request+jws", "mash-envelope+jws", "env_0"
_SHA = ec.ECDSA(hashes.SHA256())
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_REGISTRY = independent_jwe.JWERegistry(algorithms=["RSA-OAEP-256", "dir", "A256GCM"])


def rows() -> list[Row]:
    """Signing, verifying, sealing and opening 2,000 bytes; a row for each peer."""
    return [*_signatures(), *_seals(), *_direct()]


def _signatures() -> list[Row]:
    other = ECKey.generate_key("P-256", private=True)
    key = load_signing_key(other.as_der(private=True), "bench")
    private, public = key.key, key.key.public_key()
    bare, bare_public = jose.jwk.construct(private, "ES256"), jose.jwk.construct(public, "ES256")
    header = {"alg": "ES256", "kid": key.kid, "typ": _TYP}
    token, raw = jws.sign(_PAYLOAD, key, typ=_TYP), private.sign(_PAYLOAD, _SHA)
    known = {key.kid: key.public()}
    return [
        *_rows(
            "sign, ES256",
            lambda: jws.sign(_PAYLOAD, key, typ=_TYP),
            bound=lambda: private.sign(_PAYLOAD, _SHA),
            bare=lambda: jose.jws.sign(_PAYLOAD, bare, headers=header, algorithm="ES256"),
            independent=lambda: independent_jws.serialize_compact(header, _PAYLOAD, other),
        ),
        *_rows(
            "verify, ES256",
            lambda: jws.verify(token, known, typ=_TYP),
            bound=lambda: public.verify(raw, _PAYLOAD, _SHA),
            bare=lambda: jose.jws.verify(token, bare_public, algorithms=["ES256"]),
            independent=lambda: independent_jws.deserialize_compact(token, other),
        ),
    ]


def _seals() -> list[Row]:
    other = RSAKey.generate_key(3072, private=True)
    key = load_sealing_key(other.as_der(private=True), "bench")
    recipient, public = key.public(), key.key.public_key()
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key.kid, "cty": _CTY}
    token = jwe.seal_to(_PAYLOAD, recipient, cty=_CTY)
    wrapped, sealed = _sealed_by_hand(public)
    return [
        *_rows(
            "seal, RSA-OAEP-256",
            lambda: jwe.seal_to(_PAYLOAD, recipient, cty=_CTY),
            bound=lambda: _sealed_by_hand(public),
            bare=lambda: jose.jwe.encrypt(
                _PAYLOAD, public, encryption="A256GCM", algorithm="RSA-OAEP-256", cty=_CTY, kid=key.kid
            ),
            independent=lambda: independent_jwe.encrypt_compact(header, _PAYLOAD, other, registry=_REGISTRY),
        ),
        *_rows(
            "open, RSA-OAEP-256",
            lambda: jwe.open_with(token, {key.kid: key}, cty=_CTY),
            bound=lambda: AESGCM(key.key.decrypt(wrapped, _OAEP)).decrypt(sealed[:12], sealed[12:], None),
            bare=lambda: jose.jwe.decrypt(token, key.key),
            independent=lambda: independent_jwe.decrypt_compact(token, other, registry=_REGISTRY),
        ),
    ]


def _direct() -> list[Row]:
    secret = AESGCM.generate_key(256)
    other = OctKey.import_key(secret)
    header = {"alg": "dir", "enc": "A256GCM", "kid": _KID, "cty": _CTY}
    token, nonce = jwe.seal_direct(_PAYLOAD, secret, kid=_KID, cty=_CTY), os.urandom(12)
    sealed = AESGCM(secret).encrypt(nonce, _PAYLOAD, None)
    return [
        *_rows(
            "seal, dir",
            lambda: jwe.seal_direct(_PAYLOAD, secret, kid=_KID, cty=_CTY),
            bound=lambda: AESGCM(secret).encrypt(os.urandom(12), _PAYLOAD, None),
            bare=lambda: jose.jwe.encrypt(_PAYLOAD, secret, encryption="A256GCM", algorithm="dir", cty=_CTY, kid=_KID),
            independent=lambda: independent_jwe.encrypt_compact(header, _PAYLOAD, other, registry=_REGISTRY),
        ),
        *_rows(
            "open, dir",
            lambda: jwe.open_direct(token, secret, kid=_KID, cty=_CTY),
            bound=lambda: AESGCM(secret).decrypt(nonce, sealed, None),
            bare=lambda: jose.jwe.decrypt(token, secret),
            independent=lambda: independent_jwe.decrypt_compact(token, other, registry=_REGISTRY),
        ),
    ]


def _sealed_by_hand(key: rsa.RSAPublicKey) -> tuple[bytes, bytes]:
    secret, nonce = AESGCM.generate_key(256), os.urandom(12)
    return key.encrypt(secret, _OAEP), nonce + AESGCM(secret).encrypt(nonce, _PAYLOAD, None)


def _rows(name: str, ours: Call, *, bound: Call, bare: Call, independent: Call) -> list[Row]:
    calls = {"ours": ours, "bound": bound, "python-jose": bare, "joserfc": independent}
    figures = interleaved({subject: per_second(call) for subject, call in calls.items()})
    return [
        Row(
            name=f"{name}, beside {peer}",
            unit="tokens/s",
            figure=figures["ours"],
            bound=figures["bound"],
            bound_name="the primitive of cryptography alone",
            peer=figures[peer],
            peer_name=peer,
        )
        for peer in ("python-jose", "joserfc")
    ]
