"""A walk over an XML document that knows the pointer of every value.

An element's pointer is that of its layout; an attribute's is ``…/@id``, that of text between elements ``…/text()[2]``.
"""

from __future__ import annotations

from functools import cached_property
from operator import methodcaller

from lxml import etree

from adapters.natives import ABSENT, Native
from adapters.xml_layout import Layouts, local

LAYOUTS = Layouts(16 * 1024 * 1024)
_items = methodcaller("items")


class Tree:
    """The elements of one document, in document order, with each one's attributes and the text at its start.

    Texts are without blanks around them.
    """

    def __init__(self, root: etree._Element) -> None:
        self.elements = elements = list(root.iter())
        self.texts = [text.strip() if (text := element.text) else "" for element in elements]
        self.layout = LAYOUTS.of((tuple([element.tag for element in elements]), tuple(map(len, elements))))
        self.attributes: list[list[tuple[str, str]]] = list(map(_items, elements))
        self.pointers = self.layout.pointers
        self.inside = self.layout.inside

    @cached_property
    def tails(self) -> list[str]:
        """The text after each element."""
        return [tail.strip() if (tail := element.tail) else "" for element in self.elements]


class Node:
    """One element. Names are compared without namespace and without regard to case."""

    __slots__ = ("_number", "_tree")

    def __init__(self, tree: Tree, number: int = 0) -> None:
        self._tree = tree
        self._number = number

    @property
    def text(self) -> str:
        """The element's own text without blanks around it; text after its children is not part of it."""
        return self._tree.texts[self._number]

    @property
    def pointer(self) -> str:
        """Where the element stands."""
        return self._tree.pointers[self._number]

    @property
    def name(self) -> str:
        """The element's name without its namespace."""
        return self._tree.layout.names[self._number]

    @property
    def namespace(self) -> str:
        """The element's namespace name, empty where it has none."""
        return etree.QName(self._tree.elements[self._number]).namespace or ""

    @property
    def native(self) -> Native:
        """The element's own text with its pointer."""
        return Native(self._tree.texts[self._number], self._tree.pointers[self._number])

    @property
    def children(self) -> list[Node]:
        """The elements inside, in document order."""
        return [Node(self._tree, number) for number in self._tree.inside[self._number]]

    def all(self, *paths: str) -> list[Node]:
        """The descendants along each of ``paths``, such as ``children/child``."""
        tree = self._tree
        return [Node(tree, number) for number in tree.layout.seek(self._number, paths)]

    def each(self, *paths: str) -> list[Native]:
        """The texts of the descendants along each of ``paths``, empty ones too."""
        tree = self._tree
        return [Native(tree.texts[number], tree.pointers[number]) for number in tree.layout.seek(self._number, paths)]

    def first(self, *paths: str) -> Node | None:
        """The first element with text or children along the first of ``paths`` that has one."""
        tree = self._tree
        for number in tree.layout.seek(self._number, paths):
            if tree.texts[number] or tree.inside[number]:
                return Node(tree, number)
        return None

    def value(self, *paths: str) -> Native:
        """The text of what :meth:`first` finds; empty where it finds none."""
        tree = self._tree
        for number in tree.layout.seek(self._number, paths):
            text = tree.texts[number]
            if text or tree.inside[number]:
                return Native(text, tree.pointers[number])
        return ABSENT

    def attribute(self, name: str) -> Native:
        """The attribute's value with its pointer; empty where it is absent."""
        for given, value in self._tree.attributes[self._number]:
            if given == name:
                return Native(value.strip(), f"{self.pointer}/@{name}")
        return ABSENT

    def speaks(self) -> bool:
        """Whether there is any value in or under this element."""
        tree, first = self._tree, self._number
        last = tree.layout.end[first]
        return any(tree.texts[first:last]) or any(tree.attributes[first:last]) or any(tree.tails[first + 1 : last])

    def values(self) -> list[tuple[str, str]]:
        """Every value in and under this element with its pointer: attributes, text, and text between elements."""
        tree, first = self._tree, self._number
        last = tree.layout.end[first]
        texts, pointers, attributes = tree.texts, tree.pointers, tree.attributes
        mixed = any(tree.tails[first + 1 : last])
        found: list[tuple[str, str]] = []
        for number in range(first, last):
            if attributes[number]:
                found += self._attributes(number)
            if texts[number]:
                found.append((pointers[number], texts[number]))
            if mixed and tree.inside[number]:
                found += self._between(number)
        return found

    def _attributes(self, number: int) -> list[tuple[str, str]]:
        pointer, given = self._tree.pointers[number], self._tree.attributes[number]
        # One in a namespace (xsi:type) is told apart from one without (type), which the adapters ask for.
        return [
            (f"{pointer}/@{'*:' if name.startswith('{') else ''}{local(name)}", value) for name, value in sorted(given)
        ]

    def _between(self, number: int) -> list[tuple[str, str]]:
        tails = [self._tree.tails[inner] for inner in self._tree.inside[number]]
        pointer = self._tree.pointers[number]
        return [(f"{pointer}/text()[{place}]", tail) for place, tail in enumerate(tails, start=2) if tail]
