"""Keys for the tests, made at run time; RSA keys are slow to make, so each is made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import settings

from crypto import base64url, canonical
from crypto.jwk import DecryptionKey, PublicKey, SigningKey, generate_sealing_key, generate_signing_key

# The machine is shared: how long one example takes says nothing about the code.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

Forge = Callable[..., str]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def signer() -> SigningKey:
    return generate_signing_key()


@pytest.fixture(scope="session")
def stranger() -> SigningKey:
    return generate_signing_key()


@pytest.fixture(scope="session")
def keys(signer: SigningKey) -> Mapping[str, PublicKey]:
    return {signer.kid: signer.public()}


@pytest.fixture(scope="session")
def opener() -> DecryptionKey:
    return generate_sealing_key()


@pytest.fixture(scope="session")
def partner() -> rsa.RSAPrivateKey:
    """A partner's RS256 key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def forge() -> Forge:
    """Joins a header and further segments into a token, however wrong."""

    def join(header: Mapping[str, canonical.JsonInput] | bytes, *segments: bytes) -> str:
        head = header if isinstance(header, bytes) else canonical.dumps(header)
        return ".".join(base64url.encode(part) for part in (head, *segments))

    return join
