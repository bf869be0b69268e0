"""An HL7 v2 message as values, each with its pointer: fields, repetitions, components, subcomponents.

A pointer reads ``PID-5.1``: segment, field, component; ``NK1[2]-5[3].1.2`` adds the second NK1, the third repetition,
the second subcomponent. A number in brackets is left out where it is 1, a component where the field has only one, a
subcomponent where the component has only one.

This is on the path of every message. Each segment is split once, in one pass that makes nothing of what is empty;
looking a value up is then one look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypedDict

from adapters.nhs.hl7_escape import DELETED, Delimiters, unescape

HEADERS = ("MSH", "BHS", "FHS")
"""Segments whose first two fields are the delimiters themselves."""


class Leaf(TypedDict):
    """One value of a message: what it stands for, and where it stands. It is also its own row of the unmapped list."""

    pointer: str
    value: str


class Segment:
    """One segment. ``number`` counts the segments of this name in the message, from 1; ``fields[0]`` is field 1.

    ``escaped`` has, by pointer, how a value was sent that is not what it stands for. ``odd`` tells that there is such
    a one, a blank one, or a deletion. Fields, repetitions, components and subcomponents are numbered from 1.
    """

    __slots__ = ("_fields", "_leaves", "_repetitions", "escaped", "name", "number", "odd", "pointer")

    def __init__(self, name: str, number: int, fields: list[str], delimiters: Delimiters) -> None:
        self.name = name
        self.number = number
        self.pointer = pointer = name if number == 1 else f"{name}[{number}]"
        """``PID``, or ``NK1[2]`` from the second on."""
        self.odd = False
        self.escaped: dict[str, str] = {}
        self._repetitions: dict[int, int] = {}
        self._fields = fields
        # The numbers that lead to a leaf, without those at the end that are 1, as a pointer has it. What is blank or
        # a deletion stands under a field below zero: it is listed, and never found.
        leaves: dict[int | tuple[int, ...], Leaf] = {}
        self._leaves = leaves
        component, repetition, escape, sub = delimiters.inner
        literal = 2 if name in HEADERS else 0
        for field, raw in enumerate(fields, start=1):
            if not raw:
                continue
            if raw.isalnum():  # no delimiter is a letter or a digit, which is all that most values hold
                leaves[field] = {"pointer": f"{pointer}-{field}", "value": raw}
            elif (repetition in raw or escape in raw or sub in raw) and field > literal:
                self._split(field, raw, delimiters)
            elif component in raw and field > literal:
                for place, each in enumerate(raw.split(component), start=1):
                    if each:
                        key = (field, place) if place > 1 else field
                        leaves[key] = {"pointer": f"{pointer}-{field}.{place}", "value": each}
                        if each == DELETED or each.isspace():
                            self._hide(key)
            else:
                leaves[field] = {"pointer": f"{pointer}-{field}", "value": raw}
                if raw == DELETED or raw.isspace():
                    self._hide(field)

    def _split(self, field: int, whole: str, delimiters: Delimiters) -> None:
        """A field with repetitions, subcomponents or escapes."""
        repetitions = whole.split(delimiters.repetition)
        self._repetitions[field] = len(repetitions)
        for repetition, repeated in enumerate(repetitions, start=1):
            components = repeated.split(delimiters.component)
            for component, each in enumerate(components, start=1):
                subs = each.split(delimiters.sub)
                for sub, raw in enumerate(subs, start=1):
                    if not raw:
                        continue
                    pointer = f"{self.pointer}-{field}" if repetition == 1 else f"{self.pointer}-{field}[{repetition}]"
                    if len(components) > 1 or len(subs) > 1:
                        pointer += f".{component}"
                    if len(subs) > 1:
                        pointer += f".{sub}"
                    text = unescape(raw, delimiters)
                    if text != raw:
                        self.escaped[pointer] = raw
                        self.odd = True
                    key = _key(field, component, repetition, sub)
                    self._leaves[key] = {"pointer": pointer, "value": text}
                    if raw == DELETED or not text.strip():
                        self._hide(key)

    def _hide(self, key: int | tuple[int, ...]) -> None:
        self.odd = True
        self._leaves[(-key,) if isinstance(key, int) else (-key[0], *key[1:])] = self._leaves.pop(key)

    @property
    def leaves(self) -> Collection[Leaf]:
        """Everything that is not empty, in order, blank values and deletions too."""
        return self._leaves.values()

    def repetitions(self, field: int) -> range:
        """The numbers of the field's repetitions; none where it is absent or empty."""
        if field > len(self._fields) or not self._fields[field - 1]:
            return _NONE
        return range(1, self._repetitions.get(field, 1) + 1)

    def leaf(self, field: int, component: int = 1, repetition: int = 1) -> Leaf | None:
        """The value there, or None where it is absent, blank or marked as deleted; of subcomponents the first."""
        if repetition == 1:
            return self._leaves.get((field, component) if component > 1 else field)
        return self._leaves.get((field, component, repetition))

    def text(self, field: int, component: int = 1) -> str:
        """The trimmed value there, or nothing. For looking ahead: what is carried over is taken as a leaf."""
        found = self._leaves.get((field, component) if component > 1 else field)
        return found["value"].strip() if found is not None else ""

    def within(self, field: int) -> dict[int, list[Leaf]]:
        """Every value of the field by repetition, in order, without blank or deleted ones."""
        found: dict[int, list[Leaf]] = {}
        for key, leaf in self._leaves.items():
            numbers = (key,) if isinstance(key, int) else key
            if numbers[0] == field:
                found.setdefault(numbers[2] if len(numbers) > 2 else 1, []).append(leaf)
        return found

    def subs(self, field: int, component: int) -> dict[int, list[Leaf]]:
        """Every value of one component by repetition, in order, without blank or deleted ones."""
        if field not in self._repetitions:
            leaf = self.leaf(field, component)
            return {1: [leaf]} if leaf is not None else {}
        found: dict[int, list[Leaf]] = {}
        for key, leaf in self._leaves.items():
            numbers = (key,) if isinstance(key, int) else key
            if numbers[0] == field and (numbers[1] if len(numbers) > 1 else 1) == component:
                found.setdefault(numbers[2] if len(numbers) > 2 else 1, []).append(leaf)
        return found


_NONE = range(0)


def _key(field: int, component: int, repetition: int, sub: int) -> int | tuple[int, ...]:
    if sub > 1:
        return field, component, repetition, sub
    if repetition > 1:
        return field, component, repetition
    return (field, component) if component > 1 else field


class Message:
    """One message: its segments in order, MSH first. ``mended`` tells that a field held a bare line's end."""

    __slots__ = ("_named", "header", "mended", "segments")

    def __init__(self, segments: list[Segment], *, mended: bool = False) -> None:
        self.segments = segments
        self.header = segments[0]
        """MSH."""
        self.mended = mended
        named: dict[str, list[Segment]] = {}
        for segment in segments:
            if segment.name in named:
                named[segment.name].append(segment)
            else:
                named[segment.name] = [segment]
        self._named = named

    def first(self, name: str) -> Segment | None:
        """The first segment of this name, or None."""
        found = self._named.get(name)
        return found[0] if found is not None else None

    def all(self, name: str) -> Sequence[Segment]:
        """Every segment of this name, in order."""
        return self._named.get(name, ())

    def lacks(self, names: Collection[str]) -> bool:
        """Whether it has no segment of any of these names."""
        return self._named.keys().isdisjoint(names)

    def any_of(self, names: Collection[str]) -> Sequence[Segment]:
        """Every segment of one of these names, in the message's order."""
        if self._named.keys().isdisjoint(names):
            return ()
        return [segment for segment in self.segments if segment.name in names]


class Transmission(NamedTuple):
    """What was sent: one message or several, and the batch's own segments (FHS, BHS, BTS, FTS) around them.

    ``before`` tells for each of those how many messages came before it.
    """

    messages: list[Message]
    around: list[Segment]
    before: list[int]
    flags: tuple[str, ...]
