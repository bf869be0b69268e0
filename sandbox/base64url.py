"""base64url without padding, as JOSE writes it. Source: RFC 7515, appendix C."""

from __future__ import annotations

import base64
import binascii
import hashlib

from sandbox.failures import NotTrusted


def encode(raw: bytes) -> str:
    """The text for these bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes that this text stands for.

    Raises:
        NotTrusted: it is not the one canonical spelling of any bytes.
    """
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise NotTrusted("base64url") from error
    if encode(raw) != text:
        raise NotTrusted("base64url")
    return raw


def digest(raw: bytes) -> str:
    """base64url of the SHA-256 of these bytes."""
    return encode(hashlib.sha256(raw).digest())
