"""The parts of an e-mail, each with its place, taken apart within bounds. Nothing is unpacked.

A place is ``part[2]/part[1]``, as the message holds them; a header's is its name after that (``Subject[2]`` where it
comes again). Structure is read with the
standard library's lenient policy, which takes what mail systems send; a header is decoded by its default policy.

Source: RFC 5322, RFC 2045 to 2047, RFC 2183.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

from schemas.errors import Rejected, TooLarge

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 100_000
MOST_PARTS = 60
MOST_LEVELS = 8
MOST_MULTIPARTS = 24
MOST_HEADERS = 200
LONGEST_HEADER = 8 * 1024
LONGEST_STRUCTURE = 2 * 1024
"""Of a Content-Type with its parameters, which decide how the rest is taken apart."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_MULTIPART = re.compile(rb"multipart", re.IGNORECASE)
_CODECS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-?(?:1[0-6]?|[2-9])|latin-?1|windows-125[0-8]|cp125[0-8]|utf-16(?:le|be)?"
)
_OFFICE = re.compile(r"\.(?:docx|xlsx|pptx|odt|ods)$", re.IGNORECASE)
_OFFICE_TYPES = ("application/vnd.openxmlformats", "application/vnd.oasis.opendocument")
_ARCHIVE_TYPES = frozenset(
    {
        "application/zip",
        "application/x-zip-compressed",
        "application/gzip",
        "application/x-gzip",
        "application/x-7z-compressed",
        "application/vnd.rar",
        "application/x-rar-compressed",
        "application/x-tar",
        "application/x-bzip2",
    }
)
_ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part that holds no others. ``attached``: it says that it is an attachment, or has a file name."""

    place: str
    media_type: str
    charset: str
    filename: str
    attached: bool
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of what it holds, decoded."""
        return hashlib.sha256(self.content).hexdigest()

    def text(self) -> tuple[str, bool]:
        """What it holds as text, and whether the character set that it names was right."""
        named = self.charset.lower()
        known = _CODECS.fullmatch(named) is not None
        for codec in (*([named] if known else []), "utf-8", "cp1252"):
            try:
                return self.content.decode(codec), codec == named or not named
            except (UnicodeDecodeError, LookupError):
                continue
        return self.content.decode("latin-1"), False


@dataclass(kw_only=True)
class Mail:
    """A message taken apart. ``headers`` are (place, text as it was sent, unfolded) of all its parts, in order."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)
    defective: bool = False

    def header(self, name: str) -> str:
        """The text of the message's own first header of this name."""
        return next((text for place, text in self.headers if place.lower() == name.lower()), "")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A row: parts that are not taken, and what their sender should do instead."""

    code: str
    when: Callable[[str, str, bytes], bool]
    detail: str


REFUSED: tuple[Refusal, ...] = (
    Refusal(
        code="tnef",
        when=lambda kind, name, held: (
            kind in {"application/ms-tnef", "application/vnd.ms-tnef"}
            or name.lower() == "winmail.dat"
            or held.startswith(b"\x78\x9f\x3e\x22")
        ),
        detail="send the message as plain text or HTML, not as rich text (winmail.dat)",
    ),
    Refusal(
        code="archive",
        when=lambda kind, name, held: (
            kind in _ARCHIVE_TYPES
            or (held.startswith(_ARCHIVE_STARTS) and not _OFFICE.search(name) and not kind.startswith(_OFFICE_TYPES))
        ),
        detail="attach the files themselves, not an archive of them",
    ),
    Refusal(
        code="encrypted",
        when=lambda kind, _, __: (
            kind in {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
        ),
        detail="send the message without encryption of its own: the way to the hub is encrypted",
    ),
    Refusal(
        code="partial",
        when=lambda kind, _, __: kind in {"message/partial", "message/external-body"},
        detail="send the whole message, not a piece of it or a reference to it",
    ),
)


def take_apart(payload: bytes, *, code: str) -> Mail:
    """The parts of a message, each decoded.

    Raises:
        Rejected: ``.malformed`` (no header that a message has), or a row of ``REFUSED``.
        TooLarge: ``.size``, ``.lines``, ``.headers``, ``.parts`` or ``.depth``.
    """
    _bound(payload, code)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(payload)
        mail = Mail()
        _gather(message, "", 1, mail, code)
    except (Rejected, TooLarge):
        raise
    except Exception as error:
        # The library throws whatever its state machine meets on bytes that are no message.
        raise Rejected(f"{code}.malformed", "send a message as RFC 5322 has it", at="/") from error
    if not any(mail.header(name) for name in ("From", "Message-ID", "Subject", "Date")):
        raise Rejected(f"{code}.malformed", "send a message with its headers (From, Date, Message-ID)", at="/")
    return mail


def decoded(name: str, text: str) -> str:
    """A header's text with its encoded words read; as it was sent where they can't be."""
    if "=?" not in text or len(text) > LONGEST_STRUCTURE:
        return text
    try:
        return " ".join(str(policy.default.header_factory(name, text)).split())
    except Exception:  # noqa: BLE001 - the library throws whatever it meets; what was sent is kept as it is
        return text


def address(text: str) -> tuple[str, str]:
    """The first name and address of a header such as ``From``; each empty where it has none that can be read."""
    try:
        found = getaddresses([text[:LONGEST_STRUCTURE]])
    except Exception:  # noqa: BLE001 - the library throws whatever it meets; what was sent is kept as it is
        return "", ""
    return found[0] if found else ("", "")


def _bound(payload: bytes, code: str) -> None:
    """What must hold before the parser looks: its time grows with lines times levels, and with long parameters."""
    if len(payload) > MOST_BYTES:
        raise TooLarge(f"{code}.size", f"send at most {MOST_BYTES} bytes in one message")
    lines = _LINE_END.sub(b"\n", payload)
    if lines.count(b"\n") > MOST_LINES:
        raise TooLarge(f"{code}.lines", f"send at most {MOST_LINES} lines")
    if len(_MULTIPART.findall(lines)) > MOST_MULTIPARTS:
        raise TooLarge(f"{code}.depth", f"send at most {MOST_LEVELS} levels of parts")
    for types, found in enumerate(_CONTENT_TYPE.finditer(lines), start=1):
        if types > 2 * MOST_PARTS:
            raise TooLarge(f"{code}.parts", f"send at most {MOST_PARTS} parts")
        if found.end() - found.start() > LONGEST_STRUCTURE:
            raise TooLarge(f"{code}.headers", f"send Content-Type in at most {LONGEST_STRUCTURE} bytes")


def _gather(message: Message, place: str, level: int, mail: Mail, code: str) -> None:
    if level > MOST_LEVELS:
        raise TooLarge(f"{code}.depth", f"send at most {MOST_LEVELS} levels of parts")
    _headers(message, place, mail, code)
    mail.defective = mail.defective or bool(message.defects)
    # Only of a message with parts: of another, the library would decode the text by whatever codec it names.
    inside = message.get_payload() if message.is_multipart() else None
    if isinstance(inside, list):
        kind = message.get_content_type()
        _refuse(kind, "", b"", place, code)
        if kind == "multipart/encrypted":
            _refuse("application/pgp-encrypted", "", b"", place, code)
        for name, text in (("preamble", message.preamble), ("epilogue", message.epilogue)):
            if text and text.strip():
                mail.beside.append((f"{_inner(place, name)}", _told(text.strip())))
        for number, each in enumerate(inside, start=1):
            _gather(each, _inner(place, f"part[{number}]"), level + 1, mail, code)
        return
    if len(mail.parts) >= MOST_PARTS:
        raise TooLarge(f"{code}.parts", f"send at most {MOST_PARTS} parts")
    content = message.get_payload(decode=True)
    held = content if isinstance(content, bytes) else b""
    part = Part(
        place=place or "part[1]",
        media_type=message.get_content_type(),
        charset=message.get_content_charset() or "",
        filename=_told(message.get_filename() or ""),
        attached=message.get_content_disposition() == "attachment" or bool(message.get_filename()),
        content=held,
    )
    _refuse(part.media_type, part.filename, held, part.place, code)
    mail.parts.append(part)


def _headers(message: Message, place: str, mail: Mail, code: str) -> None:
    given = list(message.raw_items())
    if len(given) > MOST_HEADERS or any(len(text) > LONGEST_HEADER for _, text in given):
        raise TooLarge(f"{code}.headers", f"send at most {MOST_HEADERS} headers of {LONGEST_HEADER} bytes each")
    times: Counter[str] = Counter()
    for name, text in given:
        plain = _name(name)
        times[plain.lower()] += 1
        # Whoever takes one header of a name takes no other for read.
        again = f"[{times[plain.lower()]}]" if times[plain.lower()] > 1 else ""
        mail.headers.append((_inner(place, f"{plain}{again}"), " ".join(_told(str(text)).split())))


def _name(name: str) -> str:
    """Names of headers reach errors and pointers as places, so that only plain ones are told."""
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9\-]{0,63}", name) else "_"


def _told(text: str) -> str:
    """Text whose undecodable bytes are marked as such."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _inner(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def _refuse(kind: str, filename: str, content: bytes, place: str, code: str) -> None:
    for row in REFUSED:
        if row.when(kind, filename, content):
            raise Rejected(f"{code}.{row.code}", row.detail, at=place or "/")
