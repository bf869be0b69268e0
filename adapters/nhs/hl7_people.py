"""People of an HL7 v2 message: PID and PD1 for a patient, NK1 for those around the patient.

What is said of them are the fields of the models in ``schemas.persons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from adapters.dates import partial_date
from adapters.nhs import hl7_codes as codes
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.nhs.hl7_taking import Said, Taking
from schemas.identifiers import IdentifierKind
from schemas.persons import NameUse, Sex

ADULT_AT = 18


class Around(NamedTuple):
    """What everybody in the message shares: its day where known, what hides locations, notes, the feed's options."""

    message: Message
    when: date | None
    hidden: Leaf | None
    notes: tuple[Leaf, ...]
    options: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Where a segment holds what both PID and NK1 hold."""

    names: int
    birth: int
    sex: int
    addresses: int
    phones: tuple[int, ...]
    language: int
    ethnicity: tuple[int, ...]


PATIENT = Fields(names=5, birth=7, sex=8, addresses=11, phones=(13, 14), language=15, ethnicity=(22, 10))
KIN = Fields(names=2, birth=16, sex=15, addresses=4, phones=(5, 6), language=20, ethnicity=(28, 35))


def born(segment: Segment, fields: Fields) -> str | None:
    """The birth date as far as it is known and can be read."""
    leaf = segment.leaf(fields.birth)
    return partial_date(leaf["value"]) if leaf is not None else None


def is_child(birth: str | None, when: date | None) -> bool | None:
    """Whether the person was under 18 then; None where the birth date is missing or in the future."""
    if when is None or birth is None:
        return None
    age = when.year - int(birth[:4])
    if len(birth) < len("2014-06-11"):
        return None if age in (ADULT_AT, ADULT_AT - 1) or age < 0 else age < ADULT_AT
    day = when.isoformat()
    return None if birth > day else age - (day[4:] < birth[4:]) < ADULT_AT


def details(taking: Taking, segment: Segment, fields: Fields, birth: str | None, around: Around) -> Said:
    """What PID and NK1 alike say of a person who was born at ``birth``."""
    said: Said = {
        "names": tuple(names(taking, segment, fields.names)),
        "birth_date": birth_date(taking, segment.leaf(fields.birth), birth, around.when),
        "sex": sex(taking, segment.leaf(fields.sex)),
        "addresses": tuple(addresses(taking, segment, fields.addresses, hidden=around.hidden)),
        "contacts": tuple(contacts(taking, segment, fields.phones)),
        "language": _words(taking, "language", segment, fields.language),
    }
    for field in fields.ethnicity:
        if segment.text(field):
            said["ethnicity"] = _words(taking, "ethnicity", segment, field)
            break
    return said


def names(taking: Taking, segment: Segment, field: int, *, start: int = 0, use: NameUse | None = None) -> list[Said]:
    """Every repetition of a name (XPN), the first at ``names[start]``."""
    found: list[Said] = []
    for place in segment.repetitions(field):
        family, given = segment.leaf(field, 1, place), segment.leaf(field, 2, place)
        more = segment.leaf(field, 3, place)
        if family is None and given is None and more is None:
            continue
        title, kind = segment.leaf(field, 5, place), segment.leaf(field, 7, place)
        at = f"names[{start + len(found)}]"
        code = taking.reword(f"{at}.use", kind).upper() if kind is not None and use is None else ""
        found.append(
            {
                "use": use or codes.NAME_USE.get(code, NameUse.ALIAS),
                "family": taking.carry(f"{at}.family", family),
                "given": taking.carry_each(f"{at}.given", (given, more)),
                "title": taking.carry(f"{at}.title", title),
            }
        )
    return found


def birth_date(taking: Taking, leaf: Leaf | None, read: str | None, when: date | None) -> str | None:
    """The birth date as it was read. One that can't be read, or lies ahead, is left and flagged."""
    if leaf is None:
        return None
    if read is None:
        taking.flag("date.unread", "birth_date")
        return None
    if when is not None and read > when.isoformat():
        taking.flag("date.in_the_future", "birth_date")
        return None
    taking.reword("birth_date", leaf)
    return read


def sex(taking: Taking, leaf: Leaf | None) -> Sex | None:
    """By the codes of HL7 and of the NHS alike."""
    if leaf is None:
        return None
    read = codes.SEX.get(leaf["value"].strip().upper())
    if read is None:
        taking.flag("code.unread", "sex")
        return None
    taking.reword("sex", leaf)
    return read


def addresses(taking: Taking, segment: Segment, field: int, *, hidden: Leaf | None) -> list[Said]:
    """Every repetition of an address (XAD). Where the location is hidden, each is confidential."""
    found: list[Said] = []
    streets = segment.subs(field, 1)
    for place in segment.repetitions(field):
        lines = (*streets.get(place, ()), *[segment.leaf(field, component, place) for component in (2, 3, 4)])
        postcode, kind = segment.leaf(field, 5, place), segment.leaf(field, 7, place)
        if postcode is None and not any(lines):
            continue
        at = f"addresses[{len(found)}]"
        use = "home"
        if kind is not None:
            use = codes.ADDRESS_USE.get(taking.reword(f"{at}.use", kind).upper(), codes.ADDRESS_USE_OTHER)
        if hidden is not None:
            taking.reword(f"{at}.confidential", hidden)
        found.append(
            {
                "lines": taking.carry_each(f"{at}.lines", lines),
                "postcode": taking.carry(f"{at}.postcode", postcode),
                "use": use,
                "confidential": hidden is not None,
            }
        )
    return found


def contacts(taking: Taking, segment: Segment, fields: tuple[int, ...], *, at: str = "contacts") -> list[Said]:
    """Telephone numbers and e-mail addresses (XTN): component 1, 4 or 12, else area and number together."""
    found: list[Said] = []
    for field in fields:
        for place in segment.repetitions(field):
            whole = [(each, leaf) for each in (1, 4, 12) if (leaf := segment.leaf(field, each, place)) is not None]
            kind = segment.leaf(field, 3, place)
            online_kind = kind is not None and kind["value"].strip().casefold() in ("internet", "x.400")
            for component, leaf in whole:
                online = component == 4 or online_kind or "@" in leaf["value"]
                taking.take(f"{at}[{len(found)}].system", leaf["pointer"])
                value = taking.carry(f"{at}[{len(found)}].value", leaf)
                found.append({"system": "email" if online else "phone", "value": value})
            area, local = segment.leaf(field, 6, place), segment.leaf(field, 7, place)
            if not whole and local is not None:
                taking.take(f"{at}[{len(found)}].system", local["pointer"])
                parts = taking.carry_all(f"{at}[{len(found)}].value", (area, local))
                found.append({"system": "phone", "value": " ".join(parts)})
    return found


def identifiers(
    taking: Taking, segments: tuple[tuple[Segment, int], ...], tracing: Leaf | None, options: Mapping[str, object]
) -> list[Said]:
    """Every repetition of the given fields (CX): NHS numbers by assigning authority or type, others as local ones.

    An NHS number is verified where its authority is ``NHS`` or its tracing status (PID-32) says so, unless the
    tracing status says otherwise.
    """
    found: list[Said] = []
    authorities = _authorities(options)
    for segment, field in segments:
        for place in segment.repetitions(field):
            leaf = segment.leaf(field, 1, place)
            if leaf is None:
                continue
            at = f"identifiers[{len(found)}]"
            authority, kind = segment.leaf(field, 4, place), segment.leaf(field, 5, place)
            issuer = authority["value"].strip() if authority is not None else ""
            type_code = kind["value"].strip().upper() if kind is not None else ""
            if issuer.upper() in authorities or type_code in codes.NHS_TYPES:
                status = taking.reword(at, tracing).upper() if tracing is not None else ""
                traced = status in codes.TRACED or (not status and issuer.upper() == "NHS")
                found.append(taking.identifier(at, leaf, IdentifierKind.NHS, verified=traced))
                continue
            issuer = taking.carry(f"{at}.issuer", authority)
            found.append(taking.identifier(at, leaf, IdentifierKind.LOCAL, issuer=issuer))
    return found


def _authorities(options: Mapping[str, object]) -> tuple[str, ...]:
    more = options.get("nhs_authorities")
    if more is None:
        return codes.NHS_AUTHORITIES
    listed = [more] if isinstance(more, str) else more if isinstance(more, (list, tuple)) else []
    return (*codes.NHS_AUTHORITIES, *(str(each).upper() for each in listed))


def practice(taking: Taking, segment: Segment | None) -> Said | None:
    """The patient's surgery from PD1-3 (XON): its name, and its ODS code from component 3 or 10."""
    if segment is None:
        return None
    name = segment.leaf(3)
    code = segment.leaf(3, 3) or segment.leaf(3, 10)
    if name is None and code is None:
        return None
    known = (taking.identifier("gp.identifiers[0]", code, IdentifierKind.ODS),) if code is not None else ()
    return {"name": taking.carry("gp.name", name), "identifiers": known}


def relation(taking: Taking, segment: Segment) -> str:
    """What NK1-3 says the person is, in words where it gives any, made lower case."""
    words, code = segment.leaf(3, 2), segment.leaf(3)
    if words is not None:
        return taking.reword("relation", words).lower()
    if code is not None:
        told = taking.reword("relation", code)
        return codes.RELATIONS.get(told.upper(), told.lower())
    return ""


def related(segment: Segment, among: tuple[str, ...]) -> bool:
    """Whether NK1-3, as a code or in words, is one of ``among``."""
    return segment.text(3).upper() in among or segment.text(3, 2).upper() in among


def _words(taking: Taking, field: str, segment: Segment, number: int) -> str:
    return taking.carry(field, segment.leaf(number, 2) or segment.leaf(number))
