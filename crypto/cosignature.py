"""Cosignatures of witnesses over checkpoints: that somebody else saw this tree, and no other, follow the last one.

Source: C2SP tlog-cosignature v1.0.0 (cosignature/v1, Ed25519) and signed-note v1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from crypto.failure import SealFailed
from schemas.errors import Rejected

_COSIGNATURE = b"\x04"
_KEY_BYTES, _ID_BYTES, _TIME_BYTES, _SIGNATURE_BYTES = 32, 4, 8, 64
_NAME = re.compile(r"[^\s+]{1,200}")
_LINES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A witness: its key's name and its 32 public bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart; a hint, not a proof."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:_ID_BYTES]


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
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("crypto.cosigner.verifier") from None
    cosigner = Cosigner(name=name, public=key[1:])
    sound = _NAME.fullmatch(name) and key[:1] == _COSIGNATURE and len(key) == 1 + _KEY_BYTES
    if not sound or key_id != cosigner.key_id.hex():
        raise Rejected("crypto.cosigner.verifier")
    return cosigner


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
    stamp = int.from_bytes(blob[_ID_BYTES : _ID_BYTES + _TIME_BYTES])
    message = f"cosignature/v1\ntime {stamp}\n{body}".encode()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(cosigner.public).verify(blob[_ID_BYTES + _TIME_BYTES :], message)
        at = datetime.fromtimestamp(stamp, UTC)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise SealFailed("cosignature.signature") from None
    return Cosignature(line=line, at=at)


def _blob(line: str, cosigner: Cosigner) -> bytes | None:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\N{EM DASH}" or name != cosigner.name:
        return None
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    whole = len(blob) == _ID_BYTES + _TIME_BYTES + _SIGNATURE_BYTES
    return blob if whole and blob[:_ID_BYTES] == cosigner.key_id else None
