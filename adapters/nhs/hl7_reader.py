"""The boundary to python-hl7: bytes to messages, and nothing that the library throws or logs gets past it.

The library reads text that is separated by LF as one segment without a word, raises IndexError and AssertionError on
bad input, and logs what fields hold. So lines are told apart here, delimiters and sizes are checked before it is
called, its loggers are silenced, and its tree is turned into values of our own.

Source: HL7 v2.8 chapter 2.5 (message framework), 2.10.3 (batches).
"""

from __future__ import annotations

import re
from typing import Any

import hl7
from hl7 import containers, util

from adapters.nhs.hl7_charset import decode
from adapters.nhs.hl7_escape import STANDARD, Delimiters
from adapters.nhs.hl7_message import HEADERS, Field, Message, Repetition, Segment, Transmission
from schemas.errors import Rejected, TooLarge

MAX_BYTES = 5 * 1024 * 1024
MAX_MESSAGES = 1_000
MAX_SEGMENTS = 20_000
MAX_VALUES = 200_000

for _noisy in (containers.logger, util.logger):
    _noisy.disabled = True  # it logs the content of fields

_AROUND = ("FHS", "BHS", "BTS", "FTS")
_ABSENT = "\x01\x02\x03\x04"
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_FRAMING = "\x0b\x1c\ufeff \t\r\n"
"""What may stand around a message in a file: MLLP's own bytes, a stray byte order mark, blank lines."""


def read(payload: bytes, *, charset: str = "") -> Transmission:
    """The messages in ``payload``. Segments may end in CR, LF or CRLF; a line that starts no segment goes on the last.

    Raises:
        Rejected: it does not start with a header, a header names no usable delimiters, or it can't be parsed.
        TooLarge: it is over the limit on bytes, messages, segments or values.
    """
    if len(payload) > MAX_BYTES:
        raise TooLarge("nhs.hl7v2.size", "Send at most 5 MiB at once.")
    decoded = decode(payload, configured=charset)
    lines = decoded.text.strip(_FRAMING).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0][:3] not in HEADERS:
        raise Rejected("nhs.hl7v2.header", "Start the message with MSH, or a batch with BHS or FHS.", at="MSH")
    messages: list[list[str]] = []
    mended: set[int] = set()
    around: list[Segment] = []
    delimiters = STANDARD
    for line in lines:
        name = line[:3]
        if name in HEADERS:
            delimiters = delimiters_of(line, _place(len(messages) + (name == "MSH"), name))
        if name == "MSH":
            messages.append([line])
        elif name in _AROUND and line[3:4] in ("", delimiters.field):
            number = sum(1 for each in around if each.name == name) + 1
            around.append(_segments([line], delimiters, {name: number - 1})[0])
        elif not line.strip():
            continue
        elif not messages:
            raise Rejected("nhs.hl7v2.header", "Put a header before the first segment.", at="MSH")
        elif _NAME.fullmatch(name) and line[3:4] in ("", delimiters.field):
            messages[-1].append(line)
        else:
            messages[-1][-1] += "\n" + line
            mended.add(len(messages) - 1)
    _limit(messages, around)
    read_all = tuple(_message(segments, number, number in mended) for number, segments in enumerate(messages))
    return Transmission(messages=read_all, around=tuple(around), flags=decoded.flags)


def _place(number: int, name: str) -> str:
    return f"MSG[{number}]/{name}" if number > 1 and name == "MSH" else name


def delimiters_of(line: str, place: str) -> Delimiters:
    """What the header names. Four encoding characters, or five with the truncation character of version 2.7."""
    separator = line[3:4]
    encoding = line[4:].split(separator, 1)[0] if separator else ""
    if not 1 <= len(encoding) <= 5:
        raise Rejected("nhs.hl7v2.delimiters", "Name the delimiters in the header's second field.", at=f"{place}-2")
    named = separator + encoding
    if len(set(named)) != len(named) or any(each.isalnum() or each == '"' or not "!" <= each <= "~" for each in named):
        raise Rejected(
            "nhs.hl7v2.delimiters",
            "Name each delimiter once, and none that is a letter, a digit or a blank.",
            at=f"{place}-2",
        )
    # A header may leave the later ones out: the message then has none, and a character that no text holds stands in.
    full = encoding + _ABSENT[len(encoding) :]
    return Delimiters(field=separator, component=full[0], repetition=full[1], escape=full[2], sub=full[3])


def _limit(messages: list[list[str]], around: list[Segment]) -> None:
    if not messages:
        raise Rejected("nhs.hl7v2.empty_batch", "Send at least one message in the batch.", at="MSH")
    if len(messages) > MAX_MESSAGES:
        raise TooLarge("nhs.hl7v2.messages", "Send at most 1000 messages in a batch.")
    if sum(map(len, messages)) + len(around) > MAX_SEGMENTS:
        raise TooLarge("nhs.hl7v2.segments", "Send at most 20000 segments at once.")
    marks = 0
    for message in messages:
        delimiters = delimiters_of(message[0], "MSH")
        marks += sum(line.count(each) for line in message for each in delimiters.all if each != delimiters.escape)
    if marks > MAX_VALUES:
        raise TooLarge("nhs.hl7v2.values", "Send at most 200000 values at once.")


def _message(lines: list[str], number: int, mended: bool) -> Message:  # noqa: FBT001 - one fact of a private value
    delimiters = delimiters_of(lines[0], _place(number + 1, "MSH"))
    return Message(segments=_segments(lines, delimiters, {}), mended=mended)


def _segments(lines: list[str], delimiters: Delimiters, seen: dict[str, int]) -> tuple[Segment, ...]:
    segments = []
    for line in lines:
        name = line[:3]
        seen[name] = seen.get(name, 0) + 1
        segments.append(Segment(name=name, number=seen[name], fields=_fields(line, delimiters), delimiters=delimiters))
    return tuple(segments)


def _fields(line: str, delimiters: Delimiters) -> tuple[Field, ...]:
    """One segment through the library. It is given a header of its own, so that it knows the delimiters."""
    header = f"MSH{delimiters.field}{delimiters.encoding}{delimiters.field}"
    name = line[:3]
    body = line[3:]
    try:
        if name in HEADERS:
            # The delimiters stand in the first two fields literally; what follows them is split like any segment.
            parts = body[1:].split(delimiters.field, 1)
            tree = hl7.parse(f"{header}\rZZZ{delimiters.field}{parts[1] if len(parts) > 1 else ''}\rZZZ")
            return _literal(delimiters.field), _literal(parts[0]), *_tree(tree[1])
        return _tree(hl7.parse(f"{header}\rZZZ{body}\rZZZ")[1])
    except (hl7.HL7Exception, IndexError, KeyError, AssertionError, ValueError, TypeError, AttributeError) as error:
        raise Rejected("nhs.hl7v2.segment", "Send a segment that can be parsed.", at=name) from error


def _literal(text: str) -> Field:
    return (((text,),),)


def _tree(segment: Any) -> tuple[Field, ...]:  # noqa: ANN401 - the library has no types
    """The library's segment as our values, without its name. A level that the text did not need is a plain string."""
    return tuple(_field(field) for field in list(segment)[1:])


def _field(field: Any) -> Field:  # noqa: ANN401 - the library has no types
    if isinstance(field, str):
        return _literal(field)
    return tuple(_repetition(each) for each in field) or _literal("")


def _repetition(repetition: Any) -> Repetition:  # noqa: ANN401 - the library has no types
    if isinstance(repetition, str):
        return ((repetition,),)
    return tuple((each,) if isinstance(each, str) else tuple(map(str, each)) for each in repetition) or (("",),)
