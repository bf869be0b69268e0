"""Which characters the bytes of an HL7 v2 message stand for, whatever MSH-18 claims.

Many senders name a character set that they do not use. The bytes decide: text that is UTF-8 is read as UTF-8, since
text of another set hardly ever is by accident; else the declared set is tried, and last Windows-1252. Whatever was
not as declared is flagged.

Source: HL7 table 0211.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from schemas.errors import Rejected

_SETS = {
    "ASCII": "ascii",
    "8859/1": "cp1252",
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/6": "iso8859-6",
    "8859/7": "iso8859-7",
    "8859/8": "iso8859-8",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WRONG = "charset.not_as_declared"
GUESSED = "charset.guessed"


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The text, and what should be flagged about how it was read."""

    text: str
    flags: tuple[str, ...] = ()


def decode(payload: bytes, *, configured: str = "") -> Decoded:
    """The text of ``payload``, without a byte order mark. ``configured`` is the feed's own choice, as in MSH-18.

    Raises:
        Rejected: a byte order mark promised UTF-8 or UTF-16, and the bytes are something else.
    """
    if payload.isascii():
        return Decoded(text=payload.decode("ascii"))  # the same text in every set, whatever was declared
    for mark, codec in _MARKS:
        if payload.startswith(mark):
            text = _try(payload[len(mark) :], codec)
            if text is None:
                raise Rejected("nhs.hl7v2.charset", "The text does not match its byte order mark.", at="MSH-18")
            return Decoded(text=text)
    named = configured or _declared(payload)
    declared = _SETS.get(named.strip().upper())
    as_utf8 = _try(payload, "utf-8")
    if as_utf8 is not None:
        return Decoded(text=as_utf8, flags=() if declared == "utf-8" else (WRONG if declared else GUESSED,))
    if declared is not None and declared != "utf-8":
        text = _try(payload, declared)
        if text is not None:
            return Decoded(text=text)
    # Latin-1 gives every byte a character: the five that Windows-1252 leaves open are kept, as control characters.
    text = _try(payload, "cp1252") or payload.decode("latin-1")
    return Decoded(text=text, flags=(WRONG if declared else GUESSED,))


def _try(payload: bytes, codec: str) -> str | None:
    try:
        return payload.decode(codec)
    except UnicodeDecodeError:
        return None


def _declared(payload: bytes) -> str:
    """The first repetition of the first MSH-18, read before the character set is known; it is ASCII in all of them."""
    start = payload.find(b"MSH")
    if start < 0:
        return ""
    line = payload[start : start + 4096].replace(b"\n", b"\r").split(b"\r", 1)[0].decode("latin-1")
    fields = line.split(line[3]) if len(line) > 8 else []
    if len(fields) < 18:
        return ""
    repetition = line[5]
    return fields[17].split(repetition)[0] if repetition else fields[17]
