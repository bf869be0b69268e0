"""Mutations of a message: bytes and, where its syntax is known, its own parts. The same draw gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Mutation = Callable[[bytes, Sequence[bytes], Random], bytes]

_STRANGE = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"0" * 5_000, b"-1", b"1e999", b"NaN", b"null", b"true",
    b"9" * 400, b"0000-00-00", b"2026-02-30T25:61:61+99:99", b"\\", b"\\u0000", b"\\ud800", b'"', b"'", b"<", b"&",
    b"]]>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<![CDATA[", b"\r", b"\n\n", b"|", b"^", b"~", b"&#0;", b"&amp;" * 50,
    b"=cmd|'!A0", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\x0b\x1c\r", b"MSH|^~\\&|", b"{", b"[", b",", b";", b"\t",
)  # fmt: skip
_MOST = 256 * 1024
_WORD = re.compile(rb"[A-Za-z0-9+:/.\-]{1,64}")


def mutate(payload: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    """One to four mutations of the payload; ``others`` lend pieces."""
    made = payload
    known = [*_ANY, *_OF.get(_syntax(payload), ())]
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 4))):
        made = draw.choice(known)(made, others, draw)[:_MOST]
    return made


def _syntax(payload: bytes) -> str:
    start = payload[:200].lstrip(b"\xef\xbb\xbf \t\r\n\x0b")
    if start.startswith(b"<"):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    return "hl7" if start.startswith((b"MSH", b"FHS", b"BHS")) else "lines"


def _span(payload: bytes, draw: Random, most: int = 64) -> tuple[int, int]:
    start = draw.randrange(len(payload) + 1)
    return start, min(len(payload), start + draw.randrange(most + 1))


def _flip(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    made = bytearray(payload)
    for _each in range(draw.randrange(1, 9) if made else 0):
        made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
    return bytes(made)


def _cut(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    start, end = _span(payload, draw, len(payload))
    return payload[:start] + payload[end:]


def _truncate(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    return payload[: draw.randrange(len(payload) + 1)]


def _swap(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    (a, b), (c, d) = sorted((_span(payload, draw), _span(payload, draw)))
    return payload[:a] + payload[c:d] + payload[b:c] + payload[a:b] + payload[d:] if b <= c else payload


def _repeat(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    start, end = _span(payload, draw, 400)
    return payload[:end] + payload[start:end] * draw.choice((1, 2, 30, 300)) + payload[end:]


def _splice(payload: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    other = draw.choice(others) if others else payload
    start, end = _span(other, draw, 2_000)
    at, to = _span(payload, draw, 200)
    return payload[:at] + other[start:end] + payload[to:]


def _insert(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    at = draw.randrange(len(payload) + 1)
    return payload[:at] + draw.choice(_STRANGE) + payload[at:]


def _reword(payload: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    """One word for another: the commonest way in which a value is right in form and wrong in place."""
    words = list(_WORD.finditer(payload, draw.randrange(len(payload) + 1)))[:200]
    if not words:
        return payload
    word = draw.choice(words)
    new = draw.choice(_STRANGE)
    if draw.random() < 0.5:
        other = draw.choice(others) if others else payload
        found = _WORD.findall(other, draw.randrange(len(other) + 1))[:50]
        new = draw.choice(found) if found else new
    return payload[: word.start()] + new + payload[word.end() :]


def _recode(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
    codec = draw.choice(("utf-16", "utf-16-be", "utf-8-sig", "utf-7", "cp037", "latin-1"))
    return payload.decode("utf-8", errors="replace").encode(codec, errors="replace")


def _pieces(pattern: bytes) -> Mutation:
    """Drop, double, swap or replace one of the pieces between what the pattern finds."""
    parting = re.compile(b"(" + pattern + b")")

    def change(payload: bytes, _: Sequence[bytes], draw: Random) -> bytes:
        pieces = parting.split(payload)
        at, to = (draw.randrange(len(pieces)) for _each in range(2))
        kind = draw.randrange(4)
        if kind == 0:
            del pieces[at]
        elif kind == 1:
            pieces.insert(at, pieces[to])
        elif kind == 2:
            pieces[at], pieces[to] = pieces[to], pieces[at]
        else:
            pieces[at] = draw.choice(_STRANGE)
        return b"".join(pieces)

    return change


def _json(payload: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return _insert(payload, others, draw)
    places = list(_places(value))
    if not places:
        return payload
    holder, key = draw.choice(places)
    kind = draw.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        holder[key] = draw.choice((None, True, [], {}, "", " ", 0, -1.5, 10**30, [[]], {"": {}}, "\u0000", "é" * 300))
    elif kind == 2:
        other, place = draw.choice(places)
        holder[key] = json.loads(json.dumps(other[place])) if place in _keys(other) else None
    elif kind == 3:
        holder[key] = [holder[key]] * draw.choice((1, 2, 40))
    else:
        deep = holder[key]
        for _ in range(draw.choice((1, 5, 40))):
            deep = {"value": deep} if draw.random() < 0.5 else [deep]
        holder[key] = deep
    return json.dumps(value).encode()


def _places(value: object) -> list[tuple[Any, Any]]:
    """Every place of a value: what holds it, and its key or number there."""
    found: list[tuple[Any, Any]] = []
    waiting: list[Any] = [value]
    while waiting and len(found) < 2_000:
        one = waiting.pop()
        for key in _keys(one):
            found.append((one, key))
            waiting.append(one[key])
    return found


def _keys(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


_ANY: tuple[Mutation, ...] = (_flip, _cut, _truncate, _swap, _repeat, _splice, _insert, _reword, _reword, _recode)
_OF: dict[str, tuple[Mutation, ...]] = {
    "json": (_json, _json, _json, _json, _pieces(rb"[,:{}\[\]]")),
    "xml": (_pieces(rb"<[^<>]*>"), _pieces(rb"<[^<>]*>"), _pieces(rb"[ =\"]"), _pieces(rb"</?\w+")),
    "hl7": (_pieces(rb"[\r\n]+"), _pieces(rb"[|]"), _pieces(rb"[\^~&\\]"), _pieces(rb"[|\^\r\n]")),
    "lines": (_pieces(rb"\r?\n"), _pieces(rb"[,;\t|]"), _pieces(rb"\"")),
}
