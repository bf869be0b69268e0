"""What a key is made of, by purpose: made, written as secret bytes for wrapping, read back, and its public half."""

from __future__ import annotations

from collections.abc import Callable

from crypto import canonical
from crypto.checkpoint import CheckpointKey, generate_checkpoint_key, load_checkpoint_key
from crypto.jwk import (
    DecryptionKey,
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
    load_sealing_key,
    load_signing_key,
)
from crypto.keys import Material, Purpose

SECRET_BYTES = 32


def make(purpose: Purpose, *, origin: str, random: Callable[[int], bytes]) -> Material:
    """Fresh material for this purpose. ``origin`` names the log whose checkpoints a checkpoint key signs.

    Key pairs draw on the operating system's generator; an RSA pair takes a good part of a second.
    """
    if purpose is Purpose.SIGNING:
        return generate_signing_key()
    if purpose is Purpose.SEALING:
        return generate_sealing_key()
    if purpose is Purpose.CHECKPOINT:
        return generate_checkpoint_key(origin)
    return random(SECRET_BYTES)


def kid_of(material: Material, purpose: Purpose, version: int) -> str:
    """The key's name: the thumbprint of a pair, the key id of a checkpoint key, else purpose and version."""
    if isinstance(material, SigningKey | DecryptionKey):
        return material.kid
    if isinstance(material, CheckpointKey):
        return f"{purpose}.{version}.{material.verifier().key_id.hex()}"
    return f"{purpose}.{version}"


def to_secret(material: Material) -> bytes:
    """The secret bytes, to be wrapped at once."""
    if isinstance(material, SigningKey | DecryptionKey):
        return material.to_der()
    if isinstance(material, CheckpointKey):
        return material.to_bytes()
    return material


def from_secret(purpose: Purpose, kid: str, secret: bytes, *, origin: str) -> Material:
    """The material that ``to_secret`` wrote.

    Raises:
        Rejected: the bytes are no key for this purpose.
    """
    if purpose is Purpose.SIGNING:
        return load_signing_key(secret, kid)
    if purpose is Purpose.SEALING:
        return load_sealing_key(secret, kid)
    if purpose is Purpose.CHECKPOINT:
        return load_checkpoint_key(secret, origin)
    return secret


def public_text(material: Material) -> str | None:
    """The public half as JSON text: a JWK, or ``{"verifier": text}`` of a checkpoint key; None for a secret."""
    if isinstance(material, SigningKey | DecryptionKey):
        return canonical.dumps(material.public().jwk()).decode()
    if isinstance(material, CheckpointKey):
        return canonical.dumps({"verifier": material.verifier().text()}).decode()
    return None
