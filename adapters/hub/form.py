"""hub.form: the hub's own form, filled in at the console by a referrer without a system or by who takes a call.

The console makes it and nobody else sends it, yet it is kept, read and answered as every native message is: it goes
through the one front door. Everything on a form is a concern: nobody fills one in to report nothing.

Source: docs/formats/hub-form.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters import codes, natives
from adapters.json_taking import JsonTaking
from adapters.kinds import Rule, judge
from adapters.port import Answer, FeedContext, Receipt
from adapters.receipts import json_receipt
from adapters.strict_json import Json, decode, leaves, parse
from schemas.errors import MashError, Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import (
    ConcernDetail,
    Consent,
    Handling,
    Incident,
    Normalised,
    Notification,
    Reading,
    Referrer,
)
from schemas.persons import Address, Contact, Name, Person
from schemas.vocabulary import Concern, ItemKind, Sector

NAME = "hub.form"
MAX_PEOPLE = 50
_LONGEST_REFERENCE = 100


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    worry: bool


RULES = (
    Rule[Facts](kind=ItemKind.CONCERN, when=lambda facts: facts.worry, because="somebody filled in what worries them"),
)
"""Where the worry is empty too, the form is a concern: doubt means concern."""


class HubForm:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.LOCAL_AUTHORITY
    summary = "The hub's own form for referrers without a system, and for calls"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's; it has no options
        """Normalise one form.

        Raises:
            Rejected: it is no JSON object or has no id; ``at`` is a JSON pointer.
            TooLarge: it is over the limit on size, depth, values or people.
        """
        form = _form(payload)
        taking = JsonTaking(leaves(form))
        native_id = taking.carry("native_id", "/id")
        if not native_id:
            raise Rejected(f"{NAME}.id", "Give the form an id.", at="/id")
        return Reading(native_id=native_id, format=NAME, items=(_item(taking, native_id, form),))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where the form was accepted, else problem details; with its id where it can be read."""
        return json_receipt(receipt, reference=_reference(payload))


ADAPTER = HubForm()


def _form(payload: bytes) -> dict[str, Json]:
    form = parse(decode(payload, family=NAME), family=NAME)
    if not isinstance(form, dict):
        raise Rejected(f"{NAME}.object", "Send one JSON object.")
    return form


def _item(taking: JsonTaking, native_id: str, form: dict[str, Json]) -> Normalised:
    recorder = taking.recorder
    children = tuple(_child(taking, number) for number in range(_count(form, "children")))
    adults = tuple(_adult(taking, number) for number in range(_count(form, "adults")))
    concern, incident = _concern(taking, form), _incident(taking)
    danger = taking.carry("immediate_danger", "/danger")
    actions = taking.carry("actions_taken[0]", "/actions")
    referrer, consent = _referrer(taking), _consent(taking)
    handling = Handling(
        hidden_location=natives.caution(recorder, "handling.hidden_location", taking.native("/hidden_location")),
        source_protection=natives.caution(recorder, "handling.source_protection", taking.native("/source_protection")),
    )
    told_at = natives.moment(recorder, "event_at", taking.native("/told_at"))
    kind, because = judge(RULES, Facts(worry=bool(incident)))
    # Whatever nobody took is listed, last of all.
    taking.leave_rest()
    return Normalised(
        notification=Notification(
            native_id=native_id,
            format=NAME,
            kind=kind,
            kind_reason=because,
            event_at=told_at,
            children=children,
            adults=adults,
            concern=concern,
            incident=incident,
            immediate_danger=danger,
            actions_taken=(actions,) if actions else (),
            referrer=referrer,
            consent=consent,
            handling=handling,
            quality=recorder.quality,
        ),
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _concern(taking: JsonTaking, form: dict[str, Json]) -> ConcernDetail | None:
    said, named = list[str](), list[Concern]()
    for number in range(_count(form, "categories")):
        pointer = f"/categories/{number}"
        word = taking.carry(f"concern.source_categories[{len(said)}]", pointer)
        said += [word] if word else []
        category = codes.concern(word) if word else None
        if category is not None and category not in named:
            taking.recorder.take(f"concern.categories[{len(named)}]", pointer)
            named.append(category)
    return ConcernDetail(categories=tuple(named), source_categories=tuple(said)) if said else None


def _incident(taking: JsonTaking) -> Incident | None:
    worry = taking.carry("incident.narrative", "/worry")
    return Incident(narrative=worry) if worry else None


def _referrer(taking: JsonTaking) -> Referrer | None:
    name, role = taking.carry("referrer.name", "/referrer/name"), taking.carry("referrer.role", "/referrer/role")
    agency = taking.carry("referrer.agency", "/referrer/agency")
    telephone = taking.carry("referrer.contacts[0].value", "/referrer/telephone")
    if not (name or role or agency or telephone):
        return None
    contacts = (Contact(system="phone", value=telephone),) if telephone else ()
    return Referrer(agency=agency, role=role, name=name, contacts=contacts)


def _consent(taking: JsonTaking) -> Consent | None:
    informed = natives.answer(taking.recorder, "consent.informed", taking.native("/informed"))
    why_not = taking.carry("consent.why_not", "/why_not_informed")
    return Consent(informed=informed, why_not=why_not) if informed is not None or why_not else None


def _child(taking: JsonTaking, number: int) -> Person:
    field, at = f"children[{number}]", f"/children/{number}"
    known = taking.native(f"{at}/nhs_number").text != ""
    person = _person(taking, field, at, f"child-{number + 1}")
    identifiers = (taking.identify(f"{field}.identifiers[0]", f"{at}/nhs_number", IdentifierKind.NHS),) if known else ()
    return person.model_copy(update={"identifiers": identifiers, "addresses": _addresses(taking, field, at)})


def _adult(taking: JsonTaking, number: int) -> Person:
    field, at = f"adults[{number}]", f"/adults/{number}"
    person = _person(taking, field, at, f"adult-{number + 1}")
    relation = natives.lower(taking.recorder, f"{field}.relation", taking.native(f"{at}/relation"))
    return person.model_copy(update={"relation": relation})


def _person(taking: JsonTaking, field: str, at: str, ref: str) -> Person:
    given = taking.carry(f"{field}.names[0].given[0]", f"{at}/given")
    family = taking.carry(f"{field}.names[0].family", f"{at}/family")
    return Person(
        ref=ref,
        names=(Name(given=(given,) if given else (), family=family),) if given or family else (),
        birth_date=natives.partial_date(taking.recorder, f"{field}.birth_date", taking.native(f"{at}/born")),
    )


def _addresses(taking: JsonTaking, field: str, at: str) -> tuple[Address, ...]:
    line = taking.carry(f"{field}.addresses[0].lines[0]", f"{at}/address")
    postcode = taking.carry(f"{field}.addresses[0].postcode", f"{at}/postcode")
    return (Address(lines=(line,) if line else (), postcode=postcode),) if line or postcode else ()


def _count(form: dict[str, Json], name: str) -> int:
    listed = form.get(name)
    count = len(listed) if isinstance(listed, list) else 0
    if count > MAX_PEOPLE:
        raise TooLarge(f"{NAME}.many", "Name fewer in one form.", at=f"/{name}")
    return count


def _reference(payload: bytes) -> str:
    try:
        sent = _form(payload).get("id")
    except MashError:
        return ""
    return sent.strip()[:_LONGEST_REFERENCE] if isinstance(sent, str) else ""
