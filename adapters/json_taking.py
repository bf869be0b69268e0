"""Taking values out of a JSON document, so that whatever was not carried over word for word is listed as unmapped.

A document is looked at as its leaves: every text, number and boolean by its JSON pointer (RFC 6901), in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.natives import ABSENT, Native
from adapters.provenance import Recorder
from schemas.identifiers import Identifier, IdentifierKind


class JsonTaking:
    """What has been taken of a document's leaves; the rest is listed in the end by :meth:`leave_rest`."""

    def __init__(self, leaves: Mapping[str, str]) -> None:
        self.values = leaves
        self.recorder = Recorder()
        self._carried: set[str] = set()
        self._handed_out: set[str] = set()
        self._marks: list[tuple[str, str]] = []

    def native(self, pointer: str) -> Native:
        """The value there for :mod:`adapters.natives`, which lists what it does not carry; ABSENT where none is."""
        text = self.values.get(pointer, "")
        said = text.strip()
        if not said:
            return ABSENT
        if said == text:
            self._handed_out.add(pointer)
        return Native(said, pointer)

    def carry(self, field: str, *pointers: str) -> str:
        """The first of ``pointers`` that holds text, taken word for word; nothing where none does."""
        for pointer in pointers:
            text = self.values.get(pointer)
            if text is not None and (said := text.strip()):
                self.recorder.take(field, pointer)
                if text == said:
                    self._carried.add(pointer)
                return said
        return ""

    def identify(self, field: str, pointer: str, kind: IdentifierKind, issuer_at: str = "") -> Identifier:
        """The identifier at ``pointer``, with its issuer where one stands at ``issuer_at``."""
        self._carried.add(pointer)
        issuer = self.carry(f"{field}.issuer", issuer_at)
        return self.recorder.identify(field, pointer, kind, self.values[pointer], issuer=issuer)

    def mark(self, field: str, pointer: str) -> None:
        """Record that ``field`` follows from what stands at ``pointer``, which is not carried by that."""
        self._marks.append((field, pointer))

    def leave_rest(self) -> None:
        """List every value that was not carried word for word, and that nobody listed yet."""
        self.leave_rest_of(self.values)

    def leave_rest_of(self, pointers: Iterable[str]) -> None:
        """The same for these values alone, where others of the document are listed elsewhere."""
        dealt_with = self._carried | (self._handed_out & self.recorder.pointers)
        for pointer in pointers:
            if pointer not in dealt_with:
                self.recorder.leave(pointer, self.values[pointer])
        for field, pointer in self._marks:
            self.recorder.take(field, pointer)
        self._marks.clear()
