"""Pages of a PDF: marked at top and bottom, numbered, tagged for readers of screens, the same bytes each time.

The structure tree makes every paragraph and heading known to assistive technology; what repeats on every page is an
artifact, so that nobody has to hear it. The letters are DejaVu Sans; what it has no letter for stands as its code
point, ``[U+4E2D]``, because an empty box would lose it, and so do scripts that run from right to left, which would
stand in the wrong order. The product as JSON has every letter as it was.

What is written is first broken into lines and pages, by the widths of the letters and in time that grows with its
length, and drawn when all is known: the number of pages too.
Source: ISO 32000-1, 14.6 (marked content), 14.7 (logical structure), 14.8 (tagged PDF); fpdf2 2.8.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import as_file, files
from typing import Literal

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

Block = Literal["H1", "H2", "H3", "P"]
FONT = "DejaVu Sans"
_SIZES: dict[Block, float] = {"H1": 18, "H2": 14, "H3": 12, "P": 10.5}
_GAPS: dict[Block, float] = {"H1": 2, "H2": 5, "H3": 3.5, "P": 1.2}
_LINE = 0.48
"""Millimetres of a line's height for each point of its letters."""
_MILLIMETRE = 72 / 25.4
_TOP, _BOTTOM, _SIDE = 20.0, 22.0, 18.0
_WIDTH, _HEIGHT = 210.0 - 2 * _SIDE, 297.0
_KEPT = 2
"""Lines of what follows that a heading keeps with it: it never stands alone at the end of a page."""


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Lines of one block on one page, at this height from its top (millimetres)."""

    kind: Block
    indent: float
    top: float
    lines: list[str] = field(default_factory=list)


class Pages:
    """A4 pages under one marking. ``title`` and ``footing`` name things by opaque ids, never people."""

    def __init__(self, *, title: str, author: str, marking: str, footing: str, made_at: datetime) -> None:
        self._marking, self._footing = marking, footing
        self._file = FPDF(format="A4")
        with as_file(files("adapters.local_authority") / "fonts" / "DejaVuSans.ttf") as font:
            self._file.add_font(FONT, fname=font)
        (drawn,) = self._file.fonts.values()
        if not isinstance(drawn, TTFFont):  # narrowed for the type checker: a file of letters is always one
            raise TypeError("the font has no letters of its own")
        self._letters = frozenset(drawn.cmap)
        self._widths = drawn.cw
        # No clock: whoever renders again gets the same bytes.
        self._file.creation_date = made_at
        self._file.set_lang("en-GB")
        self._file.set_title(title)
        self._file.set_author(author)
        self._file.set_subject(marking)
        self._file.set_creator("mash-gateway")
        self._file.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._file.set_margin(_SIDE)
        self._file.set_auto_page_break(auto=False)
        # Pages are counted here, and no words of a product stand for their number.
        self._file.str_alias_nb_pages = ""
        self._pages: list[list[_Piece]] = [[]]
        self._at = _TOP

    def write_block(self, kind: Block, text: str, *, indent: float = 0) -> None:
        """Write a heading or paragraph, broken over lines and pages as it needs. ``indent`` in millimetres."""
        height = _SIZES[kind] * _LINE
        lines = list(self._lines(self._writable(text), _SIZES[kind], _WIDTH - indent))
        self._at += _GAPS[kind]
        if self._room(height) < (1 if kind == "P" else len(lines) + _KEPT):
            self._turn()
        while lines:
            fitting = max(1, self._room(height))
            self._pages[-1].append(_Piece(kind=kind, indent=indent, top=self._at, lines=lines[:fitting]))
            self._at += fitting * height if len(lines) > fitting else len(lines) * height
            lines = lines[fitting:]
            if lines:
                self._turn()

    def bytes(self) -> bytes:
        """The whole file."""
        for number, pieces in enumerate(self._pages, start=1):
            self._file.add_page()
            self._artifact(10, self._marking)
            for place, piece in enumerate(pieces):
                self._draw(place, piece)
            total = len(self._pages)
            self._artifact(_HEIGHT - 16, f"{self._marking}   {self._footing}   page {number} of {total}")
        return bytes(self._file.output())

    def _room(self, height: float) -> int:
        return int((_HEIGHT - _BOTTOM - self._at) / height)

    def _turn(self) -> None:
        self._pages.append([])
        self._at = _TOP

    def _artifact(self, top: float, text: str) -> None:
        self._file._out("/Artifact BMC")  # noqa: SLF001 - the library has no public word for marked content
        self._file.set_xy(_SIDE, top)
        self._file.set_font(FONT, size=9)
        self._file.cell(_WIDTH, 5, text, align="C")
        self._file._out("EMC")  # noqa: SLF001 - as above

    def _draw(self, place: int, piece: _Piece) -> None:
        """``place`` counts the pieces of a page: it is the marked-content identifier, which the tree refers to."""
        size, page = _SIZES[piece.kind], self._file
        page.set_font(FONT, size=size)
        page.set_y(piece.top)
        page._add_marked_content(struct_type=f"/{piece.kind}", mcid=place)  # noqa: SLF001 - as above
        page._out(f"/{piece.kind} <</MCID {place}>> BDC")  # noqa: SLF001 - as above
        for line in piece.lines:
            page.set_x(_SIDE + piece.indent)
            page.cell(_WIDTH - piece.indent, size * _LINE, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        page._out("EMC")  # noqa: SLF001 - as above

    def _lines(self, text: str, size: float, width: float) -> Iterator[str]:
        """``text`` broken between words, and within a word that is longer than a line."""
        # A little less than the whole width: cells keep a margin of their own.
        room = (width - 3) * _MILLIMETRE * 1000 / size
        space = self._widths[ord(" ")]
        for paragraph in text.split("\n"):
            line: list[str] = []
            taken = 0.0
            for word in paragraph.split(" "):
                wide = sum(self._widths[ord(letter)] for letter in word)
                if line and taken + space + wide > room:
                    yield " ".join(line)
                    line, taken = [], 0.0
                *whole, last = self._parts(word, room) if wide > room else [word]
                yield from whole
                taken += (space if line else 0) + sum(self._widths[ord(letter)] for letter in last)
                line.append(last)
            yield " ".join(line)

    def _parts(self, word: str, room: float) -> Iterator[str]:
        start, taken = 0, 0.0
        for place, letter in enumerate(word):
            wide = self._widths[ord(letter)]
            if place > start and taken + wide > room:
                yield word[start:place]
                start, taken = place, 0.0
            taken += wide
        yield word[start:]

    def _writable(self, text: str) -> str:
        """``text`` composed, without control characters, and with code points for letters that the font has not."""
        letters = unicodedata.normalize("NFC", text)
        return letters if letters.isascii() and letters.isprintable() else "".join(map(self._letter, letters))

    def _letter(self, letter: str) -> str:
        if letter == "\n":
            return letter
        if letter.isspace():
            return " "
        if unicodedata.category(letter) in {"Cc", "Cf"}:
            return ""
        drawn = ord(letter) in self._letters and unicodedata.bidirectional(letter) not in {"R", "AL"}
        return letter if drawn else f"[U+{ord(letter):04X}]"
