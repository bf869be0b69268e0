"""Base64url without padding, in its one canonical spelling.

Source: RFC 4648 section 5, RFC 7515 section 2 and appendix C. Lax decoders take many spellings of the same bytes
(padding, line breaks, spare bits), so that one token would have many forms; here each value has exactly one.
"""

from __future__ import annotations

import base64
import binascii
import re

_ALPHABET = re.compile(rb"[A-Za-z0-9_-]*")


class NotCanonical(ValueError):
    """The text is not canonical base64url. It names nothing of what the text held."""


def encode(data: bytes) -> str:
    """The canonical text for these bytes: no padding, no line breaks."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str | bytes) -> bytes:
    """The bytes that have exactly this text as their canonical spelling.

    Raises:
        NotCanonical: a character outside the alphabet, padding, an impossible length, or spare bits that are not zero.
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        if not _ALPHABET.fullmatch(raw):
            raise NotCanonical
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise NotCanonical from None
    # Spare bits: the last character may carry bits that decode to nothing; only zeros are canonical.
    if base64.urlsafe_b64encode(data).rstrip(b"=") != raw:
        raise NotCanonical
    return data
