"""Signed checkpoints of the log: origin, size and root in a signed note with Ed25519.

Source: C2SP tlog-checkpoint v1.0.0 and signed-note v1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from crypto import signed_note
from crypto.failure import SealFailed
from schemas.errors import Rejected

NOTE_LIMIT = 16_384
"""Characters of a note that is read."""
_ED25519 = b"\x01"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_ROOT_BYTES = 32
_SIGNATURES_LIMIT = 100
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the log says of itself: its name, how many entries it has, and the root over them (32 bytes).

    ``extensions`` are further lines, opaque to the format.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointVerifier:
    """The public half: the key's name and its 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart; a hint, not a proof. Source: signed-note, Signatures."""
        return signed_note.key_id(self.name, _ED25519, self.public)

    def text(self) -> str:
        """The verifier key as text: name, key id in hex, type and key in base64, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointKey:
    """The private half. Neither ``repr`` nor any error shows it."""

    name: str
    key: ed25519.Ed25519PrivateKey = field(repr=False)

    def verifier(self) -> CheckpointVerifier:
        """The half that others verify with."""
        public = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return CheckpointVerifier(name=self.name, public=public)

    def to_bytes(self) -> bytes:
        """The 32 secret bytes: wrap them before they are stored anywhere."""
        return self.key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )


def load_checkpoint_key(secret: bytes, name: str) -> CheckpointKey:
    """The Ed25519 key of these 32 secret bytes, under this name (no spaces, no plus sign).

    Raises:
        Rejected: another length, or a name that the format does not allow.
    """
    if len(secret) != _KEY_BYTES:
        raise Rejected("crypto.key.encoding", at="private_key")
    if not signed_note.NAME.fullmatch(name):
        raise Rejected("crypto.checkpoint.name", at="name")
    return CheckpointKey(name=name, key=ed25519.Ed25519PrivateKey.from_private_bytes(secret))


def generate_checkpoint_key(name: str) -> CheckpointKey:
    """A fresh Ed25519 key under this name. Draws on the operating system's generator."""
    fresh = ed25519.Ed25519PrivateKey.generate()
    return load_checkpoint_key(fresh.private_bytes_raw(), name)


def parse_verifier(text: str) -> CheckpointVerifier:
    """The verifier key in this text.

    Raises:
        Rejected: malformed, of another type, or with a key id that is not its own.
    """
    try:
        name, public = signed_note.parse_key(text, _ED25519)
    except ValueError:
        raise Rejected("crypto.checkpoint.verifier") from None
    return CheckpointVerifier(name=name, public=public)


def sign_checkpoint(checkpoint: Checkpoint, key: CheckpointKey) -> str:
    """The signed note over this checkpoint. Deterministic: Ed25519 draws no randomness.

    Raises:
        ValueError: an origin or extension that would not be one line, or a root that is not 32 bytes.
    """
    body = _body(checkpoint)
    signature = key.verifier().key_id + key.key.sign(body.encode())
    return f"{body}\n\N{EM DASH} {key.name} {base64.b64encode(signature).decode()}\n"


def parse_checkpoint(note: str) -> Checkpoint:
    """What the note says, unverified: to show it, or to find out whose key to ask for.

    Raises:
        SealFailed: the note is malformed.
    """
    return _parse_body(_split(note)[0])


def verify_checkpoint(note: str, verifier: CheckpointVerifier, *, origin: str) -> Checkpoint:
    """What this key's holder says of the log with exactly this origin.

    (1) the note is well formed; (2) one line bears the key's name and key id and a good signature over the body;
    signatures by others are passed over; (3) the origin is exactly this.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    # (1) well formed
    body, signatures = _split(note)
    checkpoint = _parse_body(body)
    # (2) exactly one line is this key's, and its signature is good
    _verify_signature(body, signatures, verifier)
    # (3) the origin is exactly this
    if checkpoint.origin != origin:
        raise SealFailed("checkpoint.origin")
    return checkpoint


def _verify_signature(body: str, signatures: list[tuple[str, bytes]], verifier: CheckpointVerifier) -> None:
    ours = [
        blob[signed_note.ID_BYTES :]
        for name, blob in signatures
        if name == verifier.name
        and blob[: signed_note.ID_BYTES] == verifier.key_id
        and len(blob) == signed_note.ID_BYTES + _SIGNATURE_BYTES
    ]
    if len(ours) != 1:
        raise SealFailed("checkpoint.signer")
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(verifier.public).verify(ours[0], body.encode())
    except (InvalidSignature, ValueError):
        raise SealFailed("checkpoint.signature") from None


def _body(checkpoint: Checkpoint) -> str:
    lines = (
        checkpoint.origin,
        str(checkpoint.size),
        base64.b64encode(checkpoint.root).decode(),
        *checkpoint.extensions,
    )
    one_line = all(line and line.isprintable() for line in lines)
    if not one_line or checkpoint.size < 0 or len(checkpoint.root) != _ROOT_BYTES:
        message = "a checkpoint's lines are printable and not empty, its size is not negative, its root has 32 bytes"
        raise ValueError(message)
    return "".join(f"{line}\n" for line in lines)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > NOTE_LIMIT or not note.endswith("\n"):
        raise SealFailed("checkpoint.note")
    # The last blank line parts the text from the signatures; the text keeps its own line feed.
    head, separator, tail = note.rpartition("\n\n")
    lines = tail.splitlines() if separator else []
    if not 1 <= len(lines) <= _SIGNATURES_LIMIT:
        raise SealFailed("checkpoint.note")
    try:
        return f"{head}\n", [signed_note.parse_signature(line) for line in lines]
    except ValueError:
        raise SealFailed("checkpoint.note") from None


def _parse_body(body: str) -> Checkpoint:
    origin, *rest = body[:-1].split("\n")
    if len(rest) < 2 or not all((origin, *rest)) or not _SIZE.fullmatch(rest[0]):
        raise SealFailed("checkpoint.body")
    try:
        root = base64.b64decode(rest[1], validate=True)
    except (binascii.Error, ValueError):
        raise SealFailed("checkpoint.body") from None
    if len(root) != _ROOT_BYTES or base64.b64encode(root).decode() != rest[1]:
        raise SealFailed("checkpoint.body")
    return Checkpoint(origin=origin, size=int(rest[0]), root=root, extensions=tuple(rest[2:]))
