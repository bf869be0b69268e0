"""HL7 v2 acknowledgements, for every fate and whatever the bytes are.

Original mode answers AA, AE or AR; enhanced mode (MSH-15 or MSH-16 given) answers CA, CE or CR. A batch is answered
by a batch with an acknowledgement for each of its messages. MSH-12 is echoed; from version 2.5 on ERR tells the place
in ERR-2 to ERR-8, before that also in ERR-1.

Source: HL7 v2.8 chapter 2.9 (acknowledgement), 2.15.4 (ERR); tables 0008, 0357, 0516.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import NamedTuple

import hl7
from hl7 import containers, util

from adapters.nhs.hl7_charset import decode
from adapters.nhs.hl7_escape import STANDARD, Delimiters, escape
from adapters.nhs.hl7_message import HEADERS
from adapters.nhs.hl7_reader import MAX_MESSAGES, delimiters_of
from adapters.port import STATUS, Answer, Fate, Problem, Receipt
from schemas.errors import MashError

for _noisy in (containers.logger, util.logger):
    _noisy.disabled = True  # python-hl7 logs the content of fields

MEDIA_TYPE = "application/hl7-v2+er7"

_VERDICT = {
    Fate.ACCEPTED: "A",
    Fate.DUPLICATE: "A",
    Fate.CONFLICT: "E",
    Fate.QUARANTINED: "E",
    Fate.REFUSED: "R",
    Fate.UNAVAILABLE: "R",
}
_TOLD = {
    Fate.CONFLICT: "The same control id came before with other content.",
    Fate.QUARANTINED: "The message was kept aside because it could not be read.",
    Fate.REFUSED: "The message was refused.",
    Fate.UNAVAILABLE: "The message could not be taken now; send it again later.",
}
_CONDITIONS = (
    # HL7 table 0357, by the end of our error's code
    ("unsupported", ("200", "Unsupported message type")),
    ("version", ("203", "Unsupported version id")),
    ("message_type", ("101", "Required field missing")),
    ("no_patient", ("100", "Segment sequence error")),
    ("header", ("100", "Segment sequence error")),
    ("empty_batch", ("100", "Segment sequence error")),
    ("delimiters", ("102", "Data type error")),
    ("charset", ("102", "Data type error")),
    ("segment", ("102", "Data type error")),
)
_BY_FATE = {Fate.CONFLICT: ("205", "Duplicate key identifier")}
_OTHERWISE = ("207", "Application internal error")
_AT = re.compile(
    r"(?:MSG\[(?P<message>\d+)\]/)?(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<number>\d+)\])?"
    r"(?:-(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?)?"
)
_LONGEST = 199
_HOLE = "\0"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an acknowledgement needs of the message's header: fields by their number in MSH, as sent."""

    delimiters: Delimiters = STANDARD
    fields: tuple[str, ...] = ()
    readable: bool = False

    def field(self, number: int) -> str:
        """MSH-``number`` as it was sent, without control characters and cut to a sane length."""
        found = self.fields[number - 2] if 2 <= number < len(self.fields) + 2 else ""
        if not found.isprintable():
            found = "".join(letter for letter in found if letter.isprintable())
        return found[:_LONGEST]

    def part(self, number: int, component: int) -> str:
        """One component of the field's first repetition."""
        first = self.field(number).split(self.delimiters.repetition)[0]
        parts = first.split(self.delimiters.component)
        return parts[component - 1] if len(parts) >= component else ""


def acknowledge(payload: bytes, receipt: Receipt) -> Answer:
    """The acknowledgement of ``payload``; its time is ``receipt.at``. Never raises."""
    headers, batch = _headers(payload)
    acks = [_ack(asked, receipt, payload, number) for number, asked in enumerate(headers)]
    text = "".join(acks)
    if batch is not None:
        text = _batch(batch, receipt, payload, acks)
    return Answer(status=STATUS[receipt.fate], media_type=MEDIA_TYPE, body=text.encode("utf-8", errors="replace"))


def _headers(payload: bytes) -> tuple[list[Asked], Asked | None]:
    """Every MSH that can be read, and the batch's header where there is one; one unreadable header where none can."""
    try:
        text = decode(payload).text
    except MashError:
        text = payload.decode("latin-1")
    messages: list[Asked] = []
    batch: Asked | None = None
    for sent in text.replace("\n", "\r").split("\r"):
        line = sent if sent[:3] in HEADERS else sent.lstrip("\x0b\ufeff \t")
        if line.startswith("MSH"):
            if len(messages) < MAX_MESSAGES:
                messages.append(_asked(line))
        elif batch is None and line.startswith(HEADERS):
            batch = _asked(line)
    readable = [asked for asked in messages if asked.readable]
    return readable or [Asked()], batch if batch is not None and batch.readable and readable else None


def _asked(line: str) -> Asked:
    try:
        delimiters = delimiters_of(line, line[:3])
    except MashError:
        return Asked()
    if not delimiters.all.isprintable():
        return Asked()
    return Asked(delimiters=delimiters, fields=tuple(line[4:].split(delimiters.field)), readable=True)


class Reply(NamedTuple):
    """What the acknowledgements of one sender's messages have in common: fields as they stand in them."""

    marks: Delimiters
    verdict: str
    parties: tuple[str, str, str, str]
    kind: str
    processing: str
    version: str
    unicode: bool


def _reply(asked: Asked, verdict: str) -> Reply:
    marks = asked.delimiters
    mode = "C" if asked.field(15) or asked.field(16) else "A"
    trigger = asked.part(9, 2)
    parties = (asked.field(5) or "MASH", asked.field(6), asked.field(3), asked.field(4))
    kind = marks.component.join(("ACK", trigger, "ACK") if trigger else ("ACK",))
    processing, version = asked.field(11) or "P", asked.field(12) or "2.4"
    unicode = not "".join((*parties, kind, processing, version, asked.field(10))).isascii()
    return Reply(marks, mode + verdict, parties, kind, processing, version, unicode)


def _ack(asked: Asked, receipt: Receipt, payload: bytes, number: int) -> str:
    marks = asked.delimiters
    verdict = _VERDICT[receipt.fate]
    if not asked.readable and verdict == "E":
        verdict = "R"  # nothing says which message it was: it can only be rejected
    reply, told = _reply(asked, verdict), _told(receipt)
    time, control_id = escape(_time(receipt), marks), _control_id(receipt, payload, number)
    if verdict == "A" and not told:
        start, to_control, to_asked, end = _skeleton(reply)
        return f"{start}{time}{to_control}{control_id}{to_asked}{asked.field(10)}{end}"
    version = asked.field(12)
    told = escape(told, marks)[:80] if told and _before_2_5(version) else ""
    error = _segment("ERR", _error(receipt, version, marks, number), marks) if verdict != "A" else None
    return str(_message(reply, (time, control_id, asked.field(10)), told, error))


@lru_cache(maxsize=128)
def _skeleton(reply: Reply) -> tuple[str, ...]:
    """An acceptance as the library builds it, in four pieces: between them go time, control id and acknowledged id.

    No field holds the hole's own character: what is not printable was left out of each.
    """
    return tuple(str(_message(reply, (_HOLE, _HOLE, _HOLE), "", None)).split(_HOLE))


def _message(reply: Reply, own: tuple[str, str, str], told: str, error: hl7.Segment | None) -> hl7.Message:
    """``own`` is what an acknowledgement has for itself: its time, its control id, the control id that it is about."""
    time, control_id, asked_id = own
    marks = reply.marks
    header = {
        **dict(enumerate(reply.parties, start=3)),
        7: time,
        9: reply.kind,
        10: control_id,
        11: reply.processing,
        12: reply.version,
    }
    if reply.unicode:
        header[18] = "UNICODE UTF-8"
    acknowledged = {1: reply.verdict, 2: asked_id}
    if told:
        acknowledged[3] = told
    segments = [_segment("MSH", header, marks), _segment("MSA", acknowledged, marks)]
    if error is not None:
        segments.append(error)
    return hl7.Message(sequence=segments, esc=marks.escape, separators=_separators(marks))


def _error(receipt: Receipt, version: str, marks: Delimiters, number: int) -> dict[int, str]:
    """ERR: where (in the message of a batch that it is about), what by table 0357, how bad, and our own code."""
    problem = receipt.problem or Problem(code=f"message.{receipt.fate}")
    code, words = _condition(receipt.fate, problem.code)
    place = _AT.fullmatch(problem.at)
    parts = place.groupdict() if place is not None and int(place["message"] or number + 1) == number + 1 else {}
    coded = marks.component.join((code, words, "HL70357"))
    error = {
        2: _location(parts, marks, default="1"),
        3: coded,
        4: "E",
        5: marks.component.join((escape(problem.code, marks), "", "MASH")),
        8: escape(_told(receipt), marks)[:250],
    }
    if _before_2_5(version):
        old = [parts.get(name) or "" for name in ("segment", "number", "field")]
        error[1] = marks.component.join((*old, marks.sub.join((code, words, "HL70357"))))
    return error


def _condition(fate: Fate, code: str) -> tuple[str, str]:
    if fate in _BY_FATE:
        return _BY_FATE[fate]
    return next((condition for end, condition in _CONDITIONS if code.endswith(f".{end}")), _OTHERWISE)


def _location(parts: dict[str, str | None], marks: Delimiters, *, default: str) -> str:
    """An ERL: segment, its number, field, repetition, component, subcomponent; as far as they are known."""
    if not parts:
        return ""
    told = [parts["segment"], parts["number"] or default]
    if parts["field"]:
        told += [parts["field"], parts["repetition"] or default]
    if parts["field"] and parts["component"]:
        told.append(parts["component"])
    if parts["field"] and parts["component"] and parts["sub"]:
        told.append(parts["sub"])
    return marks.component.join(each or "" for each in told)


def _batch(asked: Asked, receipt: Receipt, payload: bytes, acks: list[str]) -> str:
    marks = asked.delimiters
    header = {
        3: asked.field(5) or "MASH",
        4: asked.field(6),
        5: asked.field(3),
        6: asked.field(4),
        7: escape(_time(receipt), marks),
        11: _control_id(receipt, payload, len(acks)),
        12: asked.field(11),
    }
    lines = [str(_segment("BHS", header, marks)), *(ack.rstrip("\r") for ack in acks)]
    return "\r".join([*lines, str(_segment("BTS", {1: str(len(acks))}, marks))]) + "\r"


def _segment(name: str, fields: dict[int, str], marks: Delimiters) -> hl7.Segment:
    """A segment of the library's, from fields whose text is already escaped."""
    separators = _separators(marks)
    made = hl7.Segment(sequence=[_field(name, marks)], esc=marks.escape, separators=separators)
    if name in ("MSH", "BHS"):
        fields = {1: marks.field, 2: marks.encoding, **fields}
    for number in range(1, max(fields) + 1):
        made.append(_field(fields.get(number, ""), marks))
    return made


def _field(text: str, marks: Delimiters) -> hl7.Field:
    return hl7.Field(sequence=[text], esc=marks.escape, separators=_separators(marks))


def _separators(marks: Delimiters) -> str:
    return "\r" + marks.field + marks.repetition + marks.component + marks.sub


def _told(receipt: Receipt) -> str:
    problem = receipt.problem
    return problem.detail if problem is not None and problem.detail else _TOLD.get(receipt.fate, "")


def _time(receipt: Receipt) -> str:
    return receipt.at.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")


def _control_id(receipt: Receipt, payload: bytes, number: int) -> str:
    """At most 20 characters: of the name under which it was stored, else of a digest; the rest of a batch counts on."""
    seed = receipt.message_id.rpartition("_")[2]
    if not seed:
        seed = hashlib.sha256(receipt.at.isoformat().encode() + payload).hexdigest()
    if not (seed.isascii() and seed.isalnum()):
        seed = "".join(letter for letter in seed if letter.isascii() and letter.isalnum())
    safe = seed.upper()
    return safe[:20] if number == 0 else f"{safe[:15]}-{number}"


def _before_2_5(version: str) -> bool:
    return re.match(r"2\.[0-4](\D|$)", version) is not None or not version
