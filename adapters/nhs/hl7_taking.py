"""Taking values out of a message, so that whatever was not carried over word for word ends up on the unmapped list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from adapters.nhs.hl7_escape import DELETED
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.provenance import Recorder
from schemas.identifiers import IdentifierKind

Said = dict[str, Any]
"""What a message says of something: fields of its canonical model, as plain values.

A reading has dozens of models in it. They are made from such values by one validation of the whole, which costs a
fraction of making and validating each by itself.
"""

DELETION = "value.deletion_asked"
MENDED = "hl7v2.line_end_in_field"


class Taking(Recorder):
    """What has been taken of one message, and which of its values word for word."""

    __slots__ = ("_carried",)

    def __init__(self) -> None:
        super().__init__()
        self._carried: set[str] = set()

    def _share(self, view: Self) -> None:
        super()._share(view)
        view._carried = self._carried

    def carry(self, field: str, leaf: Leaf | None) -> str:
        """The trimmed text of ``leaf``, taken into ``field`` word for word; nothing where there is none."""
        if leaf is None:
            return ""
        pointer, text = leaf["pointer"], leaf["value"]
        self._mapped.append({"field": self._start + field, "pointer": pointer})
        words = text.strip()
        if words == text:
            self._carried.add(pointer)
        return words

    def carry_all(self, field: str, leaves: Iterable[Leaf | None]) -> tuple[str, ...]:
        """The texts of those that are there, all taken into the one ``field``."""
        return tuple([self.carry(field, leaf) for leaf in leaves if leaf is not None])

    def carry_each(self, field: str, leaves: Iterable[Leaf | None]) -> tuple[str, ...]:
        """The texts of those that are there, each taken into a place of its own in ``field``."""
        texts: list[str] = []
        for leaf in leaves:
            if leaf is not None:
                texts.append(self.carry(f"{field}[{len(texts)}]", leaf))
        return tuple(texts)

    def reword(self, field: str, leaf: Leaf) -> str:
        """The trimmed text of ``leaf``, taken into ``field`` in another spelling: the native one stays listed."""
        self.take(field, leaf["pointer"])
        return leaf["value"].strip()

    def identifier(
        self, field: str, leaf: Leaf, kind: IdentifierKind, *, issuer: str = "", verified: bool = False
    ) -> Said:
        """The identifier that ``leaf`` holds, flagged where its check fails."""
        self._carried.add(leaf["pointer"])
        value, validity = self.spell(field, leaf["pointer"], kind, leaf["value"])
        return {"kind": kind, "value": value, "validity": validity, "issuer": issuer, "verified": verified}

    def said(self, notification: Said) -> Said:
        """The fields of a ``Normalised``: the notification's, its quality, and all that was taken and left of it."""
        notification["quality"] = tuple([{"code": code, "field": field} for code, field in self._quality])
        return {
            "notification": notification,
            "provenance": tuple(self._mapped),
            "unmapped": tuple(self._unmapped),
        }

    def leave_rest(self, message: Message, around: Iterable[Segment]) -> None:
        """List everything that was not carried; where it was escaped, also as it was sent."""
        if message.mended:
            self.flag(MENDED)
        carried, left = self._carried, self._unmapped
        for segment in (*message.segments, *around):
            if segment.odd:
                self._leave_odd(segment)
            else:
                left += [leaf for leaf in segment.leaves if leaf["pointer"] not in carried]

    def _leave_odd(self, segment: Segment) -> None:
        """The same for a segment with deletions, blank values or escapes."""
        for leaf in segment.leaves:
            pointer, text = leaf["pointer"], leaf["value"]
            raw = segment.escaped.get(pointer, text)
            if raw == DELETED:
                self.flag(DELETION)
            if pointer not in self._carried:
                self.leave(pointer, text)
            if raw != text:
                self.leave(pointer, raw)
