"""The text of an e-mail as rows: a label with its value, or a line that has none.

A line of plain text is ``Label: value``; a row of an HTML table with two cells is a label and a value, and other blocks
are lines. Tags go; what stood in scripts, styles, comments, links and image texts is listed beside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

LONGEST_HTML = 512 * 1024
_LABELLED = re.compile(r"(?P<label>[A-Za-z][A-Za-z0-9 '\u2019/()\-]{0,59}?)\s*:(?P<value>.*)", re.DOTALL)
_ROWS = frozenset({"table", "tbody", "thead", "tr"})
_CELLS = frozenset({"td", "th"})
_INLINE = frozenset(
    {"a", "abbr", "b", "big", "cite", "code", "em", "font", "i", "img", "ins", "label", "mark", "o", "q", "s", "small"}
    | {"span", "strike", "strong", "sub", "sup", "tt", "u"}
)
_HIDDEN = frozenset({"script", "style", "noscript", "template"})
_TOLD_BESIDE = ("href", "src", "alt", "title", "value", "content")
_CELL_END = "\x1f"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line: its label in the sender's words (empty where it has none), its value, and where it stands."""

    label: str
    value: str
    whole: str
    pointer: str


@dataclass(frozen=True, kw_only=True)
class Text:
    """The rows of a part, and what stood beside its text."""

    rows: tuple[Row, ...]
    beside: tuple[tuple[str, str], ...] = ()


def plain(text: str, place: str) -> Text:
    """The rows of plain text; blank lines are none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    rows = [_row(line.strip(), f"{place}/line[{number}]") for number, line in enumerate(lines, start=1) if line.strip()]
    return Text(rows=tuple(rows))


def html(text: str, place: str) -> Text:
    """The rows of HTML, however broken it is. What can't be read as HTML at all is read as plain text."""
    reading = _Html(place)
    # The stubs want bytes as well, which lxml hands over in Python 2 alone.
    # A target, since the time to build a tree grows with the square of an element's attributes.
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, huge_tree=False, target=reading)  # type: ignore[arg-type]
    try:
        etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return plain(text, place)
    rows = [_html_row(line, f"{place}/row[{number}]") for number, line in enumerate(reading.lines, start=1)]
    return Text(rows=tuple(rows), beside=tuple(reading.beside))


def _row(line: str, pointer: str) -> Row:
    found = _LABELLED.fullmatch(line)
    if found is None:
        return Row(label="", value=line, whole=line, pointer=pointer)
    return Row(label=found["label"], value=found["value"].strip(), whole=line, pointer=pointer)


def _html_row(line: str, pointer: str) -> Row:
    cells = [" ".join(cell.split()) for cell in line.split(_CELL_END)]
    told = [cell for cell in cells if cell]
    two = len(cells) == 3 and not cells[2] and cells[0] and len(cells[0]) <= 60  # each cell has its end
    if two:
        return Row(label=cells[0].rstrip(": "), value=cells[1], whole=" ".join(told), pointer=pointer)
    return _row(" | ".join(told), pointer)


class _Html:
    """What a parser calls as it meets tags and text: ``lines`` are blocks, the cells of a row in one."""

    def __init__(self, place: str) -> None:
        self.lines: list[str] = []
        self.beside: list[tuple[str, str]] = []
        self._place = place
        self._gathered: list[str] = []
        self._unseen: list[str] = []
        self._hidden = 0
        self._cells = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        for name in _TOLD_BESIDE:
            self._aside(f"{tag}/@{name}", attributes.get(name, ""))
        self._break(tag)
        self._hidden += tag in _HIDDEN
        self._cells += tag in _CELLS

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag in _HIDDEN:
            self._hidden -= 1
            self._aside(tag, "".join(self._unseen))
            self._unseen = []
        if tag in _CELLS:
            self._cells -= 1
            self._gathered.append(_CELL_END)
        self._break(tag)

    def data(self, text: str) -> None:
        """Text, in one piece or several."""
        if self._hidden > 0:
            self._unseen.append(text)
        else:
            self._gathered.append(text.replace(_CELL_END, " "))

    def comment(self, text: str) -> None:
        """A comment."""
        self._aside("comment()", text)

    def pi(self, target: str, data: str | None = None) -> None:
        """A processing instruction."""
        self._aside("processing-instruction()", f"{target} {data or ''}")

    def close(self) -> None:
        """The end of it all."""
        self._aside("text()", "".join(self._unseen))
        self._flush()

    def _break(self, tag: str) -> None:
        """A row ends a line wherever it stands; another block does outside of cells, and is a space inside."""
        if tag in _ROWS or (tag not in _INLINE and tag not in _CELLS and not self._cells):
            self._flush()
        elif tag not in _INLINE and tag not in _CELLS:
            self._gathered.append(" ")

    def _aside(self, name: str, text: str) -> None:
        if text and not text.isspace():
            self.beside.append((f"{self._place}/{name}[{len(self.beside) + 1}]", text.strip()))

    def _flush(self) -> None:
        line = "".join(self._gathered)
        if line.replace(_CELL_END, "").strip():
            self.lines.append(line)
        self._gathered = []
