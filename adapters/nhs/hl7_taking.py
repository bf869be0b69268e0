"""Taking values out of a message, so that whatever was not carried over word for word ends up on the unmapped list."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.provenance import Recorder
from schemas.identifiers import Identifier, IdentifierKind

DELETED = "value.deletion_asked"
MENDED = "hl7v2.line_end_in_field"


class Taking:
    """What has been taken of one message. A view made by :meth:`within` shares everything with its origin."""

    def __init__(self, recorder: Recorder, carried: set[str] | None = None) -> None:
        self.recorder = recorder
        self._carried = set() if carried is None else carried

    def within(self, prefix: str) -> Taking:
        """A view whose canonical fields all start with ``prefix``."""
        return Taking(self.recorder.within(prefix), self._carried)

    def carry(self, field: str, leaf: Leaf | None) -> str:
        """The trimmed text of ``leaf``, taken into ``field`` word for word; nothing where there is none."""
        if leaf is None:
            return ""
        self.recorder.take(field, leaf.pointer)
        if leaf.text == leaf.text.strip():
            self._carried.add(leaf.pointer)
        return leaf.text.strip()

    def carry_all(self, field: str, leaves: Iterable[Leaf | None]) -> tuple[str, ...]:
        """The texts of those that are there, all taken into the one ``field``."""
        return tuple(self.carry(field, leaf) for leaf in leaves if leaf is not None)

    def carry_each(self, field: str, leaves: Iterable[Leaf | None]) -> tuple[str, ...]:
        """The texts of those that are there, each taken into a place of its own in ``field``."""
        present = [leaf for leaf in leaves if leaf is not None]
        return tuple(self.carry(f"{field}[{place}]", leaf) for place, leaf in enumerate(present))

    def translate(self, field: str, leaf: Leaf) -> str:
        """The trimmed text of ``leaf``, taken into ``field`` in another spelling: the native one stays listed."""
        self.recorder.take(field, leaf.pointer)
        return leaf.text.strip()

    def identify(
        self, field: str, leaf: Leaf, kind: IdentifierKind, *, issuer: str = "", verified: bool = False
    ) -> Identifier:
        """The identifier that ``leaf`` holds, flagged where its check fails."""
        made = self.recorder.identify(field, leaf.pointer, kind, leaf.text, issuer=issuer, verified=verified)
        self._carried.add(leaf.pointer)
        return made

    def flag(self, code: str, field: str = "") -> None:
        """Note something that a person should know."""
        self.recorder.flag(code, field)

    def leave_rest(self, message: Message, around: Iterable[Segment]) -> None:
        """List everything that was not carried; where it was escaped, also as it was sent."""
        if message.mended:
            self.flag(MENDED)
        for segment in (*message.segments, *around):
            for leaf in segment.leaves():
                if leaf.deleted:
                    self.flag(DELETED)
                if leaf.pointer not in self._carried:
                    self.recorder.leave(leaf.pointer, leaf.text)
                if leaf.raw != leaf.text:
                    self.recorder.leave(leaf.pointer, leaf.raw)
