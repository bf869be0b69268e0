"""JSON: every string, number and boolean; a text that is JSON itself, as queues wrap it, is walked through.

Source: RFC 8259; RFC 6901 (pointers).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from adapters.kit.walks.text import decoded


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every value with its JSON pointer; numbers by their own digits. Null and empty text are no values.

    Raises:
        ValueError: it is no JSON.
    """
    yield from _walk(_parsed(decoded(payload).lstrip("\ufeff")), "")


def _parsed(text: str) -> object:
    return json.loads(text, parse_float=str, parse_int=str)


def _walk(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _walk(each, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk(each, f"{pointer}/{index}")
    elif isinstance(value, bool):
        yield pointer, str(value).lower()
    elif isinstance(value, str) and value:
        wrapped = _wrapped(value)
        if wrapped is None:
            yield pointer, value
        else:
            yield from _walk(wrapped, pointer)


def _wrapped(text: str) -> object:
    """The object or list that the text holds as JSON, or None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = _parsed(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) and value else None
