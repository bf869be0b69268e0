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

from adapters import natives
from adapters.json_restriction import handling
from adapters.json_sns import message_id, unwrap
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.port import Answer, FeedContext, Receipt
from adapters.probation import event_people, event_rules, event_time
from adapters.probation.alert_rules import CATEGORIES
from adapters.probation.registers import BY_CODE
from adapters.receipts import json_receipt
from adapters.strict_json import canonical
from schemas.errors import Rejected
from schemas.notification import ConcernDetail, Incident, Normalised, Notification, Reading, Referrer
from schemas.vocabulary import ItemKind, Sector

NAME = "probation.event"
_WRITTEN = ("details", "notes", "registrationNotes")
_DESCRIBED = ("registerTypeDescription", "alertDescription")
_VERSION = re.compile(r"[0-9.]{1,8}")


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
    register = _code(taking, f"{more}/registerTypeCode")
    kind, because = judge(event_rules.RULES, _facts(taking, base, event.lower(), register))
    at = _when(taking, base)
    adults = event_people.people(taking, base, event.lower())
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


def _code(taking: JsonTaking, *pointers: str) -> str:
    return next((text.strip().upper() for at in pointers if (text := taking.values.get(at, "")).strip()), "")


def _facts(taking: JsonTaking, base: str, event: str, register: str) -> event_rules.Facts:
    more = f"{base}/additionalInformation"
    written = [*(f"{more}/{key}" for key in _WRITTEN), *(f"{more}/{key}" for key in _DESCRIBED)]
    return event_rules.Facts(
        event=event,
        register=register,
        reason=_code(taking, f"{more}/reason", f"{base}/reason"),
        alert=_code(taking, f"{more}/alertCode"),
        alert_type=_code(taking, f"{more}/alertType", f"{more}/alertTypeCode"),
        words="\n".join(text for at in written if (text := taking.values.get(at))),
    )


def _when(taking: JsonTaking, base: str) -> datetime | None:
    """``occurredAt``, or the older ``eventDatetime``; nanoseconds are cut to microseconds, the whole stays listed."""
    for key in ("occurredAt", "eventDatetime"):
        pointer = f"{base}/{key}"
        text = taking.values.get(pointer)
        parts = [taking.values.get(f"{pointer}/{place}", "") for place in range(8)] if text is None else []
        told = [part for part in parts if part]
        if text is None and not told:
            continue
        at = event_time.moment(text) if text is not None else event_time.of_parts(told)
        if at is not None:
            for place in range(len(told)):
                taking.recorder.take("event_at", f"{pointer}/{place}")
            if text is not None:
                taking.recorder.take("event_at", pointer)
            return at
        taking.recorder.flag("date.unread", "event_at")
    return None


def _concern(taking: JsonTaking, more: str, register: str) -> ConcernDetail:
    row = BY_CODE.get(register)
    categories = row.categories if row is not None else ()
    if row is None and (category := CATEGORIES.get(_code(taking, f"{more}/alertCode"))) is not None:
        categories = (category,)
    for index in range(len(categories)):
        at = "registerTypeCode" if row is not None else "alertCode"
        taking.mark(f"concern.categories[{index}]", f"{more}/{at}")
    return ConcernDetail(
        categories=categories,
        source_categories=tuple(
            text
            for text in (
                taking.carry(
                    "concern.source_categories[0]",
                    *(f"{more}/{key}" for key in (*_DESCRIBED[:1], "registerTypeCode", *_DESCRIBED[1:], "alertCode")),
                ),
            )
            if text
        ),
        source_grade=taking.carry(
            "concern.source_grade",
            *(f"{more}/{key}" for key in ("riskColour", "registrationLevelDescription", "registrationLevelCode")),
        ),
    )


def _incident(taking: JsonTaking, base: str) -> Incident:
    more = f"{base}/additionalInformation"
    told = [
        taking.carry("incident.narrative", pointer)
        for pointer in (f"{base}/description", *(f"{more}/{key}" for key in (*_WRITTEN, "reason")), f"{base}/reason")
    ]
    return Incident(
        occurred_on=natives.read(
            taking.recorder,
            "incident.occurred_on",
            taking.native(f"{more}/registrationDate"),
            event_time.day,
            unread="date.unread",
        ),
        narrative="\n".join(text for text in told if text),
        reference=taking.carry("incident.reference", f"{more}/registrationId"),
    )
