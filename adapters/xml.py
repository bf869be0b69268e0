"""One hardened XML reader.

What it refuses: a size, depth or count over the limits; any DOCTYPE (and so every entity, external or not, and every
default attribute); a character encoding outside a short list. It reaches no network and loads no DTD. Comments and
processing instructions are lifted out of the text that they split, and kept, since somebody may have written in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol, cast

from lxml import etree

from adapters.xml_layout import local
from adapters.xml_node import Node, Tree
from schemas.errors import Rejected, TooLarge

_ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})


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


@dataclass(frozen=True, kw_only=True)
class Document:
    """What was read: the first element, and what stood in comments and processing instructions."""

    top: etree._Element
    asides: tuple[tuple[str, str], ...]

    @cached_property
    def root(self) -> Node:
        """The first element, to walk from."""
        return Node(self._tree)

    @cached_property
    def _tree(self) -> Tree:
        return Tree(self.top)

    def glance(self, path: str) -> str:
        """The text of ``root.value(path)``, for whoever wants nothing else of the document."""
        found = [self.top]
        for step in path.lower().split("/"):
            found = [inner for element in found for inner in element if local(inner.tag).lower() == step]
        return next(
            ((element.text or "").strip() for element in found if len(element) or (element.text or "").strip()), ""
        )

    def fault(self, schema: etree.XMLSchema) -> tuple[str, str] | None:
        """None where the document is valid against ``schema``, else the first fault: its pointer and a sentence."""
        if schema.validate(self.top):
            return None
        for entry in cast("Iterable[_SchemaFault]", schema.error_log):
            sentence = next((words for part, words in _FAULTS if part in entry.type_name), _OTHER_FAULT)
            return self._pointer(entry.path or "/*"), sentence
        return self.root.pointer, _OTHER_FAULT

    def _pointer(self, path: str) -> str:
        """The pointer of the element that lxml's own ``path`` leads to; the root's where it leads nowhere."""
        prefixes = {prefix: name for prefix, name in self.top.nsmap.items() if prefix}
        try:
            found: list[etree._Element] = list(cast("Iterable[Any]", self.top.xpath(path, namespaces=prefixes)))
        except etree.XPathError:  # a prefix that only an inner element declares
            found = []
        return self._tree.pointers[self._tree.elements.index(found[0])] if found else self.root.pointer


_PARSER = etree.XMLParser(
    attribute_defaults=False,
    dtd_validation=False,
    huge_tree=False,
    load_dtd=False,
    no_network=True,
    remove_blank_text=False,
    resolve_entities=False,
)


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
        root = etree.fromstring(payload, _PARSER)
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
    if not _plainly_within(root, payload, limits):
        _measure(root, code, limits)
    return Document(top=root, asides=_asides(root))


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


def _plainly_within(root: etree._Element, payload: bytes, limits: XmlLimits) -> bool:
    """Whether a quick look shows that the document keeps the limits; where it does not show it, each element is met.

    Every element has a ``<`` and every attribute a ``=`` of its own, in any encoding that is let through.
    """
    few = payload.count(b"<") <= limits.elements and payload.count(b"=") <= limits.attributes
    return few and not _reaches(limits.depth + 1)(root)


@lru_cache(maxsize=16)
def _reaches(depth: int) -> etree.XPath:
    """Tells whether a document has an element this deep."""
    return etree.XPath(f"boolean({'/*' * depth})")


def _measure(root: etree._Element, code: str, limits: XmlLimits) -> None:
    """Refuse what is over a limit. The parser's own library counts: a loop here would cost more than the parsing."""
    if _reaches(limits.depth + 1)(root):
        raise TooLarge(f"{code}.depth", f"send at most {limits.depth} levels of elements")
    if sum(cast("float", count(root)) for count in _COUNTS) > limits.elements:
        raise TooLarge(f"{code}.elements", f"send at most {limits.elements} elements")
    if _crowded(limits.attributes)(root):
        raise TooLarge(f"{code}.attributes", f"send at most {limits.attributes} attributes on one element")


_COUNTS = tuple(etree.XPath(f"count(/descendant::{kind})") for kind in ("*", "comment()", "processing-instruction()"))
"""Elements, and what costs as much as one."""


@lru_cache(maxsize=16)
def _crowded(attributes: int) -> etree.XPath:
    """Tells whether an element has more attributes than this."""
    return etree.XPath(f"boolean(/descendant::*[count(@*) > {attributes}])")


def _asides(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """Lift comments and processing instructions out, so that the text they split is whole again."""
    aside_tags = (etree.Comment, etree.ProcessingInstruction)
    around = [*root.itersiblings(*aside_tags, preceding=True), *root.itersiblings(*aside_tags)]
    inside = list(root.iter(*aside_tags))
    found = tuple([_aside(node, number) for number, node in enumerate([*around, *inside], start=1)])
    if inside:
        etree.strip_tags(root, *aside_tags)
    return found


def _aside(node: etree._Element, number: int) -> tuple[str, str]:
    # An instruction alone has a target; its text includes it nowhere, so that both are kept.
    target = str(getattr(node, "target", "") or "")
    kind = "processing-instruction" if target else "comment"
    return f"//{kind}()[{number}]", f"{target} {node.text or ''}".strip()
