"""A recorder of where canonical fields came from and of what was left behind.

An adapter records while it takes values, so that the list cannot drift from what it did. A field is recorded at its
leaf, such as ``children[0].names[0].family``; an identifier as a whole, since its kind and validity follow from it.
A value whose canonical spelling differs from the native text (a code, a date, a number without its spaces) is taken
and left at once, so that the native text stays readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Self, cast

from pydantic import TypeAdapter

from schemas.identifiers import Identifier, IdentifierKind, Validity, spell
from schemas.notification import Mapped, QualityFlag, Unmapped

_PROVENANCE = TypeAdapter(tuple[Mapped, ...])
_UNMAPPED = TypeAdapter(tuple[Unmapped, ...])
_LONGEST_KEPT = 256
_FLAGGED = (Validity.CHECK_FAILED, Validity.MALFORMED, Validity.TEMPORARY)


class Recorder:
    """Gathers provenance, unmapped content and quality flags of one item.

    What it gathers stays plain rows until it is asked for: an item has dozens, and one validation of all of them costs
    a third of as many constructions. ``recurring`` says whether other messages have the same pointers: those of a
    table's rows are its own.
    """

    __slots__ = ("_mapped", "_quality", "_recurring", "_start", "_unmapped")

    def __init__(self, *, recurring: bool = True) -> None:
        self._start = ""
        self._recurring = recurring
        self._mapped: list[Mapping[str, object]] = []
        self._unmapped: list[Mapping[str, object]] = []
        self._quality: dict[tuple[str, str], None] = {}

    def within(self, prefix: str) -> Self:
        """A view on the same lists whose fields all start with ``prefix``, such as ``children[0]``."""
        view = type(self).__new__(type(self))
        view._start = f"{self._start}{prefix}."  # noqa: SLF001 - another view of the same class
        view._recurring = self._recurring  # noqa: SLF001 - the same
        self._share(view)
        return view

    def _share(self, view: Self) -> None:
        view._mapped, view._unmapped, view._quality = self._mapped, self._unmapped, self._quality

    def path(self, field: str) -> str:
        """The whole canonical path of ``field`` as this view sees it."""
        return self._start + field if field else self._start[:-1]

    def take(self, field: str, pointer: str) -> None:
        """Record that ``field`` was filled from ``pointer``; call it again where a field has several origins."""
        self._mapped.append({"field": self._start + field if field else self._start[:-1], "pointer": pointer})

    def leave(self, pointer: str, value: str) -> None:
        """List native content that is not carried, verbatim. Blank content is none."""
        if value and not value.isspace():
            self._unmapped.append({"pointer": pointer, "value": value})

    @property
    def pointers(self) -> set[object]:
        """Every pointer that was taken or left; what was not is to be left at the end."""
        return {row["pointer"] for row in (*self._mapped, *self._unmapped)}

    def saw(self, pointer: str) -> bool:
        """Whether ``pointer`` was taken or left."""
        return any(row["pointer"] == pointer for row in (*self._mapped, *self._unmapped))

    def sweep(self, values: Iterable[tuple[str, str]]) -> None:
        """Leave every one of ``values`` (pointer, native text) whose pointer nobody took or left before."""
        seen = self.pointers
        for pointer, value in values:
            if pointer not in seen:
                self.leave(pointer, value)

    def translate(self, field: str, pointer: str, value: str) -> None:
        """Record that ``field`` was filled from ``pointer`` in another spelling, and keep the native one."""
        self.take(field, pointer)
        self.leave(pointer, value)

    def flag(self, code: str, field: str = "") -> None:
        """Note something about the native data that a person should know, once per field."""
        self._quality[code, self.path(field)] = None

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
        value, validity = self.spell(field, pointer, kind, text)
        return Identifier(kind=kind, value=value, validity=validity, issuer=issuer, verified=verified)

    def spell(self, field: str, pointer: str, kind: IdentifierKind, text: str) -> tuple[str, Validity]:
        """The same for an adapter that makes the identifier itself: its canonical spelling and whether it holds."""
        value, validity = spell(kind, text)
        self.take(field, pointer)
        if value != text.strip():
            self.leave(pointer, text)
        if validity in _FLAGGED:
            self.flag(f"identifier.{validity}", field)
        return value, validity

    @property
    def provenance(self) -> tuple[Mapped, ...]:
        """What was taken, in the order in which it was."""
        if self._recurring:
            rows = cast("list[dict[str, str]]", self._mapped)
            return tuple([_recorded(row["field"], row["pointer"]) for row in rows])
        return _PROVENANCE.validate_python(tuple(self._mapped))

    @property
    def unmapped(self) -> tuple[Unmapped, ...]:
        """What was left, in the order in which it was."""
        return _UNMAPPED.validate_python(tuple(self._unmapped))

    @property
    def quality(self) -> tuple[QualityFlag, ...]:
        """What was flagged, in the order in which it was."""
        return tuple(QualityFlag(code=code, field=field) for code, field in self._quality)


def _mapped(field: str, pointer: str) -> Mapped:
    return Mapped(field=field, pointer=pointer)


# Fields and pointers come again with every message of a kind. What is kept is frozen, and holds nothing that was said.
_kept = lru_cache(maxsize=8_192)(_mapped)


def _recorded(field: str, pointer: str) -> Mapped:
    return (_kept if len(pointer) <= _LONGEST_KEPT else _mapped)(field, pointer)
