"""JSON with one spelling when written and no surprises when read.

Written: members sorted by code point, no spaces, UTF-8. It is deterministic for our own use and is not RFC 8785:
what is signed is always the bytes that were received, never a re-serialisation.
Read: I-JSON (RFC 7493) with limits on size and depth.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from schemas.errors import Rejected, TooLarge

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What ``loads`` gives."""
JsonInput: TypeAlias = "bool | int | float | str | Sequence[JsonInput] | Mapping[str, JsonInput] | None"
"""What ``dumps`` takes."""

SIZE_LIMIT = 2_000_000
"""Bytes of JSON text that ``loads`` reads, unless told otherwise."""
DEPTH_LIMIT = 32
"""Levels of nesting that ``loads`` reads, unless told otherwise."""
_DIGIT_LIMIT = 40

# A string that is never closed ends with the text: were it no match, each of its quotes would be looked at to the end.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89abcdefABCDEF]")
_MALFORMED = "crypto.json.malformed"


def dumps(value: JsonInput) -> bytes:
    """The one spelling of this value: the same value always gives the same bytes.

    Raises:
        ValueError: a number that is not finite, a member name that is not text, or text with a lone surrogate.
        TypeError: something that JSON does not have.
    """
    _require_text_names(value)
    return _ENCODER.encode(value).encode("utf-8")


def loads(data: bytes | str, *, size: int = SIZE_LIMIT, depth: int = DEPTH_LIMIT) -> Json:
    """The value, provided that every reader would read the same one.

    Raises:
        TooLarge: more than ``size`` bytes or ``depth`` levels.
        Rejected: not UTF-8, not JSON, a member twice in one object, NaN or Infinity, a number beyond what a double
            or 40 digits hold, or a lone surrogate.
    Source: RFC 8259, RFC 7493.
    """
    text = _text(data, size)
    # Depth is checked before parsing, because the parser recurses; no text is deeper than it has brackets.
    if text.count("{") + text.count("[") > depth and _depth(text) > depth:
        raise TooLarge("crypto.json.depth")
    try:
        value: Json = _DECODER.decode(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        # The parser's own words quote the text.
        raise Rejected(_MALFORMED) from None
    return value


def loads_object(data: bytes | str, *, size: int = SIZE_LIMIT, depth: int = DEPTH_LIMIT) -> dict[str, Json]:
    """As ``loads``, for text that must be an object.

    Raises:
        TooLarge, Rejected: as ``loads``; Rejected also where the value is not an object.
    """
    value = loads(data, size=size, depth=depth)
    if not isinstance(value, dict):
        raise Rejected("crypto.json.object")
    return value


def _text(data: bytes | str, size: int) -> str:
    if len(data) > size:
        raise TooLarge("crypto.json.size")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected("crypto.json.encoding") from None


def _depth(text: str) -> int:
    deepest = level = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Rejected("crypto.json.duplicate")
    return members


def _no_constant(_name: str) -> Json:
    raise Rejected("crypto.json.number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Rejected("crypto.json.number")
    return number


def _bounded(digits: str) -> int:
    # Turning digits into an integer costs the square of their number.
    if len(digits) > _DIGIT_LIMIT:
        raise Rejected("crypto.json.number")
    return int(digits)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    message = "not a JSON value"
    raise TypeError(message)


def _require_text_names(value: object) -> None:
    # The standard library would write the name 1 and the name "1" alike.
    if value is None or type(value) in _SCALARS:
        return
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str):
                message = "a member name is not text"
                raise ValueError(message)  # noqa: TRY004 - one family for what cannot be written
            _require_text_names(member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            _require_text_names(member)


_SCALARS = frozenset({str, int, bool, float})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
# Made once: ``json.dumps`` and ``json.loads`` make theirs anew for every call with options.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite, parse_int=_bounded
)
