"""HL7 v2's delimiters and escape sequences.

The library's own unescaping is not used: it drops what it does not know, repeats text as often as the message asks
for, and logs the field. Here nothing is dropped: a sequence that has no meaning for plain text stays as it was sent.

Source: HL7 v2.8 chapter 2.5.4 (delimiters), 2.7 (escape sequences).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

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

    @cached_property
    def inner(self) -> tuple[str, str, str, str]:
        """What stands inside fields: component, repetition, escape, subcomponent."""
        return self.component, self.repetition, self.escape, self.sub

    @property
    def encoding(self) -> str:
        """As MSH-2 holds them."""
        return self.component + self.repetition + self.escape + self.sub

    @property
    def all(self) -> str:
        """Every delimiter, the field separator first."""
        return self.field + self.encoding


STANDARD = Delimiters()
_BYTES = re.compile(r"X(?:[0-9A-Fa-f]{2})+")


def unescape(text: str, delimiters: Delimiters) -> str:
    r"""The text that ``text`` stands for.

    Reads the delimiters' sequences (``\F\``, ``\S\``, ``\T\``, ``\R\``, ``\E\``), ``\.br\`` as a line's end and
    ``\Xdd..\`` where the bytes are text. Any other sequence, and an escape character without its pair, stays.
    """
    if delimiters.escape not in text:
        return text
    pair, plain = _sequences(delimiters)

    def stand_for(found: re.Match[str]) -> str:
        body = found.group(1)
        if body in plain:
            return plain[body]
        if _BYTES.fullmatch(body):
            return _hexadecimal(body[1:]) or found.group(0)
        return found.group(0)

    return pair.sub(stand_for, text)


@lru_cache(maxsize=64)
def _sequences(delimiters: Delimiters) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds a sequence, and what those stand for that stand for one character."""
    mark = re.escape(delimiters.escape)
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.sub,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        ".br": "\n",
    }
    return re.compile(f"{mark}([^{mark}\n]{{1,512}}){mark}"), plain


def escape(text: str, delimiters: Delimiters) -> str:
    """``text`` as it may stand in a field: delimiters escaped, control characters made spaces."""
    if text.isprintable() and not any(mark in text for mark in delimiters.all):
        return text
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
