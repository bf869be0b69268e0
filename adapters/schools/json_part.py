"""A part of a JSON document that knows its pointer, and hands out its values so that none is lost.

Wonde wraps related records as ``{"data": …}``; a step along a path goes through that wrapping by itself.

Source: RFC 6901 (pointers); Wonde API v1 (envelopes).
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.strict_json import Json
from schemas.errors import TooLarge

_WRAPPING = ({"data"}, {"data", "meta"})


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the document, its pointer, and the taking that its texts come from."""

    value: Json
    pointer: str
    taking: JsonTaking

    def get(self, *paths: str) -> Native:
        """The first text, number or boolean along one of ``paths``, such as ``education_details/upn``."""
        for path in paths:
            found = self.within(path)
            if found is not None and not isinstance(found.value, dict | list):
                native = self.taking.native(found.pointer)
                if native.text:
                    return native
        return ABSENT

    def within(self, path: str) -> Part | None:
        """The part along ``path``, without its wrapping."""
        part = self._unwrapped()
        for key in path.split("/"):
            if not isinstance(part.value, dict) or key not in part.value:
                return None
            part = Part(part.value[key], f"{part.pointer}/{escaped(key)}", self.taking)._unwrapped()  # noqa: SLF001
        return None if part.value is None else part

    def each(self, path: str) -> list[Part]:
        """The members of the list along ``path``; a value that stands alone is a list of one."""
        found = self.within(path)
        return found.members() if found is not None else []

    def members(self) -> list[Part]:
        """This part's members where it is a list, else itself; each without its wrapping."""
        inner = self._unwrapped()
        if not isinstance(inner.value, list):
            return [inner]
        return [
            Part(each, f"{inner.pointer}/{place}", self.taking)._unwrapped()  # noqa: SLF001
            for place, each in enumerate(inner.value)
            if each is not None
        ]

    def few(self, path: str, most: int) -> list[Part]:
        """The members of the list along ``path``, where they are no more than ``most``.

        Raises:
            TooLarge: ``schools.json.members``.
        """
        found = self.each(path)
        if len(found) > most:
            at = f"{self.pointer}/{path}"
            raise TooLarge("schools.json.members", f"send at most {most} members in this list", at=at)
        return found

    def texts(self, path: str) -> list[Native]:
        """The texts of the list along ``path``, or the one text there."""
        return [
            native
            for part in self.each(path)
            if not isinstance(part.value, dict | list) and (native := self.taking.native(part.pointer)).text
        ]

    def has(self, *paths: str) -> bool:
        """Whether something stands along one of ``paths``, even where it is empty."""
        return any(self.within(path) is not None for path in paths)

    def _unwrapped(self) -> Part:
        value, pointer = self.value, self.pointer
        while isinstance(value, dict) and "data" in value and set(value) in _WRAPPING:
            value, pointer = value["data"], f"{pointer}/data"
        return self if pointer == self.pointer else Part(value, pointer, self.taking)


def escaped(key: str) -> str:
    """A key as a pointer spells it."""
    return key.replace("~", "~0").replace("/", "~1")
