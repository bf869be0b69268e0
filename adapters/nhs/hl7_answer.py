"""HL7 v2 acknowledgements, for every fate and whatever the bytes are.

Original mode answers AA, AE or AR; enhanced mode answers what MSH-15 and MSH-16 ask for, and that may be nothing
(``hl7_mode``). A referral is answered by a referral's response (``hl7_referral``), anything else by ACK. A batch is
answered by a batch with an answer for each of its messages that asks for one. MSH-12 is echoed; from version 2.5 on ERR
tells the place in ERR-2 to ERR-8, before that also in ERR-1.

Source: HL7 v2.8 chapter 2.9 (acknowledgement); table 0008.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC
from functools import lru_cache
from typing import NamedTuple

import hl7
from hl7 import containers, util

from adapters.nhs.hl7_charset import decode
from adapters.nhs.hl7_error import error as error_fields
from adapters.nhs.hl7_escape import STANDARD, Delimiters, escape
from adapters.nhs.hl7_message import HEADERS
from adapters.nhs.hl7_mode import Mode, mode
from adapters.nhs.hl7_reader import MAX_MESSAGES, delimiters_of
from adapters.nhs.hl7_referral import EVENTS, SEGMENTS, Referral
from adapters.nhs.hl7_referral import fields as referral_fields
from adapters.port import STATUS, Answer, Fate, Receipt
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
_WITHOUT_STRUCTURE = ("2.1", "2.2", "2.3")
"""Versions whose MSH-9 has no third component."""
_LONGEST = 199
_HOLE = "\0"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an acknowledgement needs of the message's header: fields by their number in MSH, as sent.

    ``referral`` is there for a message that asks for a response to a referral.
    """

    delimiters: Delimiters = STANDARD
    fields: tuple[str, ...] = ()
    readable: bool = False
    referral: Referral | None = None

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
    """The acknowledgement of ``payload``, empty where none is wanted; its time is ``receipt.at``. Never raises."""
    headers, batch = _headers(payload)
    acks = [_ack(asked, receipt, payload, number) for number, asked in enumerate(headers)]
    text = "".join(acks)
    if batch is not None and text:
        text = _batch(batch, receipt, payload, [ack for ack in acks if ack])
    return Answer(status=STATUS[receipt.fate], media_type=MEDIA_TYPE, body=text.encode("utf-8", errors="replace"))


def _headers(payload: bytes) -> tuple[list[Asked], Asked | None]:
    """Every MSH that can be read, and the batch's header where there is one; one unreadable header where none can."""
    try:
        text = decode(payload).text
    except MashError:
        text = payload.decode("latin-1")
    messages: list[Asked] = []
    batch: Asked | None = None
    refers = False
    for sent in text.replace("\n", "\r").split("\r"):
        line = sent if sent[:3] in HEADERS else sent.lstrip("\x0b\ufeff \t")
        if line.startswith("MSH"):
            if len(messages) < MAX_MESSAGES:
                messages.append(_asked(line))
                refers = messages[-1].referral is not None
        elif refers and line.startswith(SEGMENTS):
            last = messages[-1]
            messages[-1] = replace(last, referral=(last.referral or Referral()).seeing(line, last.delimiters))
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
    asked = Asked(delimiters=delimiters, fields=tuple(line[4:].split(delimiters.field)), readable=True)
    if "REF" in line and asked.part(9, 1).upper() == "REF" and asked.part(9, 2).upper() in EVENTS:
        return replace(asked, referral=Referral())
    return asked


class Reply(NamedTuple):
    """What the acknowledgements of one sender's messages have in common: fields as they stand in them."""

    marks: Delimiters
    verdict: str
    refers: bool
    parties: tuple[str, str, str, str]
    kind: str
    processing: str
    version: str
    unicode: bool


def _reply(asked: Asked, verdict: str, wanted: Mode) -> Reply:
    marks = asked.delimiters
    trigger, version = asked.part(9, 2), asked.field(12) or "2.4"
    parties = (asked.field(5) or "MASH", asked.field(6), asked.field(3), asked.field(4))
    refers = asked.referral is not None and wanted.application
    named = ("RRI", trigger, "RRI_I12") if refers else ("ACK", trigger, "ACK") if trigger else ("ACK",)
    kind = marks.component.join(named[:2] if version in _WITHOUT_STRUCTURE else named)
    processing = asked.field(11) or "P"
    echoed = asked.referral if refers and asked.referral is not None else ()
    unicode = not "".join((*parties, kind, processing, version, asked.field(10), *echoed)).isascii()
    return Reply(marks, wanted.letter + verdict, refers, parties, kind, processing, version, unicode)


def _ack(asked: Asked, receipt: Receipt, payload: bytes, number: int) -> str:
    marks = asked.delimiters
    verdict = _VERDICT[receipt.fate]
    if not asked.readable and verdict == "E":
        verdict = "R"  # nothing says which message it was: it can only be rejected
    wanted = mode(asked.field(15), asked.field(16), success=verdict == "A")
    if not wanted.letter:
        return ""
    reply, told = _reply(asked, verdict, wanted), _told(receipt)
    time, control_id, asked_id = escape(_time(receipt), marks), _control_id(receipt, payload, number), asked.field(10)
    own = Own(time, control_id, asked_id)
    if reply.refers and asked.referral is not None:
        kept = escape(receipt.message_id, marks)
        own = Own(time, control_id, asked_id, asked.referral.number, kept, asked.referral.patient)
    if verdict == "A" and not told:
        start, to_control, to_asked, *rest = _skeleton(reply)
        begun = f"{start}{time}{to_control}{control_id}{to_asked}{asked_id}{rest[0]}"
        if not reply.refers:
            return begun
        return f"{begun}{own.referral}{rest[1]}{own.message_id}{rest[2]}{own.patient}{rest[3]}"
    old = _before_2_5(asked.field(12))
    error = None
    if verdict != "A":
        found = error_fields(receipt.fate, receipt.problem, told, marks, number=number, old=old)
        error = _segment("ERR", found, marks)
    return str(_message(reply, own, escape(told, marks)[:80] if old else "", error))


class Own(NamedTuple):
    """What an acknowledgement has for itself: its time, its control id, the one that it is about.

    Of a referral also: the sender's number for it, the hub's name for the message, the patient's number.
    """

    time: str
    control_id: str
    asked_id: str
    referral: str = ""
    message_id: str = ""
    patient: str = ""


@lru_cache(maxsize=128)
def _skeleton(reply: Reply) -> tuple[str, ...]:
    """An acceptance as the library builds it, in pieces: between them goes what it has for itself, in ``Own``'s order.

    No field holds the hole's own character: what is not printable was left out of each.
    """
    return tuple(str(_message(reply, Own(*[_HOLE] * 6), "", None)).split(_HOLE))


def _message(reply: Reply, own: Own, told: str, error: hl7.Segment | None) -> hl7.Message:
    marks = reply.marks
    header = {
        **dict(enumerate(reply.parties, start=3)),
        7: own.time,
        9: reply.kind,
        10: own.control_id,
        11: reply.processing,
        12: reply.version,
    }
    if reply.unicode:
        header[18] = "UNICODE UTF-8"
    acknowledged = {1: reply.verdict, 2: own.asked_id}
    if told:
        acknowledged[3] = told
    segments = [_segment("MSH", header, marks), _segment("MSA", acknowledged, marks)]
    if error is not None:
        segments.append(error)
    if reply.refers:
        echoed = Referral(own.referral, own.patient)
        more = referral_fields(echoed, own.message_id, marks, accepted=reply.verdict.endswith("A"))
        segments += [_segment(name, fields, marks) for name, fields in more]
    return hl7.Message(sequence=segments, esc=marks.escape, separators=_separators(marks))


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
