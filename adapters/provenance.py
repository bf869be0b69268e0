"""A recorder of where canonical fields came from and of what was left behind.

An adapter records while it takes values, so that the list cannot drift from what it did. A field is recorded at its
leaf, such as ``children[0].names[0].family``; an identifier as a whole, since its kind and validity follow from it.
A value whose canonical spelling differs from the native text (a code, a date, a number without its spaces) is taken
and left at once, so that the native text stays readable.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.identifiers import Identifier, IdentifierKind, Validity, identifier
from schemas.notification import Mapped, QualityFlag, Unmapped

_FLAGGED = (Validity.CHECK_FAILED, Validity.MALFORMED, Validity.TEMPORARY)


class Recorder:
    """Gathers provenance, unmapped content and quality flags of one item."""

    def __init__(self) -> None:
        self._prefix = ""
        self._mapped: list[Mapped] = []
        self._unmapped: list[Unmapped] = []
        self._quality: list[QualityFlag] = []
        self._seen: set[str] = set()

    def within(self, prefix: str) -> Recorder:
        """A view on the same lists whose fields all start with ``prefix``, such as ``children[0]``."""
        view = Recorder()
        view._prefix = self.path(prefix)
        view._mapped, view._unmapped, view._quality = self._mapped, self._unmapped, self._quality
        view._seen = self._seen
        return view

    def path(self, field: str) -> str:
        """The whole canonical path of ``field`` as this view sees it."""
        return f"{self._prefix}.{field}" if self._prefix and field else self._prefix or field

    def take(self, field: str, pointer: str) -> None:
        """Record that ``field`` was filled from ``pointer``; call it again where a field has several origins."""
        self._mapped.append(Mapped(field=self.path(field), pointer=pointer))
        self._seen.add(pointer)

    def leave(self, pointer: str, value: str) -> None:
        """List native content that is not carried, verbatim. Blank content is none."""
        if value.strip():
            self._unmapped.append(Unmapped(pointer=pointer, value=value))
            self._seen.add(pointer)

    def saw(self, pointer: str) -> bool:
        """Whether ``pointer`` was taken or left; what was not is to be left at the end."""
        return pointer in self._seen

    def sweep(self, values: Iterable[tuple[str, str]]) -> None:
        """Leave every one of ``values`` (pointer, native text) whose pointer nobody took or left before."""
        for pointer, value in [(pointer, value) for pointer, value in values if not self.saw(pointer)]:
            self.leave(pointer, value)

    def translate(self, field: str, pointer: str, value: str) -> None:
        """Record that ``field`` was filled from ``pointer`` in another spelling, and keep the native one."""
        self.take(field, pointer)
        self.leave(pointer, value)

    def flag(self, code: str, field: str = "") -> None:
        """Note something about the native data that a person should know, once per field."""
        noted = QualityFlag(code=code, field=self.path(field))
        if noted not in self._quality:
            self._quality.append(noted)

    def identify(
        self,
        field: str,
        pointer: str,
        kind: IdentifierKind,
        text: str,
        *,
        issuer: str = "",
        verified: bool = False,
    ) -> Identifier:
        """Take an identifier: canonical spelling, its native text where that differs, a flag where it fails a check."""
        made = identifier(kind, text, issuer=issuer, verified=verified)
        self.take(field, pointer)
        if made.value != text.strip():
            self.leave(pointer, text)
        if made.validity in _FLAGGED:
            self.flag(f"identifier.{made.validity}", field)
        return made

    @property
    def provenance(self) -> tuple[Mapped, ...]:
        """What was taken, in the order in which it was."""
        return tuple(self._mapped)

    @property
    def unmapped(self) -> tuple[Unmapped, ...]:
        """What was left, in the order in which it was."""
        return tuple(self._unmapped)

    @property
    def quality(self) -> tuple[QualityFlag, ...]:
        """What was flagged, in the order in which it was."""
        return tuple(self._quality)
