"""Envelopes of the criminal justice exchange: what stands around a message, and the message inside.

SOAP, ``DeliverRequest`` and ``RouteData`` are opened, however they are nested; a message inside may be elements, or
text that is a document of its own (escaped, or in a CDATA section). Both are bounded: eight envelopes, three documents.

Source: CJSE deliver service 2006-05 and common operations, SOAP 1.1 and 1.2, as public samples show them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters import xml
from adapters.natives import Native
from adapters.xml_node import Node
from schemas.errors import Rejected, TooLarge

MOST_ENVELOPES = 8
LIMITS = xml.XmlLimits(elements=60_000)
MOST_DOCUMENTS = 3

_CONTENT: Mapping[str, str] = {
    "envelope": "Body",
    "deliverrequest": "Message",
    "submitrequest": "Message",
    "routedata": "DataStream/DataStreamContent",
}
"""Where each envelope holds what it carries."""

_IDENTITY = ("Header/MessageID", "MessageIdentifier", "RequestFromSystem/CorrelationID")
_CREATED = ("MessageMetadata/CreationDateTime",)
_TEST = ("RequestFromSystem/TestOperation",)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}\?>")


@dataclass(kw_only=True)
class Opened:
    """A message without its envelopes.

    ``place`` is where the innermost document stands, empty where it is the outermost. ``around`` is every value of the
    documents further out; ``inner`` every value of the innermost, its envelopes included.
    """

    message: Node
    place: str
    inner: list[tuple[str, str]]
    around: list[tuple[str, str]] = field(default_factory=list)
    identity: list[Native] = field(default_factory=list)
    created: list[Native] = field(default_factory=list)
    test: list[Native] = field(default_factory=list)


def unwrap(payload: bytes, *, code: str) -> Opened:
    """The message in ``payload``. Pointers of ``identity``, ``created`` and ``test`` are told from outside.

    Raises:
        Rejected: ``.envelope`` where one carries nothing or several messages, and what :func:`adapters.xml.parse`
            raises.
        TooLarge: ``.nesting``, and what :func:`adapters.xml.parse` raises.
    """
    document = xml.parse(payload, code=code, limits=LIMITS)
    opened = Opened(message=document.root, place="", inner=[])
    documents = 1
    for _ in range(MOST_ENVELOPES):
        node = opened.message
        if node.name.lower() not in _CONTENT:
            opened.inner = [*document.root.values(), *document.asides]
            return opened
        _note(node, opened)
        carrier = _carrier(node, opened.place, code)
        if inside := carrier.children:
            opened.message = inside[0]
            continue
        documents += 1
        if documents > MOST_DOCUMENTS:
            break
        around = [*document.root.values(), *document.asides]
        opened.around += [(opened.place + at, value) for at, value in around if at != carrier.pointer]
        place = f"{opened.place}{carrier.pointer}!"
        document = _inner(carrier.text, place, code)
        opened.place, opened.message = place, document.root
    raise TooLarge(f"{code}.nesting", f"send a message in at most {MOST_DOCUMENTS - 1} documents around it")


def _carrier(envelope: Node, place: str, code: str) -> Node:
    """The element that carries something, as elements or as text that starts like a document: one, and one thing.

    Of two messages the second would be kept, and nobody would look at the people whom it names.
    """
    found = [
        node for node in envelope.all(_CONTENT[envelope.name.lower()]) if node.children or node.text.startswith("<")
    ]
    if not found:
        raise Rejected(f"{code}.envelope", "put a message into the envelope", at=place + envelope.pointer)
    if len(found) > 1 or len(found[0].children) > 1:
        second = found[1] if len(found) > 1 else found[0].children[1]
        raise Rejected(f"{code}.envelope", "put one message into an envelope", at=place + second.pointer)
    return found[0]


def _inner(text: str, place: str, code: str) -> xml.Document:
    try:
        declared = _DECLARATION.match(text)
        inner = text[declared.end() :] if declared is not None else text
        return xml.parse(inner.encode("utf-8"), code=code, limits=LIMITS)
    except Rejected as error:
        raise Rejected(error.code, error.detail, at=f"{place}{error.at}") from error


def _note(node: Node, opened: Opened) -> None:
    for paths, found in ((_IDENTITY, opened.identity), (_CREATED, opened.created), (_TEST, opened.test)):
        native = node.value(*paths)
        if native.text:
            found.append(Native(native.text, opened.place + native.pointer))
