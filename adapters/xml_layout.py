"""How the elements of a document stand: names, pointers, and what is where. Worked out once for documents alike.

It follows from the elements' tags and their order alone, and documents of one sender are alike. A layout holds names
of elements and never a text.

A pointer is an XPath without namespaces, such as ``/ppn/children/child[2]/name/family``. A position is given only
where an element has siblings of its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Shape = tuple[tuple[str, ...], tuple[int, ...]]
"""The tags of all elements in document order, and how many elements stand right inside each."""

_SIMPLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
_NOTHING_INSIDE: dict[str | tuple[str, ...], tuple[int, ...]] = {}
_NONE_NAMED: Mapping[str, Sequence[int]] = {}
_ELEMENT_COSTS = 400


class Layout:
    """Elements by their number in document order; the first is 0.

    ``inside`` are the numbers of the elements right inside each, ``end`` is the number after the last one in it.
    """

    __slots__ = ("_named", "_sought", "end", "inside", "names", "pointers")

    def __init__(self, shape: Shape) -> None:
        tags, counts = shape
        self.names = [local(tag) for tag in tags]
        self._named: list[Mapping[str, Sequence[int]] | None] = [None if count else _NONE_NAMED for count in counts]
        self.pointers = [""] * len(tags)
        self.inside: list[tuple[int, ...]] = [()] * len(tags)
        self.end = list(range(1, len(tags) + 1))
        self._sought: list[dict[str | tuple[str, ...], tuple[int, ...]]] = [_NOTHING_INSIDE] * len(tags)
        # Backwards, a whole element is met before the one that it stands in.
        for number in range(len(tags) - 1, -1, -1):
            within, after = [], number + 1
            for _ in range(counts[number]):
                within.append(after)
                after = self.end[after]
            self.inside[number], self.end[number] = tuple(within), after
        self.pointers[0] = f"/{self.names[0]}"
        for number, within_it in enumerate(self.inside):
            if within_it:
                self._sought[number] = {}
                self._point(self.pointers[number], within_it)

    def _point(self, parent: str, within: tuple[int, ...]) -> None:
        alike: dict[str, list[int]] = {}
        for number in within:
            alike.setdefault(self.names[number], []).append(number)
        for name, numbers in alike.items():
            if len(numbers) == 1:
                self.pointers[numbers[0]] = f"{parent}/{name}"
                continue
            for position, number in enumerate(numbers, start=1):
                self.pointers[number] = f"{parent}/{name}[{position}]"

    def seek(self, number: int, paths: tuple[str, ...]) -> tuple[int, ...]:
        """The elements along the first path from element ``number``, then those along the second, and so on.

        Adapters ask with constants, so that what was sought is kept. Names are compared without regard to case.
        """
        # One path, the common case, is a text, whose hash Python remembers.
        key = paths if len(paths) > 1 else paths[0]
        sought = self._sought[number]
        found = sought.get(key)
        if found is None:
            found = tuple([each for path in paths for each in self._along(number, path)])
            if self.inside[number]:
                sought[key] = found
        return found

    def _along(self, number: int, path: str) -> Sequence[int]:
        near: Sequence[int] = (number,)
        for step in _steps(path):
            if len(near) == 1:
                near = self._inside_by_name(near[0]).get(step, ())
            else:
                near = [inner for each in near for inner in self._inside_by_name(each).get(step, ())]
            if not near:
                break
        return near

    def _inside_by_name(self, number: int) -> Mapping[str, Sequence[int]]:
        """The elements right inside one by their names in lower case: looked through once, however often asked."""
        named = self._named[number]
        if named is None:
            made: dict[str, list[int]] = {}
            for each in self.inside[number]:
                made.setdefault(self.names[each].lower(), []).append(each)
            named = self._named[number] = made
        return named


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.lower().split("/"))


class Layouts:
    """The layouts of documents met so far. What is kept is bounded: grown too large, it is dropped and grows anew.

    ``most`` is about how many bytes are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._room = most
        self._kept: dict[Shape, Layout] = {}

    def of(self, shape: Shape) -> Layout:
        """The layout of documents with this shape."""
        found = self._kept.get(shape)
        if found is None:
            found = Layout(shape)
            self._keep(shape, found)
        return found

    def _keep(self, shape: Shape, layout: Layout) -> None:
        costs = sum(map(len, shape[0])) + sum(map(len, layout.pointers)) + _ELEMENT_COSTS * len(layout.pointers)
        # One large document must not drive out many small ones.
        if costs > self._most // 8:
            return
        if costs > self._room:
            self._kept, self._room = {}, self._most
        self._kept[shape] = layout
        self._room -= costs


def local(tag: object) -> str:
    """The name without its namespace. Names reach errors as places, so that only plain ones are told."""
    name = str(tag).rpartition("}")[2]
    return name if _SIMPLE_NAME.fullmatch(name) else "_"
