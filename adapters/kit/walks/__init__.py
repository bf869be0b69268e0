"""Independent walks over native bytes: every value with its place, read without any of the adapters' code.

A walk answers one question: what was sent? It knows a syntax and no format, so that it serves adapters that nobody here
has seen, and it imports nothing of ours (a test holds it to that). Its places read like the usual pointers: JSON
pointers, PID-5.1, row and column.

Source: RFC 8259, RFC 6901; XML 1.0; HL7 v2 chapter 2; RFC 4180; RFC 5322.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from adapters.kit.walks import csv, hl7, json, mime, text, xml

Walk = Callable[[bytes], Iterator[tuple[str, str]]]
"""Yields place and value; the place is empty where a syntax has none that adapters agree on."""

WALKS: Mapping[str, Walk] = {
    "csv": csv.values,
    "hl7": hl7.values,
    "json": json.values,
    "mime": mime.values,
    "text": text.values,
    "xml": xml.values,
}
"""Each syntax by the name under which a quality file may ask for it."""

_HL7 = re.compile(r"(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")
_HEADER = re.compile(r"[!-9;-~]+:[ \t]")
_LOOKED_AT = 4_096


def syntax_of(payload: bytes) -> str:
    """The syntax that the bytes look like; ``text`` where they look like none other."""
    start = text.decoded(payload)[:_LOOKED_AT].lstrip("\ufeff \t\r\n\x0b")
    if start.startswith("<"):
        return "xml"
    if start.startswith(("{", "[")):
        return "json"
    if _HL7.match(start):
        return "hl7"
    lines = start.splitlines()
    if len(lines) > 1 and all(_HEADER.match(line) for line in lines[:2]):
        return "mime"
    return "csv" if any(mark in line for line in lines[:1] for mark in ",;\t|") else "text"


def values(payload: bytes, syntax: str = "") -> Iterator[tuple[str, str]]:
    """Every value of the bytes, walked by ``syntax`` or by what they look like.

    Raises:
        ValueError: they are not of that syntax.
        KeyError: there is no walk of that name.
    """
    return WALKS[syntax or syntax_of(payload)](payload)
