"""A part of a JSON document that knows its pointer, and hands out its values so that none is lost.

Wonde wraps related records as ``{"data": …}``; a step along a path goes through that wrapping by itself.

Source: RFC 6901 (pointers); Wonde API v1 (envelopes).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.strict_json import Json
from schemas.errors import TooLarge

_WRAPPING = {"data", "meta"}


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the document, its pointer, and the taking that its texts come from."""

    value: Json
    pointer: str
    taking: JsonTaking

    def get(self, *paths: str) -> Native:
        """The first text, number or boolean along one of ``paths``, such as ``education_details/upn``."""
        for path in paths:
            value, pointer = self._along(path)
            if value is not None and not isinstance(value, dict | list):
                native = self.taking.native(pointer)
                if native.text:
                    return native
        return ABSENT

    def within(self, path: str) -> Part | None:
        """The part along ``path``, without its wrapping."""
        value, pointer = self._along(path)
        return None if value is None else Part(value, pointer, self.taking)

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
        return any(self._along(path)[0] is not None for path in paths)

    def _along(self, path: str) -> tuple[Json, str]:
        """The value along ``path`` without its wrapping, and its pointer; no value where nothing or null is there."""
        value, pointer = _bare(self.value, self.pointer)
        for key, step in _steps(path):
            if not isinstance(value, dict):
                return None, ""
            value = value.get(key)
            if value is None:
                return None, ""
            value, pointer = _bare(value, pointer + step)
        return value, pointer

    def _unwrapped(self) -> Part:
        value, pointer = _bare(self.value, self.pointer)
        return self if pointer == self.pointer else Part(value, pointer, self.taking)


def _bare(value: Json, pointer: str) -> tuple[Json, str]:
    while isinstance(value, dict) and "data" in value and value.keys() <= _WRAPPING:
        value, pointer = value["data"], f"{pointer}/data"
    return value, pointer


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    """Each key of a path, which adapters name as constants, with the step of a pointer that it makes."""
    return tuple((key, f"/{escaped(key)}") for key in path.split("/"))


def escaped(key: str) -> str:
    """A key as a pointer spells it."""
    return key.replace("~", "~0").replace("/", "~1")
