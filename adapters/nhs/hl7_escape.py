"""HL7 v2's delimiters and escape sequences.

The library's own unescaping is not used: it drops what it does not know, repeats text as often as the message asks
for, and logs the field. Here nothing is dropped: a sequence that has no meaning for plain text stays as it was sent.

Source: HL7 v2.8 chapter 2.5.4 (delimiters), 2.7 (escape sequences).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DELETED = '""'
"""A field that holds exactly this says: delete what you hold (HL7 v2.8 chapter 2.5.3.1)."""


@dataclass(frozen=True, kw_only=True)
class Delimiters:
    """What MSH-1 and MSH-2 (or BHS, FHS) say."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"

    @property
    def encoding(self) -> str:
        """As MSH-2 holds them."""
        return self.component + self.repetition + self.escape + self.sub

    @property
    def all(self) -> str:
        """Every delimiter, the field separator first."""
        return self.field + self.encoding


STANDARD = Delimiters()


def unescape(text: str, delimiters: Delimiters) -> str:
    r"""The text that ``text`` stands for.

    Reads the delimiters' sequences (``\F\``, ``\S\``, ``\T\``, ``\R\``, ``\E\``), ``\.br\`` as a line's end and
    ``\Xdd..\`` where the bytes are text. Any other sequence, and an escape character without its pair, stays.
    """
    mark = delimiters.escape
    if mark not in text:
        return text
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.sub,
        "R": delimiters.repetition,
        "E": mark,
        ".br": "\n",
    }

    def stand_for(found: re.Match[str]) -> str:
        body = found.group(1)
        if body in plain:
            return plain[body]
        if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", body):
            return _hexadecimal(body[1:]) or found.group(0)
        return found.group(0)

    pair = re.escape(mark)
    return re.sub(f"{pair}([^{pair}\n]{{1,512}}){pair}", stand_for, text)


def escape(text: str, delimiters: Delimiters) -> str:
    """``text`` as it may stand in a field: delimiters escaped, control characters made spaces."""
    names = {
        delimiters.escape: "E",
        delimiters.field: "F",
        delimiters.component: "S",
        delimiters.repetition: "R",
        delimiters.sub: "T",
    }
    mark = delimiters.escape
    written = []
    for letter in text:
        if letter in names:
            written.append(f"{mark}{names[letter]}{mark}")
        else:
            written.append(letter if letter.isprintable() else " ")
    return "".join(written)


def _hexadecimal(digits: str) -> str:
    """The text of these bytes, or nothing where they are no printable text."""
    raw = bytes.fromhex(digits)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return text if all(letter.isprintable() or letter in "\r\n\t" for letter in text) else ""
