"""An HL7 v2 message as values: segments, fields, repetitions, components, subcomponents, each with its pointer.

A pointer reads ``PID-5.1``: segment, field, component; ``NK1[2]-5[3].1.2`` adds the second NK1, the third repetition,
the second subcomponent. A number in brackets is left out where it is 1, a component where the field has only one, a
subcomponent where the component has only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.nhs.hl7_escape import DELETED, Delimiters, unescape

Component = tuple[str, ...]
Repetition = tuple[Component, ...]
Field = tuple[Repetition, ...]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One value of a message. ``raw`` is as sent, ``text`` is what it stands for."""

    pointer: str
    raw: str
    text: str

    @property
    def deleted(self) -> bool:
        """Whether the sender asks to delete what is held (``""``)."""
        return self.raw == DELETED


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One segment: ``fields[0]`` is field 1. ``number`` counts the segments of this name in the message, from 1."""

    name: str
    number: int
    fields: tuple[Field, ...]
    delimiters: Delimiters

    @property
    def pointer(self) -> str:
        """``PID``, or ``NK1[2]`` from the second on."""
        return self.name if self.number == 1 else f"{self.name}[{self.number}]"

    def repetitions(self, field: int) -> int:
        """How often the field repeats; 0 where it is absent."""
        return len(self.fields[field - 1]) if 0 < field <= len(self.fields) else 0

    def leaf(self, field: int, component: int = 1, *, repetition: int = 1, sub: int = 1) -> Leaf | None:
        """The value there, or None where it is absent, blank or marked as deleted. All numbers count from 1."""
        found = self._at(field, repetition, component, sub)
        return found if found is not None and found.text.strip() and not found.deleted else None

    def text(self, field: int, component: int = 1, *, repetition: int = 1, sub: int = 1) -> str:
        """The trimmed value there, or nothing. For looking ahead: what is carried over is taken as a leaf."""
        found = self.leaf(field, component, repetition=repetition, sub=sub)
        return found.text.strip() if found is not None else ""

    def subs(self, field: int, component: int, *, repetition: int = 1) -> tuple[Leaf, ...]:
        """Every value of the component, in order, without blank or deleted ones."""
        if self.repetitions(field) < repetition or len(self.fields[field - 1][repetition - 1]) < component:
            return ()
        count = len(self.fields[field - 1][repetition - 1][component - 1])
        found = (self.leaf(field, component, repetition=repetition, sub=sub) for sub in range(1, count + 1))
        return tuple(leaf for leaf in found if leaf is not None)

    def leaves(self) -> Iterator[Leaf]:
        """Every value of the segment that is not empty, in order; deletions too."""
        for field, repetitions in enumerate(self.fields, start=1):
            for repetition, components in enumerate(repetitions, start=1):
                for component, subs in enumerate(components, start=1):
                    for sub in range(1, len(subs) + 1):
                        found = self._at(field, repetition, component, sub)
                        if found is not None and found.raw:
                            yield found

    def _at(self, field: int, repetition: int, component: int, sub: int) -> Leaf | None:
        if self.repetitions(field) < repetition:
            return None
        components = self.fields[field - 1][repetition - 1]
        if len(components) < component or len(components[component - 1]) < sub:
            return None
        subs = components[component - 1]
        raw = subs[sub - 1]
        pointer = f"{self.pointer}-{field}"
        if repetition > 1:
            pointer += f"[{repetition}]"
        if len(components) > 1 or len(subs) > 1:
            pointer += f".{component}"
        if len(subs) > 1:
            pointer += f".{sub}"
        literal = self.name in HEADERS and field <= 2
        return Leaf(pointer=pointer, raw=raw, text=raw if literal else unescape(raw, self.delimiters))


HEADERS = ("MSH", "BHS", "FHS")
"""Segments whose first two fields are the delimiters themselves."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message: its segments in order, MSH first. ``mended`` tells that a field held a bare line's end."""

    segments: tuple[Segment, ...]
    mended: bool = False

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    def first(self, name: str) -> Segment | None:
        """The first segment of this name, or None."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> tuple[Segment, ...]:
        """Every segment of this name, in order."""
        return tuple(segment for segment in self.segments if segment.name == name)


@dataclass(frozen=True, kw_only=True)
class Transmission:
    """What was sent: one message or several, and the batch's own segments (FHS, BHS, BTS, FTS) around them."""

    messages: tuple[Message, ...]
    around: tuple[Segment, ...] = ()
    flags: tuple[str, ...] = ()
