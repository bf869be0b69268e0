"""nhs.hl7v2: HL7 version 2 messages about patients to canonical notifications, and their acknowledgements.

Options of a feed: ``charset`` (as in MSH-18, where the sender's is wrong), ``nhs_authorities`` (more names of the
authority that issues NHS numbers), ``concern_codes`` (codes that make a message a concern, each with a canonical
category or an empty text).

Source: HL7 v2.1 to v2.8; docs/formats/nhs-hl7v2.md.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime

from adapters.dates import full_date, moment
from adapters.kinds import judge
from adapters.nhs import hl7_batch
from adapters.nhs import hl7_concern as concerns
from adapters.nhs.hl7_answer import acknowledge
from adapters.nhs.hl7_household import household
from adapters.nhs.hl7_kind import RULES, Facts, family_of, is_read
from adapters.nhs.hl7_message import Leaf, Message, Transmission
from adapters.nhs.hl7_people import Around
from adapters.nhs.hl7_reader import read
from adapters.nhs.hl7_taking import Said, Taking
from adapters.port import Answer, FeedContext, Receipt
from schemas.errors import Rejected
from schemas.notification import Reading
from schemas.vocabulary import ItemKind, Sector

NAME = "nhs.hl7v2"
_VERSION = re.compile(r"2(\.[0-9]{1,2}){0,2}")


class Hl7v2:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.1.0"
    sector = Sector.HEALTH
    summary = "HL7 v2.1 to 2.8, pipes and hats: ADT, REF, ORU, MDM, SIU and others; single messages and batches"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one message, or each message of a batch.

        Raises:
            Rejected: it can't be parsed, is of another family, or names no patient; ``at`` is such as ``MSH-9`` or,
                in a batch, ``MSG[2]/MSH-9``.
            TooLarge: it is over a limit.
        """
        charset = context.options.get("charset", "")
        sent = read(payload, charset=charset if isinstance(charset, str) else "")
        alone = len(sent.messages) == 1
        for number, message in enumerate(sent.messages, start=1):
            _check(message, "" if alone else f"MSG[{number}]/")
        items = tuple([_item(sent, number, payload, context) for number in range(len(sent.messages))])
        first = items[0]["notification"]
        # Everything becomes models at once, and is validated: an adapter can't make what a reader would refuse.
        return Reading.model_validate(
            {
                "native_id": hl7_batch.batch_id(sent) or (first["native_id"] if alone else _digest(payload)),
                "format": first["format"] if alone else NAME,
                "items": items,
            }
        )

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """An ACK in the sender's version, mode and delimiters; a generic one where its header can't be read."""
        return acknowledge(payload, receipt)


ADAPTER = Hl7v2()


def _check(message: Message, prefix: str) -> None:
    header = message.header
    family = family_of(message)
    if not family:
        raise Rejected("nhs.hl7v2.message_type", "Name the message's type.", at=f"{prefix}MSH-9")
    if not is_read(family):
        told = "Send a type that is about a patient, such as ADT, REF, ORU, MDM or SIU; this one is about none."
        raise Rejected("nhs.hl7v2.unsupported", told, at=f"{prefix}MSH-9")
    version = header.text(12)
    if version and not _VERSION.fullmatch(version):
        raise Rejected("nhs.hl7v2.version", "Send HL7 version 2.", at=f"{prefix}MSH-12")
    if message.first("PID") is None:
        raise Rejected("nhs.hl7v2.no_patient", "Send a PID segment.", at=f"{prefix}PID")


def _item(sent: Transmission, number: int, payload: bytes, context: FeedContext) -> Said:
    message = sent.messages[number]
    taking = Taking()
    header = message.header
    for flag in sent.flags:
        taking.flag(flag)
    if number == 0:
        for flag in hl7_batch.flags(sent):
            taking.flag(flag)
    native_id = taking.carry("native_id", header.leaf(10))
    if not native_id:
        taking.flag("native_id.missing", "native_id")
        native_id = _digest(payload) if len(sent.messages) == 1 else f"{_digest(payload)}/{number + 1}"
    event_at = _event(taking, message)
    kind, because = judge(RULES, Facts(message, context.options))
    worrying = kind is ItemKind.CONCERN
    hidden = concerns.hidden(message)
    notes = _notes(message, diagnoses=not worrying)
    people = household(taking, Around(message, _day(message, event_at), hidden, notes, context.options))
    concern = concerns.concern(taking, message, context.options) if worrying else None
    incident = concerns.incident(taking, message) if worrying else None
    handling = concerns.handling(taking, message, hidden)
    consent = concerns.consent(taking, message)
    referrer = concerns.referrer(taking, message)
    taking.leave_rest(message, sent.around if number == 0 else ())
    version = header.text(12)
    return taking.said(
        {
            "native_id": native_id,
            "format": f"{NAME}/{version}" if version else NAME,
            "kind": kind,
            "kind_reason": because,
            "event_at": event_at,
            "children": people.children,
            "adults": people.adults,
            "merges": people.merges,
            "concern": concern,
            "incident": incident,
            "referrer": referrer,
            "consent": consent,
            "handling": handling,
        }
    )


def _event(taking: Taking, message: Message) -> datetime | None:
    """When it happened: EVN-6, else when it was recorded (EVN-2), else when the message was made (MSH-7)."""
    event = message.first("EVN")
    for leaf in (*((event.leaf(6), event.leaf(2)) if event is not None else ()), message.header.leaf(7)):
        at = moment(leaf["value"]) if leaf is not None else None
        if leaf is not None and at is not None:
            taking.reword("event_at", leaf)
            return at
    return None


def _day(message: Message, event_at: datetime | None) -> date | None:
    return event_at.date() if event_at is not None else full_date(message.header.text(7))


def _notes(message: Message, *, diagnoses: bool) -> tuple[Leaf, ...]:
    """Allergies (AL1-3), and diagnoses (DG1-3) where they do not stand under the concern."""
    wanted = ("AL1", "DG1") if diagnoses else ("AL1",)
    found = (segment.leaf(3, 2) or segment.leaf(3) for name in wanted for segment in message.all(name))
    return tuple(leaf for leaf in found if leaf is not None)


def _digest(payload: bytes) -> str:
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"
