"""Cosignatures of witnesses over checkpoints: that somebody else saw this tree, and no other, follow the last one.

Source: C2SP tlog-cosignature v1.0.0 (cosignature/v1, Ed25519) and signed-note v1.0.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from crypto import signed_note
from crypto.failure import SealFailed
from crypto.signed_note import ID_BYTES
from schemas.errors import Rejected

_COSIGNATURE = b"\x04"
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_LINES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A witness: its key's name and its 32 public bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart; a hint, not a proof."""
        return signed_note.key_id(self.name, _COSIGNATURE, self.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A line that holds: as it stands in a note, and when the witness says that it saw the checkpoint (aware UTC)."""

    line: str
    at: datetime


def parse_cosigner(text: str) -> Cosigner:
    """The witness in this verifier key: ``name+id+key``.

    Raises:
        Rejected: malformed, of another type, or with a key id that is not its own.
    """
    try:
        name, public = signed_note.parse_key(text, _COSIGNATURE)
    except ValueError:
        raise Rejected("crypto.cosigner.verifier") from None
    return Cosigner(name=name, public=public)


def verify_cosignature(note: str, lines: Iterable[str], cosigner: Cosigner) -> Cosignature:
    """The one line of these by which this witness cosigned the checkpoint of ``note``.

    (1) exactly one line bears the witness's name and key id; (2) its signature is over the time that it tells and the
    checkpoint's own text.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    body = note.rpartition("\n\n")[0] + "\n"
    # (1) exactly one line is this witness's
    ours = [(line, blob) for line in list(lines)[:_LINES] if (blob := _blob(line, cosigner)) is not None]
    if len(ours) != 1:
        raise SealFailed("cosignature.signer")
    line, blob = ours[0]
    # (2) its signature holds
    stamp = int.from_bytes(blob[ID_BYTES : ID_BYTES + _TIME_BYTES])
    message = f"cosignature/v1\ntime {stamp}\n{body}".encode()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(cosigner.public).verify(blob[ID_BYTES + _TIME_BYTES :], message)
        at = datetime.fromtimestamp(stamp, UTC)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise SealFailed("cosignature.signature") from None
    return Cosignature(line=line, at=at)


def _blob(line: str, cosigner: Cosigner) -> bytes | None:
    try:
        name, blob = signed_note.parse_signature(line)
    except ValueError:
        return None
    whole = len(blob) == ID_BYTES + _TIME_BYTES + _SIGNATURE_BYTES
    return blob if whole and name == cosigner.name and blob[:ID_BYTES] == cosigner.key_id else None
