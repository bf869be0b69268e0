"""One hardened XML reader, and a walk over what it read that knows the pointer of every value.

What it refuses: a size, depth or count over the limits; any DOCTYPE (and so every entity, external or not, and every
default attribute); a character encoding outside a short list. It reaches no network and loads no DTD. Comments and
processing instructions are lifted out of the text that they split, and kept, since somebody may have written in them.

A pointer is an XPath without namespaces, such as ``/ppn/children/child[2]/name/family`` or ``…/@id``. A position is
given only where an element has siblings of its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from lxml import etree

from adapters.natives import Native
from schemas.errors import Rejected, TooLarge

_ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
_SIMPLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class XmlLimits:
    """How much a message may hold: bytes, levels of elements, elements in all, attributes on one element."""

    size: int = 5 * 1024 * 1024
    depth: int = 48
    elements: int = 200_000
    attributes: int = 32


LIMITS = XmlLimits()

_OTHER_FAULT = "give this element a value that the schema allows"
_FAULTS = (
    ("ELEMENT_CONTENT", "send the elements that the schema names, in its order; one is missing or out of place here"),
    ("CVC_ELT_1", "send a document whose first element is the one that the schema names"),
    ("COMPLEX_TYPE_3", "leave out the attribute that the schema does not know"),
    ("COMPLEX_TYPE_4", "give the attribute that the schema requires"),
    ("LENGTH", "give a shorter value, and none that is empty"),
)


class _SchemaFault(Protocol):
    """An entry of lxml's error log, which its stubs leave without types."""

    path: str | None
    type_name: str


class Node:
    """One element and its pointer. Names are compared without namespace and without regard to case."""

    def __init__(self, element: etree._Element, pointer: str) -> None:
        self._element = element
        self.pointer = pointer
        self.name = _local(element.tag)
        self._children: list[Node] | None = None

    @property
    def text(self) -> str:
        """The element's own text without blanks around it; text after its children is not part of it."""
        return (self._element.text or "").strip()

    @property
    def namespace(self) -> str:
        """The element's namespace name, empty where it has none."""
        return etree.QName(self._element).namespace or ""

    @property
    def children(self) -> list[Node]:
        """The elements inside, in document order."""
        if self._children is None:
            elements = list(self._element)
            names = [_local(element.tag) for element in elements]
            total, met = Counter(names), Counter[str]()
            self._children = []
            for element, name in zip(elements, names, strict=True):
                met[name] += 1
                place = f"[{met[name]}]" if total[name] > 1 else ""
                self._children.append(Node(element, f"{self.pointer}/{name}{place}"))
        return self._children

    def all(self, path: str) -> list[Node]:
        """The descendants along ``path``, such as ``children/child``."""
        found = [self]
        for step in path.lower().split("/"):
            found = [child for node in found for child in node.children if child.name.lower() == step]
        return found

    def first(self, *paths: str) -> Node | None:
        """The first element with text or children along the first of ``paths`` that has one."""
        for path in paths:
            for node in self.all(path):
                if node.text or node.children:
                    return node
        return None

    @property
    def native(self) -> Native:
        """The element's own text with its pointer."""
        return Native(self.text, self.pointer)

    def attribute(self, name: str) -> Native:
        """The attribute's value with its pointer; empty where it is absent."""
        return Native((self._element.get(name) or "").strip(), f"{self.pointer}/@{name}")

    def value(self, *paths: str) -> Native:
        """The first value along ``paths``; empty where there is none."""
        found = self.first(*paths)
        return found.native if found is not None else Native("", self.pointer)

    def at(self, path: str) -> Node:
        """The node that lxml's own ``path`` from the root leads to; this node where it leads nowhere."""
        prefixes = {prefix: name for prefix, name in self._element.nsmap.items() if prefix}
        try:
            found: list[etree._Element] = list(cast("Iterable[Any]", self._element.xpath(path, namespaces=prefixes)))
        except etree.XPathError:  # a prefix that only an inner element declares
            found = []
        node = self
        if found:
            line = [found[0], *found[0].iterancestors()]
            for step in reversed(line[: line.index(self._element)]):
                node = node.children[node._element.index(step)]
        return node

    def values(self) -> Iterator[tuple[str, str]]:
        """Every value in and under this element with its pointer: attributes, text, and text between elements."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield from node._own_values()  # noqa: SLF001 - another node of the same class
            waiting.extend(reversed(node.children))

    def _own_values(self) -> Iterator[tuple[str, str]]:
        for attribute, value in sorted(self._element.attrib.items()):
            # One in a namespace (xsi:type) is told apart from one without (type), which the adapters ask for.
            mark = "*:" if str(attribute).startswith("{") else ""
            yield f"{self.pointer}/@{mark}{_local(attribute)}", str(value)
        if self.text:
            yield self.pointer, self.text
        for number, child in enumerate(self._element, start=2):
            if child.tail and child.tail.strip():
                yield f"{self.pointer}/text()[{number}]", child.tail.strip()


@dataclass(frozen=True, kw_only=True)
class Document:
    """What was read: the root, and what stood in comments and processing instructions."""

    root: Node
    asides: tuple[tuple[str, str], ...]

    def fault(self, schema: etree.XMLSchema) -> tuple[str, str] | None:
        """None where the document is valid against ``schema``, else the first fault: its pointer and a sentence."""
        top = self.root._element  # noqa: SLF001 - the pair reads as one; nothing else sees the element
        if schema.validate(top):
            return None
        for entry in cast("Iterable[_SchemaFault]", schema.error_log):
            sentence = next((words for part, words in _FAULTS if part in entry.type_name), _OTHER_FAULT)
            return self.root.at(entry.path or "/*").pointer, sentence
        return self.root.pointer, _OTHER_FAULT


def parse(payload: bytes, *, code: str, limits: XmlLimits = LIMITS) -> Document:
    """Read ``payload``. ``code`` is the adapter's name and starts every error's code.

    Raises:
        Rejected: ``.doctype``, ``.encoding`` or ``.malformed``.
        TooLarge: ``.size``, ``.depth``, ``.elements`` or ``.attributes``.

    Source: XML 1.0, fifth edition.
    """
    # (1) The size, before anything looks inside.
    if len(payload) > limits.size:
        raise TooLarge(f"{code}.size", f"send at most {limits.size} bytes in one message")
    # (2) A DOCTYPE, before the parser would read it.
    if _announces_doctype(payload):
        raise Rejected(f"{code}.doctype", "send the message without a DOCTYPE", at="/")
    # (3) Well-formedness.
    try:
        root = etree.fromstring(payload, _parser())
    except etree.XMLSyntaxError as error:
        raise _fault(error, code) from error
    except (ValueError, LookupError) as error:
        raise Rejected(f"{code}.malformed", "send well-formed XML", at="/") from error
    # (4) What the first look cannot see in every encoding.
    info = root.getroottree().docinfo
    if getattr(info, "doctype", "") or getattr(info, "internalDTD", None) is not None:
        raise Rejected(f"{code}.doctype", "send the message without a DOCTYPE", at="/")
    if (info.encoding or "utf-8").lower() not in _ENCODINGS:
        raise Rejected(f"{code}.encoding", "send the message as UTF-8", at="/")
    # (5) Depth and counts.
    _measure(root, code, limits)
    return Document(root=Node(root, f"/{_local(root.tag)}"), asides=tuple(_asides(root)))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        attribute_defaults=False,
        dtd_validation=False,
        huge_tree=False,
        load_dtd=False,
        no_network=True,
        remove_blank_text=False,
        resolve_entities=False,
    )


def _announces_doctype(payload: bytes) -> bool:
    """Whether a DOCTYPE stands before the first element; zero bytes go, so that UTF-16 is seen through."""
    prolog = payload.replace(b"\0", b"")
    place = 0
    ends = {b"<?": b"?>", b"<!--": b"-->"}
    while (place := prolog.find(b"<", place)) >= 0:
        end = next((close for start, close in ends.items() if prolog.startswith(start, place)), None)
        if end is None:
            return prolog[place : place + 9].upper() == b"<!DOCTYPE"
        place = prolog.find(end, place + 2)
        if place < 0:
            return False
    return False


def _fault(error: etree.XMLSyntaxError, code: str) -> Rejected | TooLarge:
    """The parser's complaint without its words, which may quote the message."""
    line, column = error.position
    kind = getattr(error, "code", None)
    at = f"line {line}, column {column}"
    if kind == etree.ErrorTypes.ERR_NAME_TOO_LONG or "xcessive depth" in str(error) or "huge" in str(error):
        return TooLarge(f"{code}.depth", "send fewer levels and shorter names", at=at)
    if kind in (etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_INVALID_ENCODING):
        return Rejected(f"{code}.encoding", "send the message as UTF-8, and declare what was sent", at=at)
    return Rejected(f"{code}.malformed", "send well-formed XML", at=at)


def _measure(root: etree._Element, code: str, limits: XmlLimits) -> None:
    waiting = [(root, 1)]
    count = 0
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if depth > limits.depth:
            raise TooLarge(f"{code}.depth", f"send at most {limits.depth} levels of elements")
        if count > limits.elements:
            raise TooLarge(f"{code}.elements", f"send at most {limits.elements} elements")
        if len(element.attrib) > limits.attributes:
            raise TooLarge(f"{code}.attributes", f"send at most {limits.attributes} attributes on one element")
        waiting.extend((child, depth + 1) for child in element)


def _asides(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Lift comments and processing instructions out, so that the text they split is whole again."""
    aside_tags = (etree.Comment, etree.ProcessingInstruction)
    around = [*root.itersiblings(*aside_tags, preceding=True), *root.itersiblings(*aside_tags)]
    inside = list(root.iter(*aside_tags))
    found = [_aside(node, number) for number, node in enumerate([*around, *inside], start=1)]
    etree.strip_tags(root, *aside_tags)
    return iter(found)


def _aside(node: etree._Element, number: int) -> tuple[str, str]:
    # An instruction alone has a target; its text includes it nowhere, so that both are kept.
    target = str(getattr(node, "target", "") or "")
    kind = "processing-instruction" if target else "comment"
    return f"//{kind}()[{number}]", f"{target} {node.text or ''}".strip()


def _local(tag: object) -> str:
    """The name without its namespace. Names reach errors as places, so that only plain ones are told."""
    name = str(tag).rpartition("}")[2]
    return name if _SIMPLE_NAME.fullmatch(name) else "_"
