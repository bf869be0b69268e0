"""Signed notes: the verifier keys and the signature lines that checkpoints and cosignatures are made of.

Source: C2SP signed-note v1.0.0.
"""

from __future__ import annotations

import base64
import hashlib
import re

ID_BYTES = 4
NAME = re.compile(r"[^\s+]{1,200}")
_KEY_BYTES = 32
_MALFORMED = "no key or line of a signed note"


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """Four bytes that tell keys apart; a hint, not a proof."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:ID_BYTES]


def parse_key(text: str, kind: bytes) -> tuple[str, bytes]:
    """Name and 32 public bytes of the verifier key ``name+id+base64`` of this kind (one byte).

    Raises:
        ValueError: malformed, of another kind, or with a key id that is not its own.
    """
    name, _, rest = text.partition("+")
    told, _, encoded = rest.partition("+")
    key = _canonical(encoded)
    sound = NAME.fullmatch(name) and key[:1] == kind and len(key) == 1 + _KEY_BYTES
    if not sound or told != key_id(name, kind, key[1:]).hex():
        raise ValueError(_MALFORMED)
    return name, key[1:]


def parse_signature(line: str) -> tuple[str, bytes]:
    """Name, and key id with signature, of a line below a note.

    Raises:
        ValueError: malformed.
    """
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    blob = _canonical(encoded)
    if dash != "\N{EM DASH}" or not NAME.fullmatch(name) or len(blob) <= ID_BYTES:
        raise ValueError(_MALFORMED)
    return name, blob


def _canonical(encoded: str) -> bytes:
    try:
        value = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise ValueError(_MALFORMED) from None
    if base64.b64encode(value).decode() != encoded:
        raise ValueError(_MALFORMED)  # the bits that the last letter does not need
    return value
