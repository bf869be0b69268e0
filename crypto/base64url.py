"""Base64url without padding, in its one canonical spelling.

Source: RFC 4648 section 5, RFC 7515 section 2 and appendix C. Lax decoders take many spellings of the same bytes
(padding, line breaks, spare bits), so that one token would have many forms; here each value has exactly one.
"""

from __future__ import annotations

import binascii

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")


class NotCanonical(ValueError):
    """The text is not canonical base64url. It names nothing of what the text held."""


def encode(data: bytes) -> str:
    """The canonical text for these bytes: no padding, no line breaks."""
    return _spelt(data).decode("ascii")


def decode(text: str | bytes) -> bytes:
    """The bytes that have exactly this text as their canonical spelling.

    Raises:
        NotCanonical: a character outside the alphabet, padding, an impossible length, or spare bits that are not zero.
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        data = binascii.a2b_base64(raw.translate(_TO_STANDARD) + b"=" * (-len(raw) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise NotCanonical from None
    # The decoder is lax; what it gave has one spelling, and anything else is not it: a character that it passed over or
    # took for another, padding, and spare bits of the last character that are not zero.
    if _spelt(data) != raw:
        raise NotCanonical
    return data


def _spelt(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False).translate(_FROM_STANDARD).rstrip(b"=")
