"""XML: every attribute and every piece of text, by another parser (expat) than the adapters have (libxml2).

Text that is a document itself, as envelopes carry it, is walked through.

Source: XML 1.0; Namespaces in XML (a declaration is no value).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

_DECLARATION = re.compile(r"\A<\?xml[^>]*\?>")


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every value, trimmed, without a place: adapters write paths in more ways than one.

    Raises:
        ValueError: it is not well-formed, or has a DOCTYPE.
    """
    for value in _Gathering().of(payload):
        within = _within(value)
        if within is None:
            yield "", value
        else:
            yield from (("", each) for each in within)


def _within(text: str) -> list[str] | None:
    """The values of the document that the text is, or None."""
    if not text.startswith("<"):
        return None
    try:
        return [value for _, value in values(_DECLARATION.sub("", text).encode("utf-8"))]
    except (ValueError, RecursionError):
        return None


class _Gathering:
    def __init__(self) -> None:
        self._found: list[str] = []
        self._text: list[str] = []

    def of(self, payload: bytes) -> list[str]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._flush
        parser.CommentHandler = self._flush
        parser.ProcessingInstructionHandler = self._flush
        parser.CharacterDataHandler = self._text.append
        try:
            parser.Parse(payload, True)  # noqa: FBT003 - expat's own signature: the last piece
        except (expat.ExpatError, LookupError) as error:
            raise ValueError("not well-formed") from error
        return self._found

    def _refuse(self, *_: object) -> None:
        raise ValueError("a DOCTYPE")

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self._flush()
        for name, value in attributes.items():
            if name != "xmlns" and not name.startswith("xmlns:") and value.strip():
                self._found.append(value.strip())

    def _flush(self, *_: object) -> None:
        piece = "".join(self._text).strip()
        self._text.clear()
        if piece:
            self._found.append(piece)
