"""python-hl7 as the oracle of our own HL7 v2 reader: the same values, in the same places, by another hand.

What it is given are whole messages with a full header, their segments between CRs: the library tells nothing else
apart.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import hl7

from adapters.nhs.hl7_message import Message


class Place(NamedTuple):
    """Where a value stands: which segment of the message, counted from 0, and the numbers below it, from 1."""

    segment: int
    field: int
    repetition: int
    component: int
    sub: int


class Value(NamedTuple):
    """A value as it was sent, and its pointer as ``adapters.nhs.hl7_message`` writes it."""

    raw: str
    pointer: str


def values(message: str) -> dict[Place, Value]:
    """Every value of the message that is not empty."""
    found: dict[Place, Value] = {}
    counts: dict[str, int] = {}
    for place, segment in enumerate(hl7.parse(message)):
        name = str(segment[0])
        counts[name] = counts.get(name, 0) + 1
        start = name if counts[name] == 1 else f"{name}[{counts[name]}]"
        for field, repeated in enumerate(list(segment)[1:], start=1):
            for repetition, components in enumerate(_level(repeated), start=1):
                at = f"{start}-{field}" if repetition == 1 else f"{start}-{field}[{repetition}]"
                parts = _level(components)
                for component, subs in enumerate(parts, start=1):
                    several = _level(subs)
                    for sub, raw in enumerate(several, start=1):
                        pointer = f"{at}.{component}" if len(parts) > 1 or len(several) > 1 else at
                        pointer = f"{pointer}.{sub}" if len(several) > 1 else pointer
                        if raw:
                            found[Place(place, field, repetition, component, sub)] = Value(str(raw), pointer)
    return found


def assert_same(ours: Message, message: str) -> None:
    """Our message holds what the library finds in it, in its order, and finds it where the library does."""
    theirs = values(message)
    listed = [
        (leaf["pointer"], segment.escaped.get(leaf["pointer"], leaf["value"]))
        for segment in ours.segments
        for leaf in segment.leaves
    ]
    assert listed == [(value.pointer, value.raw) for value in theirs.values()]
    for place, value in theirs.items():
        if place.sub > 1:
            continue
        found = ours.segments[place.segment].leaf(place.field, place.component, place.repetition)
        if found is not None:
            assert (found["pointer"], value.raw) == (value.pointer, ours_as_sent(ours, place, value))
        else:
            text = next(
                leaf["value"] for leaf in ours.segments[place.segment].leaves if leaf["pointer"] == value.pointer
            )
            assert value.raw == '""' or not text.strip()


def ours_as_sent(ours: Message, place: Place, value: Value) -> str:
    """How our segment says that the value at this place was sent."""
    segment = ours.segments[place.segment]
    found = segment.leaf(place.field, place.component, place.repetition)
    assert found is not None
    return segment.escaped.get(value.pointer, found["value"])


def messages(payload: bytes) -> list[str]:
    """The messages of a file, apart: lines ended by CR, one that starts no segment joined to the one before."""
    text = payload.decode("utf-8-sig") if _is_utf8(payload) else payload.decode("cp1252", errors="replace")
    found: list[list[str]] = []
    for line in re.split(r"\r\n|\r|\n", text.strip("\x0b\x1c\ufeff\r\n\t ")):
        if line.startswith("MSH"):
            found.append([line])
        elif re.match(r"(FHS|BHS|BTS|FTS)", line) or not line.strip():
            continue
        elif re.match(r"[A-Z][A-Z0-9]{2}([^A-Za-z0-9 ]|$)", line):
            found[-1].append(line)
        else:
            found[-1][-1] += "\n" + line
    return ["\r".join(lines) for lines in found]


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _level(value: Any) -> list[Any]:  # noqa: ANN401 - the library has no types
    """What the library holds a level below; text that needed no such level stands for itself."""
    return [value] if isinstance(value, str) else list(value)
