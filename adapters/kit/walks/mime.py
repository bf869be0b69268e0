"""Mail: who wrote to whom about what, and every text part, read with the e-mail package of the standard library.

Source: RFC 5322; RFC 2045 to 2047.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from html import unescape

from adapters.kit.walks import text

_SAID = ("message-id", "date", "from", "to", "cc", "reply-to", "subject", "in-reply-to", "references")
_TAG = re.compile(r"<(style|script)\b[^>]*>[^<]*</\1>|<[^>]*>", re.IGNORECASE)
# The first of two cells or more names the others, as a label of a line does.
_LABEL = re.compile(r"(<tr[^>]*>\s*)<t[hd][^>]*>[^<]*</t[hd]>(?=\s*<t[hd])", re.IGNORECASE)


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """The headers that a writer fills in, and the lines of every text part; other parts have no values to compare.

    Raises:
        ValueError: it has no header at all.
    """
    message = message_from_bytes(payload, policy=default)
    if not message.keys():
        raise ValueError("no header")
    for name, raw in message.raw_items():
        # The raw header: the package would rewrite a date in its own way.
        if name.lower() in _SAID and (said := " ".join(_decoded(str(raw)).split())):
            yield name.lower(), said
    for number, part in enumerate(message.walk(), start=1):
        if part.get_content_maintype() == "text" and isinstance(part, EmailMessage):
            yield from _part(part, number)


def _decoded(raw: str) -> str:
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError):
        return raw


def _part(part: EmailMessage, number: int) -> Iterator[tuple[str, str]]:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return
    try:
        said = content.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        said = text.decoded(content)
    if part.get_content_subtype() == "html":
        said = unescape(_TAG.sub("\n", _LABEL.sub(r"\1", said)))
    for place, value in text.values(said.encode("utf-8", errors="replace")):
        yield f"part[{number}]/{place}", value
