"""Where published test vectors are, and how their keys are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

Vectors: TypeAlias = Callable[[str], dict[str, Any]]
Count: TypeAlias = Callable[[str], None]

FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors"
_RSA_MEMBERS = ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi")


def pem(private: dict[str, Any]) -> bytes:
    """A private RSA JWK as PEM. The facade reads no private JWK, so joserfc does."""
    raw = RSAKey.import_key({name: private[name] for name in _RSA_MEMBERS}).private_key
    assert isinstance(raw, rsa.RSAPrivateKey)
    return raw.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
