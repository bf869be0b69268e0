"""Where each key of a TOML text stands: for errors that name a line.

The text is known to be valid: ``tomllib`` read it. This walks over it a second time and only keeps count of places.
Source: TOML 1.0.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
_BARE_END = frozenset(" \t=.]")
_VALUE_END = frozenset(",]}#\r\n")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True, order=True)
class Place:
    """A line and a column of the text, both from 1; the column counts characters."""

    line: int
    column: int


def places(text: str) -> dict[Path, Place]:
    """Every table, key and element of a list by its path, with the place where it begins."""
    scanner = _Scanner(text)
    scanner.document()
    return {path: _place(text, offset) for path, offset in scanner.found.items()}


def nearest(found: dict[Path, Place], path: Sequence[str | int]) -> Place:
    """The place of ``path``, or of the nearest table around it that the text has; the beginning where there is none."""
    for length in range(len(path), 0, -1):
        place = found.get(tuple(path[:length]))
        if place is not None:
            return place
    return Place(1, 1)


def _place(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


class _Scanner:
    """One walk over the text, forward only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counts: dict[Path, int] = {}
        self.found: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._space():
            if self._text.startswith("[[", self._at):
                table = self._header(2)
            elif self._text[self._at] == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def _header(self, brackets: int) -> Path:
        begins = self._at
        self._at += brackets
        names = self._key()
        self._at += brackets
        path = self._through(names[:-1] if brackets == 2 else names)
        if brackets == 2:
            path = (*path, names[-1])
            self.found.setdefault(path, begins)
            number = self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, number)
        self.found[path] = begins
        return path

    def _through(self, names: Sequence[str]) -> Path:
        """The path of a table, through the last element of each list of tables on its way."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _pair(self, table: Path) -> None:
        begins = self._at
        path = table
        for name in self._key():
            path = (*path, name)
            self.found.setdefault(path, begins)
        self._space()
        self._at += 1  # the equals sign
        self._space()
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._space()
            names.append(self._name())
            self._space()
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _name(self) -> str:
        if self._text[self._at] in "\"'":
            return self._string()
        begins = self._at
        while self._text[self._at] not in _BARE_END:
            self._at += 1
        return self._text[begins : self._at]

    def _value(self, path: Path) -> None:
        first = self._text[self._at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._list(path)
        elif first == "{":
            self._inline(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in _VALUE_END:
                self._at += 1

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._space() and self._text[self._at] != "]":
            self.found[(*path, number)] = self._at
            self._value((*path, number))
            number += 1
            self._space()
            if self._text[self._at] == ",":
                self._at += 1
        self._at += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        while self._space() and self._text[self._at] != "}":
            self._pair(path)
            self._space()
            if self._text[self._at] == ",":
                self._at += 1
        self._at += 1

    def _string(self) -> str:
        quote = self._text[self._at]
        three = quote * 3
        if self._text.startswith(three, self._at):
            self._at += 3
            begins = self._at
            while not self._text.startswith(three, self._at):
                self._at += 2 if quote == '"' and self._text[self._at] == "\\" else 1
            ends = self._at
            self._at += 3
            while self._text.startswith(quote, self._at):  # up to two quotes may end the text itself
                self._at += 1
            return self._text[begins:ends]
        self._at += 1
        said = []
        while self._text[self._at] != quote:
            if quote == '"' and self._text[self._at] == "\\":
                said.append(self._escape())
            else:
                said.append(self._text[self._at])
                self._at += 1
        self._at += 1
        return "".join(said)

    def _escape(self) -> str:
        kind = self._text[self._at + 1]
        digits = {"u": 4, "U": 8}.get(kind, 0)
        begins = self._at + 2
        self._at = begins + digits
        return chr(int(self._text[begins : self._at], 16)) if digits else _ESCAPES[kind]

    def _space(self) -> bool:
        """Pass over space, line ends and comments; tell whether anything is left."""
        while self._at < len(self._text):
            if self._text[self._at] == "#":
                ends = self._text.find("\n", self._at)
                self._at = len(self._text) if ends < 0 else ends
            elif self._text[self._at] in " \t\r\n":
                self._at += 1
            else:
                return True
        return False
