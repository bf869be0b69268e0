"""JSON read strictly: UTF-8, each key once, no NaN or Infinity, shallow and small; numbers stay as they were written.

Source: RFC 8259; RFC 6901 (pointers).
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias

from schemas.errors import Rejected, TooLarge

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 50_000


class Number(str):
    """A number's own digits: no precision is lost and none is invented."""

    __slots__ = ()


Json: TypeAlias = "dict[str, Json] | list[Json] | str | bool | None"

# A string that is never closed ends with the text: were it no match, each of its quotes would be looked at to the end.
_SKELETON = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)


def parse(text: str, *, family: str, at: str = "") -> Json:
    """The value that ``text`` holds. ``family`` starts the errors' codes; ``at`` is where the text itself stood.

    Raises:
        Rejected: it is no JSON, holds a key twice, or a number that JSON has not.
        TooLarge: it is over the limit on depth or values.
    """
    # What cannot pass a limit need not be counted: each level opens with a bracket, each value but one has a comma.
    if text.count("[") + text.count("{") > MAX_DEPTH or text.count(",") > MAX_VALUES:
        _measure(text, family, at)
    try:
        value: Json = _DECODER.decode(text)
        if "\\u" in text:  # an escape may name half a character, which is no text
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except _DuplicateKeyError as error:
        raise Rejected(f"{family}.duplicate_key", "Give each key of an object once.", at=at) from error
    except ValueError as error:
        raise Rejected(f"{family}.json", "Send one JSON value that can be parsed.", at=at) from error
    return value


def decode(payload: bytes, *, family: str) -> str:
    """The text of ``payload``, without a byte order mark.

    Raises:
        Rejected: it is not UTF-8.
        TooLarge: it is over 5 MiB.
    """
    if len(payload) > MAX_BYTES:
        raise TooLarge(f"{family}.size", "Send at most 5 MiB at once.")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(f"{family}.encoding", "Send JSON in UTF-8.") from error


def leaves(value: Json, pointer: str = "") -> dict[str, str]:
    """Every string, number and boolean by its pointer, in order. Null and empty text are no content."""
    found: dict[str, str] = {}
    _gather(value, pointer, found)
    return found


def token(key: str) -> str:
    """``key`` as it stands in a pointer."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def _gather(value: Json, pointer: str, found: dict[str, str]) -> None:
    if isinstance(value, str):
        if value:
            found[pointer] = value
    elif isinstance(value, dict):
        for key, each in value.items():
            _gather(each, f"{pointer}/{token(key)}", found)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _gather(each, f"{pointer}/{index}", found)
    elif value is not None:
        found[pointer] = "true" if value else "false"


def canonical(value: Json) -> bytes:
    """One spelling for values that mean the same: sorted keys, no spaces."""
    return _CANONICAL.encode(value).encode("ascii")


class _DuplicateKeyError(ValueError):
    pass


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _DuplicateKeyError
    return made


def _refuse_constant(_: str) -> Json:
    raise ValueError("no JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_refuse_constant,
    parse_int=Number,
    parse_float=Number,
)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def _measure(text: str, family: str, at: str) -> None:
    """Depth and number of values, before the parser recurses into them."""
    depth = values = 0
    for found in _SKELETON.finditer(text):
        mark = found.group(0)
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            values += 1
        if depth > MAX_DEPTH:
            raise TooLarge(f"{family}.depth", "Nest at most 32 levels deep.", at=at)
    if values > MAX_VALUES:
        raise TooLarge(f"{family}.values", f"Send at most {MAX_VALUES} values at once.", at=at)
