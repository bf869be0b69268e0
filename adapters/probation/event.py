"""probation.event: HMPPS domain events, bare or wrapped by SNS, to canonical notifications.

The subject is a person on probation, as a rule an adult; a concern names no child, so that the hub opens "child to be
identified". Events are thin: what they do not say stays empty, and ``detailUrl`` stays on the unmapped list.
A pointer goes on through SNS's ``Message`` into the JSON that it holds: ``/Message/eventType``.

Source: HMPPS domain event schema (eventType, version, occurredAt, personReference, additionalInformation);
Amazon SNS message format; docs/formats/probation-event.md.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from adapters.dates import moment
from adapters.json_restriction import handling
from adapters.json_sns import message_id, unwrap
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.port import Answer, FeedContext, Receipt
from adapters.probation import event_rules
from adapters.receipts import json_receipt
from adapters.strict_json import canonical
from schemas.errors import Rejected
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import ConcernDetail, Incident, Normalised, Notification, Reading, Referrer
from schemas.persons import Person
from schemas.vocabulary import ItemKind, Sector

NAME = "probation.event"
_KINDS = {
    "crn": IdentifierKind.CRN,
    "noms": IdentifierKind.NOMS,
    "nomsnumber": IdentifierKind.NOMS,
    "prisonernumber": IdentifierKind.NOMS,
    "offenderiddisplay": IdentifierKind.NOMS,
    "pnc": IdentifierKind.PNC,
    "pncnumber": IdentifierKind.PNC,
    "cro": IdentifierKind.CRO,
    "cronumber": IdentifierKind.CRO,
}
_ENTRY = re.compile(r"\d+/value")
_VERSION = re.compile(r"[0-9.]{1,8}")
_ZONE_NAME = re.compile(r"\[[A-Za-z_/+\-]{1,40}\]$")


class DomainEvent:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.PROBATION
    summary = "HMPPS domain events in JSON, bare or wrapped by SNS"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's; no options yet
        """Normalise one event.

        Raises:
            Rejected: it is no strict JSON or no domain event; ``at`` is a JSON pointer.
            TooLarge: it is over the limit on size, depth or values.
        """
        came = unwrap(payload, family=NAME)
        taking = JsonTaking(came.values)
        own_id = taking.carry("native_id", "/MessageId") if came.wrapped else ""
        if not own_id:
            own_id = f"sha256:{hashlib.sha256(canonical(came.message)).hexdigest()}"
        item = _item(taking, came.base, own_id)
        return Reading(native_id=own_id, format=item.notification.format, items=(item,))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where it was accepted, else problem details; with SNS's MessageId where it can be read."""
        return json_receipt(receipt, reference=message_id(payload, family=NAME))


ADAPTER = DomainEvent()


def _item(taking: JsonTaking, base: str, native_id: str) -> Normalised:
    more = f"{base}/additionalInformation"
    recorder = taking.recorder
    event = _event_type(taking, base)
    register = taking.values.get(f"{more}/registerTypeCode", "").strip().upper()
    kind, because = judge(event_rules.RULES, event_rules.Facts(event=event.lower(), register=register))
    at = _when(taking, base)
    adults = _subject(taking, base)
    concern = incident = None
    if kind is ItemKind.CONCERN:
        concern = _concern(taking, more, register)
        incident = _incident(taking, base)
    limits = handling(taking, base)
    agency = taking.carry("referrer.agency", "/MessageAttributes/source/Value")
    taking.leave_rest()
    version = taking.values.get(f"{base}/version", "")
    return Normalised(
        notification=Notification(
            native_id=native_id,
            format=f"{NAME}/{version}" if _VERSION.fullmatch(version) else NAME,
            kind=kind,
            kind_reason=because,
            event_at=at,
            adults=adults,
            concern=concern,
            incident=incident,
            referrer=Referrer(agency=agency) if agency else None,
            handling=limits,
            quality=recorder.quality,
        ),
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _event_type(taking: JsonTaking, base: str) -> str:
    """The event's own, else the one that SNS's attributes name: some senders put it there alone."""
    for pointer in (f"{base}/eventType", "/MessageAttributes/eventType/Value"):
        text = taking.values.get(pointer, "").strip()
        if text:
            return text
    raise Rejected("probation.event.event_type", "Name the event's type.", at=f"{base}/eventType")


def _when(taking: JsonTaking, base: str) -> datetime | None:
    """``occurredAt``, or the older ``eventDatetime``; nanoseconds are cut to microseconds, the whole stays listed."""
    for key in ("occurredAt", "eventDatetime"):
        pointer = f"{base}/{key}"
        text = taking.values.get(pointer)
        if text is None:
            continue
        at = moment(_ZONE_NAME.sub("", text.strip()))
        if at is not None:
            taking.recorder.take("event_at", pointer)
            return at
        taking.recorder.flag("date.unread", "event_at")
    return None


def _subject(taking: JsonTaking, base: str) -> tuple[Person, ...]:
    """The person that the event is about: every identifier, and the risk that a registration states."""
    more = f"{base}/additionalInformation"
    found: list[Identifier] = []
    for pointer, kind, issuer_at in _numbers(taking, base):
        field = f"adults[0].identifiers[{len(found)}]"
        made = taking.identify(field, pointer, kind, issuer_at)
        if any((made.kind, made.value) == (other.kind, other.value) for other in found):
            continue
        found.append(made)
    keys = ("registerTypeDescription", "registrationLevelDescription", "registrationCategoryDescription")
    risk = [taking.carry("adults[0].risk", f"{more}/{key}") for key in keys]
    if not found and not any(risk):
        taking.recorder.flag("person.missing", "adults")
        return ()
    if not found:
        taking.recorder.flag("identifier.missing", "adults[0].identifiers")
    return (Person(ref="adult-1", identifiers=tuple(found), risk="; ".join(each for each in risk if each)),)


def _numbers(taking: JsonTaking, base: str) -> list[tuple[str, IdentifierKind, str]]:
    """Pointer, kind and the issuer's pointer of each identifier: of personReference, and under keys of their own."""
    beside = (base, f"{base}/additionalInformation")
    start = f"{base}/personReference/identifiers/"
    referred, named = [], []
    for pointer, text in taking.values.items():
        parent, _, key = pointer.rpartition("/")
        if key == "value" and pointer.startswith(start) and _ENTRY.fullmatch(pointer, len(start)) and text.strip():
            type_at = f"{parent}/type"
            name = taking.values.get(type_at, "").strip()
            kind = _KINDS.get(name.lower(), IdentifierKind.LOCAL)
            referred.append((pointer, kind, type_at if kind is IdentifierKind.LOCAL else ""))
        elif parent in beside and key.lower() in _KINDS and text.strip():
            named.append((pointer, _KINDS[key.lower()], ""))
    return referred + named


def _concern(taking: JsonTaking, more: str, register: str) -> ConcernDetail:
    categories = event_rules.CATEGORIES.get(register, ())
    for index in range(len(categories)):
        taking.recorder.take(f"concern.categories[{index}]", f"{more}/registerTypeCode")
    return ConcernDetail(
        categories=categories,
        source_categories=tuple(
            text
            for text in (
                taking.carry(
                    "concern.source_categories[0]", f"{more}/registerTypeDescription", f"{more}/registerTypeCode"
                ),
            )
            if text
        ),
        source_grade=taking.carry("concern.source_grade", f"{more}/riskColour", f"{more}/registrationLevelDescription"),
    )


def _incident(taking: JsonTaking, base: str) -> Incident:
    more = f"{base}/additionalInformation"
    told = [
        taking.carry("incident.narrative", pointer)
        for pointer in (f"{base}/description", f"{more}/details", f"{more}/notes", f"{more}/registrationNotes")
    ]
    return Incident(
        narrative="\n".join(text for text in told if text),
        reference=taking.carry("incident.reference", f"{more}/registrationId"),
    )
