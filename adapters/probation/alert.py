"""probation.alert: alerts of prisoners (NOMIS, the Alerts API), one or a list, to a notification each.

The prisoner is an adult. Children are not named: a concern opens "child to be identified". What stands around a list,
such as the prisoner's name, goes with each of its alerts.

Source: Prison API and HMPPS Integration API (flat alerts), HMPPS Alerts API (nested alertCode), Prisoner Search, as
docs/formats/probation-alert.md describes them; no version is given in the messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from adapters import codes, natives
from adapters.json_restriction import handling, is_redacted
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.natives import ABSENT, Native
from adapters.port import Answer, FeedContext, Receipt
from adapters.probation import alert_rules
from adapters.receipts import json_receipt
from adapters.strict_json import Json, canonical, decode, leaves, parse
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import ConcernDetail, Incident, Normalised, Notification, Reading
from schemas.persons import Name, Person
from schemas.vocabulary import ItemKind, Sector

NAME = "probation.alert"
MAX_ALERTS = 1_000
_LISTS = ("content", "data", "alerts")
_CODE = ("alertCode", "alertCode/code", "code")
_TYPE = ("alertType", "alertCode/alertTypeCode", "type")
_MEANING = ("alertCodeDescription", "alertCode/description", "codeDescription")
_TYPE_MEANING = ("alertTypeDescription", "alertCode/alertTypeDescription", "typeDescription")
_COMMENTS = ("comment", "description")
_STARTED = ("dateCreated", "activeFrom")
_TOLD = ("lastModifiedAt", "modifiedDateTime", "createdAt")
_ENDS = ("dateExpires", "dateExpired", "activeTo")
_REFERENCES = ("alertUuid", "alertId")
_OFFICERS = (("addedByFirstName", "addedByLastName"), ("createdByDisplayName",), ("createdBy",))
_NUMBERS: Mapping[str, IdentifierKind] = {
    "offenderNo": IdentifierKind.NOMS,
    "prisonNumber": IdentifierKind.NOMS,
    "prisonerNumber": IdentifierKind.NOMS,
    "nomsNumber": IdentifierKind.NOMS,
    "offenderIdDisplay": IdentifierKind.NOMS,
    "crn": IdentifierKind.CRN,
    "pncNumber": IdentifierKind.PNC,
    "croNumber": IdentifierKind.CRO,
    "bookingId": IdentifierKind.LOCAL,
}


class PrisonAlert:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.PROBATION
    summary = "Prison alerts (NOMIS and HMPPS Alerts API) in JSON, one or a list"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's; no options yet
        """Normalise one message: an item for each alert.

        Raises:
            Rejected: it is no strict JSON, holds no alert, or something among alerts that is none; ``at`` is a pointer.
            TooLarge: it is over the limit on size, depth, values or alerts.
        """
        whole = parse(decode(payload, family=NAME), family=NAME)
        alerts, around = _alerts(whole)
        native_id = _digest(whole)
        alone, shared = len(alerts) == 1, _of_all(around)
        items = tuple(
            _item(
                JsonTaking((around if place == 0 else shared) | leaves(alert, pointer)),
                pointer,
                native_id if alone else f"{native_id}/{place + 1}",
            )
            for place, (pointer, alert) in enumerate(alerts)
        )
        return Reading(native_id=native_id, format=NAME, items=items)

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where it was accepted, else problem details."""
        return json_receipt(receipt)


ADAPTER = PrisonAlert()


def _digest(whole: Json) -> str:
    """An alert keeps its number when it changes, so what it says now is its identity."""
    return f"sha256:{hashlib.sha256(canonical(whole)).hexdigest()}"


def _alerts(whole: Json) -> tuple[list[tuple[str, dict[str, Json]]], dict[str, str]]:
    """Each alert with its pointer, and every value around them."""
    listed, base, around = whole, "", {}
    if isinstance(whole, dict):
        if _is_alert(whole):
            return [("", whole)], {}
        key = next((key for key in _LISTS if key in whole), "")
        listed, base = whole.get(key), f"/{key}"
        if isinstance(listed, dict) and _is_alert(listed):
            return [(base, listed)], leaves({other: value for other, value in whole.items() if other != key})
        around = leaves({other: value for other, value in whole.items() if other != key})
    if not isinstance(listed, list):
        raise Rejected(f"{NAME}.shape", "Send an alert or a list of alerts.")
    if not listed:
        raise Rejected(f"{NAME}.empty", "Send at least one alert.", at=base)
    if len(listed) > MAX_ALERTS:
        raise TooLarge(f"{NAME}.alerts", f"Send at most {MAX_ALERTS} alerts at once.", at=base)
    found: list[tuple[str, dict[str, Json]]] = []
    for index, each in enumerate(listed):
        if not isinstance(each, dict) or not _is_alert(each):
            raise Rejected(f"{NAME}.code", "Give each alert its code.", at=f"{base}/{index}")
        found.append((f"{base}/{index}", each))
    return found, around


def _is_alert(value: dict[str, Json]) -> bool:
    code = value.get("alertCode", value.get("code"))
    if isinstance(code, dict):
        code = code.get("code")
    return isinstance(code, str) and bool(code.strip())


_MOST_CAVEATS = 4
_OF_ALL = ("firstName", "middleNames", "lastName", "dateOfBirth", "gender", *_NUMBERS)


def _of_all(around: Mapping[str, str]) -> dict[str, str]:
    """What around a list says who all of its alerts are about, and that access to them is limited."""
    limited = JsonTaking(around)
    said = handling(limited)
    limited.leave_rest()
    marks = [each.pointer for each in limited.recorder.provenance if each.field == "handling.restricted"]
    caveats = [each.pointer for each in limited.recorder.provenance if each.field == "handling.caveat"]
    # One mark restricts as well as a thousand, which each alert would have to carry.
    kept = {*(f"/{key}" for key in _OF_ALL), *marks[:1], *(caveats[:_MOST_CAVEATS] if said.caveat else ())}
    return {pointer: text for pointer, text in around.items() if pointer in kept}


def _first(taking: JsonTaking, base: str, keys: tuple[str, ...]) -> Native:
    return next((native for key in keys if (native := taking.native(f"{base}/{key}")).text), ABSENT)


def _item(taking: JsonTaking, base: str, native_id: str) -> Normalised:
    recorder = taking.recorder
    code, meaning, comment = (_first(taking, base, keys) for keys in (_CODE, _MEANING, _COMMENTS))
    kind, because = judge(
        alert_rules.RULES,
        alert_rules.Facts(
            code=code.text.upper(),
            type=_first(taking, base, _TYPE).text.upper(),
            words=f"{meaning.text}\n{comment.text}",
            ended=_ended(taking, base),
        ),
    )
    at = natives.moment(recorder, "event_at", _first(taking, base, _TOLD))
    person = _person(taking, base, code, meaning)
    concern = incident = None
    if kind is ItemKind.CONCERN:
        concern = _concern(taking, base, code, meaning)
        incident = _incident(taking, base, comment)
    limits = handling(taking)
    taking.leave_rest()
    return Normalised(
        notification=Notification(
            native_id=native_id,
            format=NAME,
            kind=kind,
            kind_reason=because,
            event_at=at,
            adults=(person,),
            concern=concern,
            incident=incident,
            handling=limits,
            quality=recorder.quality,
        ),
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _ended(taking: JsonTaking, base: str) -> bool:
    """Whether the source says so outright: a date that passed says nothing without a clock."""
    active = [taking.native(f"{base}/{key}").text for key in ("active", "isActive")]
    expired = taking.native(f"{base}/expired").text
    if any(codes.answer(text) is True for text in active):
        return False
    return any(codes.answer(text) is False for text in active) or codes.answer(expired) is True


def _person(taking: JsonTaking, base: str, code: Native, meaning: Native) -> Person:
    recorder = taking.recorder.within("adults[0]")
    identifiers = _identifiers(taking, base)
    if not identifiers:
        recorder.flag("identifier.missing", "identifiers")
    kind = _first(taking, base, _TYPE_MEANING)
    given = [native for key in ("firstName", "middleNames") if (native := _about(taking, base, key)).text]
    family = _about(taking, base, "lastName")
    names = Name(
        given=natives.carry_each(recorder, "names[0].given", given),
        family=natives.carry(recorder, "names[0].family", family),
    )
    return Person(
        ref="adult-1",
        names=(names,) if names.given or names.family else (),
        birth_date=natives.partial_date(recorder, "birth_date", _about(taking, base, "dateOfBirth")),
        sex=natives.read(recorder, "sex", _about(taking, base, "gender"), codes.sex),
        identifiers=identifiers,
        risk=natives.join(recorder, "risk", (kind, meaning if meaning.text else code), ": "),
    )


def _about(taking: JsonTaking, base: str, key: str) -> Native:
    """What the alert, or else what stands around it, says of the prisoner."""
    for pointer in dict.fromkeys((f"{base}/{key}", f"/{key}")):
        native = taking.native(pointer)
        if native.text and not is_redacted(native.text):
            return native
    return ABSENT


def _identifiers(taking: JsonTaking, base: str) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for key, kind in _NUMBERS.items():
        native = _about(taking, base, key)
        if not native.text:
            continue
        issuer = key if kind is IdentifierKind.LOCAL else ""
        place = f"adults[0].identifiers[{len(made)}]"
        each = taking.recorder.identify(place, native.pointer, kind, native.text, issuer=issuer)
        if not any((each.kind, each.value) == (other.kind, other.value) for other in made):
            made.append(each)
    return tuple(made)


def _concern(taking: JsonTaking, base: str, code: Native, meaning: Native) -> ConcernDetail:
    recorder = taking.recorder.within("concern")
    category = alert_rules.CATEGORIES.get(code.text.upper())
    if category is not None:
        taking.mark("concern.categories[0]", code.pointer)
    ends = _first(taking, base, _ENDS)
    if ends.text:
        recorder.take("factors[0]", ends.pointer)
    return ConcernDetail(
        categories=(category,) if category is not None else (),
        source_categories=natives.carry_each(recorder, "source_categories", (meaning, code)),
        factors=(f"Ends: {ends.text}",) if ends.text else (),
    )


def _incident(taking: JsonTaking, base: str, comment: Native) -> Incident:
    recorder = taking.recorder.within("incident")
    officers = ([taking.native(f"{base}/{key}") for key in keys] for keys in _OFFICERS)
    return Incident(
        occurred_on=natives.partial_date(recorder, "occurred_on", _first(taking, base, _STARTED)),
        narrative=natives.carry(recorder, "narrative", comment),
        reference=natives.carry(recorder, "reference", _first(taking, base, _REFERENCES)),
        officer=natives.join(
            recorder, "officer", next((each for each in officers if any(one.text for one in each)), ()), " "
        ),
    )
