"""The compact serialisation, taken apart strictly: what JWS and JWE share before any key is touched.

Source: RFC 7515 sections 3.1 and 7.1, RFC 7516 sections 3.1 and 7.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from crypto import base64url, canonical
from crypto.canonical import Json
from crypto.failure import SealFailed
from schemas.errors import Rejected, TooLarge

_HEADER_LIMIT = 4096
_HEADER_DEPTH = 3
_HEADERS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Compact:
    """A compact token in its parts: decoded, parsed and not yet trusted."""

    text: str = field(repr=False)
    header: Mapping[str, Json] = field(repr=False)
    parts: tuple[bytes, ...] = field(repr=False)


def split(token: str | bytes, *, kind: str, segments: int, limit: int) -> Compact:
    """The token's parts, if it is spelt the one way that its content has.

    (1) no longer than ``limit`` characters, ASCII; (2) exactly so many segments, each canonical base64url;
    (3) the header is one JSON object without a member twice.

    Raises:
        SealFailed: with a reason that begins with ``kind``.
    """
    # (1) length and alphabet
    if len(token) > limit:
        raise SealFailed(f"{kind}.size")
    try:
        text = token if isinstance(token, str) else token.decode("ascii")
        # (2) so many segments, each in its one spelling
        encoded = text.split(".", segments)
        if len(encoded) != segments:
            raise SealFailed(f"{kind}.segments")
        parts = tuple(base64url.decode(segment) for segment in encoded)
    except (UnicodeDecodeError, base64url.NotCanonical):
        raise SealFailed(f"{kind}.encoding") from None
    # (3) one object, no member twice
    try:
        header = _header(parts[0])
    except (Rejected, TooLarge):
        raise SealFailed(f"{kind}.header") from None
    return Compact(text=text, header=header, parts=parts)


@lru_cache(maxsize=_HEADERS)
def _header(data: bytes) -> Mapping[str, Json]:
    # A function of the bytes alone, and most tokens bear the header of the one before: by the same key, of one type.
    return MappingProxyType(canonical.loads_object(data, size=_HEADER_LIMIT, depth=_HEADER_DEPTH))


def header_text(compact: Compact, name: str, *, kind: str) -> str:
    """A header member that must be there and must be text.

    Raises:
        SealFailed: it is not.
    """
    value = compact.header.get(name)
    if not isinstance(value, str):
        raise SealFailed(f"{kind}.{name}")
    return value
