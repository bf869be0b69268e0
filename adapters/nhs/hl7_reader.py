"""Bytes to HL7 v2 messages: the lines told apart, headers, delimiters and sizes checked, nothing split before its time.

Ours, and not python-hl7's, since every message passes here (ADR 0010). The library stands beside it in the tests as
the oracle: over generated messages and over a public corpus both find the same values in the same places.

Source: HL7 v2.8 chapter 2.5 (message framework), 2.10.3 (batches).
"""

from __future__ import annotations

import re
from functools import lru_cache

from adapters.nhs.hl7_charset import decode
from adapters.nhs.hl7_escape import STANDARD, Delimiters
from adapters.nhs.hl7_message import HEADERS, Message, Segment, Transmission
from schemas.errors import Rejected, TooLarge

MAX_BYTES = 5 * 1024 * 1024
MAX_MESSAGES = 1_000
MAX_SEGMENTS = 20_000
MAX_VALUES = 200_000
MAX_PEOPLE = 6_000
"""Segments that each name a person. A batch of a thousand messages with a patient and five of kin has as many."""
MAX_REPETITIONS = 40_000

_PEOPLE = ("PID", "NK1", "MRG")
_AROUND = ("FHS", "BHS", "BTS", "FTS")
_ABSENT = "\x01\x02\x03\x04"
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_FRAMING = "\x0b\x1c\ufeff \t\r\n"
"""What may stand around a message in a file: MLLP's own bytes, a stray byte order mark, blank lines."""
_NEXT_FRAME = re.compile(r"\x1c?\r?\n?\x0b(?=MSH|BHS|FHS)")
"""Where a file was made of what went over a line: the next message is one of its own, and no text of the last."""


def read(payload: bytes, *, charset: str = "") -> Transmission:
    """The messages in ``payload``. Segments may end in CR, LF or CRLF; a line that starts no segment goes on the last.

    Raises:
        Rejected: it does not start with a header, or a header names no usable delimiters.
        TooLarge: it is over the limit on bytes, messages, segments, people, values or repetitions.
    """
    if len(payload) > MAX_BYTES:
        raise TooLarge("nhs.hl7v2.size", "Send at most 5 MiB at once.")
    decoded = decode(payload, configured=charset)
    lines = _lines(decoded.text)
    if lines[0][:3] not in HEADERS:
        raise Rejected("nhs.hl7v2.header", "Start the message with MSH, or a batch with BHS or FHS.", at="MSH")
    messages: list[list[str]] = []
    rests: dict[tuple[int, int], list[str]] = {}  # what goes on which line of which message
    around: list[tuple[str, Delimiters]] = []
    before: list[int] = []
    delimiters = STANDARD
    named: list[Delimiters] = []
    for line in lines:
        name = line[:3]
        if messages and line[3:4] == delimiters.field and _is_plain(name):
            messages[-1].append(line)
            continue
        if name in HEADERS:
            delimiters = delimiters_of(line, _place(len(messages) + (name == "MSH"), name))
        starts = line[3:4] in ("", delimiters.field)
        if name == "MSH":
            if len(messages) == MAX_MESSAGES:
                raise TooLarge("nhs.hl7v2.messages", "Send at most 1000 messages in a batch.")
            messages.append([line])
            named.append(delimiters)
        elif starts and name in _AROUND:
            around.append((line, delimiters))
            before.append(len(messages))
        elif not line.strip():
            continue
        elif not messages:
            raise Rejected("nhs.hl7v2.header", "Put a header before the first segment.", at="MSH")
        elif starts and _NAME.fullmatch(name):
            messages[-1].append(line)
        else:
            rests.setdefault((len(messages) - 1, len(messages[-1]) - 1), []).append(line)
    _limit_count(messages, len(around))
    mended = _mend(messages, rests, named)
    _limit_values([*zip(messages, named, strict=True), *(([line], marks) for line, marks in around)])
    read_all = [
        Message(_segments(each, named[number]), mended=number in mended) for number, each in enumerate(messages)
    ]
    seen: dict[str, int] = {}
    return Transmission(read_all, [_segment(line, marks, seen) for line, marks in around], before, decoded.flags)


def _lines(text: str) -> list[str]:
    text = text.strip(_FRAMING)
    if "\x0b" in text:
        text = _NEXT_FRAME.sub("\r", text)
    return text.replace("\r\n", "\r").replace("\n", "\r").split("\r")


@lru_cache(maxsize=256)
def _is_plain(name: str) -> bool:
    """Whether a segment of this name belongs to a message and is no header."""
    return _NAME.fullmatch(name) is not None and name not in HEADERS and name not in _AROUND


def _place(number: int, name: str) -> str:
    return f"MSG[{number}]/{name}" if number > 1 and name == "MSH" else name


def delimiters_of(line: str, place: str) -> Delimiters:
    """What the header names. Four encoding characters, or five with the truncation character of version 2.7.

    Raises:
        Rejected: there are none or too many, one is named twice, or one is a letter, a digit or a blank.
    """
    separator = line[3:4]
    encoding = line[4:10].split(separator, 1)[0] if separator else ""
    if not 1 <= len(encoding) <= 5:
        raise Rejected("nhs.hl7v2.delimiters", "Name the delimiters in the header's second field.", at=f"{place}-2")
    found = _delimiters(separator, encoding)
    if found is None:
        raise Rejected(
            "nhs.hl7v2.delimiters",
            "Name each delimiter once, and none that is a letter, a digit or a blank.",
            at=f"{place}-2",
        )
    return found


@lru_cache(maxsize=64)
def _delimiters(separator: str, encoding: str) -> Delimiters | None:
    named = separator + encoding
    if len(set(named)) != len(named) or any(each.isalnum() or each == '"' or not "!" <= each <= "~" for each in named):
        return None
    # A header may leave the later ones out: the message then has none, and a character that no text holds stands in.
    full = encoding + _ABSENT[len(encoding) :]
    return Delimiters(field=separator, component=full[0], repetition=full[1], escape=full[2], sub=full[3])


def _mend(
    messages: list[list[str]], rests: dict[tuple[int, int], list[str]], named: list[Delimiters]
) -> frozenset[int]:
    """Join to each line what goes on it. The messages that this changed, by their place."""
    for (message, place), rest in rests.items():
        messages[message][place] = "\n".join((messages[message][place], *rest))
        if place == 0:
            named[message] = delimiters_of(messages[message][0], "MSH")
    return frozenset(message for message, _ in rests)


def _limit_count(messages: list[list[str]], around: int) -> None:
    if not messages:
        raise Rejected("nhs.hl7v2.empty_batch", "Send at least one message in the batch.", at="MSH")
    if sum(map(len, messages)) + around > MAX_SEGMENTS:
        raise TooLarge("nhs.hl7v2.segments", "Send at most 20000 segments at once.")
    # Each costs more than any other segment. Where there are no more segments than that, none need be counted.
    if sum(map(len, messages)) > MAX_PEOPLE:
        people = sum(1 for lines in messages for line in lines if line[:3] in _PEOPLE)
        if people > MAX_PEOPLE:
            raise TooLarge("nhs.hl7v2.people", f"Send at most {MAX_PEOPLE} PID, NK1 and MRG segments at once.")


def _limit_values(parts: list[tuple[list[str], Delimiters]]) -> None:
    # Every value past the first needs a delimiter: a transmission that is short holds few, without counting.
    size = sum([sum(map(len, lines)) for lines, _ in parts])
    if size <= MAX_REPETITIONS:
        return
    if sum(line.count(marks.repetition) for lines, marks in parts for line in lines) > MAX_REPETITIONS:
        raise TooLarge("nhs.hl7v2.repetitions", f"Send at most {MAX_REPETITIONS} repetitions at once.")
    if size <= MAX_VALUES:
        return
    marks = 0
    for lines, delimiters in parts:
        marks += sum(line.count(each) for line in lines for each in delimiters.all if each != delimiters.escape)
    if marks > MAX_VALUES:
        raise TooLarge("nhs.hl7v2.values", "Send at most 200000 values at once.")


def _segments(lines: list[str], delimiters: Delimiters) -> list[Segment]:
    seen: dict[str, int] = {}
    return [_segment(line, delimiters, seen) for line in lines]


def _segment(line: str, delimiters: Delimiters, seen: dict[str, int]) -> Segment:
    """The line's fields. ``seen`` counts the segments of each name so far."""
    name = line[:3]
    number = seen[name] = seen.get(name, 0) + 1
    if name in HEADERS:
        # The delimiters stand in the first two fields literally, the first of them between the name and the second.
        return Segment(name, number, [delimiters.field, *line[4:].split(delimiters.field)], delimiters)
    return Segment(name, number, line.split(delimiters.field)[1:], delimiters)
