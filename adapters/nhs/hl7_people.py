"""People of an HL7 v2 message: PID, PD1 and MRG for a patient, NK1 for those around the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.dates import full_date, partial_date
from adapters.nhs import hl7_codes as codes
from adapters.nhs.hl7_message import Leaf, Segment
from adapters.nhs.hl7_taking import Taking
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Sex

ADULT_AT = 18


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


def is_child(segment: Segment, fields: Fields, when: date | None) -> bool | None:
    """Whether the person was under 18 then; None where the birth date is missing, unreadable or in the future."""
    born = full_date(segment.text(fields.birth))
    year = partial_date(segment.text(fields.birth))
    if when is None or year is None:
        return None
    if born is None:
        age = when.year - int(year[:4])
        return None if age in (ADULT_AT, ADULT_AT - 1) or age < 0 else age < ADULT_AT
    if born > when:
        return None
    return _age(born, when) < ADULT_AT


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def details(
    taking: Taking, segment: Segment, fields: Fields, *, when: date | None, hidden: Leaf | None
) -> dict[str, Any]:
    """What PID and NK1 alike say of a person, as the fields of ``schemas.persons.Person``."""
    return {
        "names": names(taking, segment, fields.names),
        "birth_date": birth_date(taking, segment, fields.birth, when),
        "sex": sex(taking, segment.leaf(fields.sex)),
        "addresses": addresses(taking, segment, fields.addresses, hidden=hidden),
        "contacts": contacts(taking, segment, fields.phones),
        "language": _words(taking, "language", segment, fields.language),
        "ethnicity": next(
            (_words(taking, "ethnicity", segment, each) for each in fields.ethnicity if segment.text(each)), ""
        ),
    }


def names(
    taking: Taking, segment: Segment, field: int, *, start: int = 0, use: NameUse | None = None
) -> tuple[Name, ...]:
    """Every repetition of a name (XPN), the first at ``names[start]``."""
    found: list[Name] = []
    for repetition in range(1, segment.repetitions(field) + 1):
        family, given, more, title, kind = (
            segment.leaf(field, component, repetition=repetition) for component in (1, 2, 3, 5, 7)
        )
        if family is None and given is None and more is None:
            continue
        at = f"names[{start + len(found)}]"
        if use is None and kind is not None:
            taking.translate(f"{at}.use", kind)
        code = kind.text.strip().upper() if kind is not None else ""
        found.append(
            Name(
                use=use or codes.NAME_USE.get(code, NameUse.ALIAS),
                family=taking.carry(f"{at}.family", family),
                given=taking.carry_each(f"{at}.given", (given, more)),
                title=taking.carry(f"{at}.title", title),
            )
        )
    return tuple(found)


def birth_date(taking: Taking, segment: Segment, field: int, when: date | None) -> str | None:
    """The birth date as far as it is known. One that can't be read, or lies ahead, is left and flagged."""
    leaf = segment.leaf(field)
    if leaf is None:
        return None
    read = partial_date(leaf.text)
    if read is None:
        taking.flag("date.unread", "birth_date")
        return None
    if when is not None and read > when.isoformat():
        taking.flag("date.in_the_future", "birth_date")
        return None
    taking.translate("birth_date", leaf)
    return read


def sex(taking: Taking, leaf: Leaf | None) -> Sex | None:
    """By the codes of HL7 and of the NHS alike."""
    if leaf is None:
        return None
    read = codes.SEX.get(leaf.text.strip().upper())
    if read is None:
        taking.flag("code.unread", "sex")
        return None
    taking.translate("sex", leaf)
    return read


def addresses(taking: Taking, segment: Segment, field: int, *, hidden: Leaf | None) -> tuple[Address, ...]:
    """Every repetition of an address (XAD). Where the location is hidden, each is confidential."""
    found: list[Address] = []
    for repetition in range(1, segment.repetitions(field) + 1):
        street = segment.subs(field, 1, repetition=repetition)
        rest = [segment.leaf(field, component, repetition=repetition) for component in (2, 3, 4)]
        postcode, kind = (segment.leaf(field, component, repetition=repetition) for component in (5, 7))
        if not street and not any(rest) and postcode is None:
            continue
        at = f"addresses[{len(found)}]"
        use = "home"
        if kind is not None:
            use = codes.ADDRESS_USE.get(taking.translate(f"{at}.use", kind).upper(), codes.ADDRESS_USE_OTHER)
        if hidden is not None:
            taking.translate(f"{at}.confidential", hidden)
        found.append(
            Address(
                lines=taking.carry_each(f"{at}.lines", (*street, *rest)),
                postcode=taking.carry(f"{at}.postcode", postcode),
                use=use,
                confidential=hidden is not None,
            )
        )
    return tuple(found)


def contacts(taking: Taking, segment: Segment, fields: tuple[int, ...], *, at: str = "contacts") -> tuple[Contact, ...]:
    """Telephone numbers and e-mail addresses (XTN): component 1, 4 or 12, else area and number together."""
    found: list[Contact] = []
    for field in fields:
        for repetition in range(1, segment.repetitions(field) + 1):
            whole = [segment.leaf(field, component, repetition=repetition) for component in (1, 4, 12)]
            kind = segment.text(field, 3, repetition=repetition).casefold()
            for component, leaf in zip((1, 4, 12), whole, strict=True):
                if leaf is not None:
                    online = component == 4 or kind in ("internet", "x.400") or "@" in leaf.text
                    taking.recorder.take(f"{at}[{len(found)}].system", leaf.pointer)
                    value = taking.carry(f"{at}[{len(found)}].value", leaf)
                    found.append(Contact(system="email" if online else "phone", value=value))
            area, local = (segment.leaf(field, component, repetition=repetition) for component in (6, 7))
            if not any(whole) and local is not None:
                taking.recorder.take(f"{at}[{len(found)}].system", local.pointer)
                parts = taking.carry_all(f"{at}[{len(found)}].value", (area, local))
                found.append(Contact(system="phone", value=" ".join(parts)))
    return tuple(found)


def identifiers(
    taking: Taking, segments: tuple[tuple[Segment, int], ...], tracing: Leaf | None, options: Mapping[str, object]
) -> tuple[Identifier, ...]:
    """Every repetition of the given fields (CX): NHS numbers by assigning authority or type, others as local ones.

    An NHS number is verified where its authority is ``NHS`` or its tracing status (PID-32) says so, unless the
    tracing status says otherwise.
    """
    found: list[Identifier] = []
    for segment, field in segments:
        for repetition in range(1, segment.repetitions(field) + 1):
            leaf = segment.leaf(field, repetition=repetition)
            if leaf is None:
                continue
            at = f"identifiers[{len(found)}]"
            authority, kind = (segment.leaf(field, component, repetition=repetition) for component in (4, 5))
            issuer = authority.text.strip() if authority is not None else ""
            type_code = kind.text.strip().upper() if kind is not None else ""
            if issuer.upper() in _authorities(options) or type_code in codes.NHS_TYPES:
                status = taking.translate(at, tracing).upper() if tracing is not None else ""
                traced = status in codes.TRACED or (not status and issuer.upper() == "NHS")
                found.append(taking.identify(at, leaf, IdentifierKind.NHS, verified=traced))
                continue
            issuer = taking.carry(f"{at}.issuer", authority)
            found.append(taking.identify(at, leaf, IdentifierKind.LOCAL, issuer=issuer))
    return tuple(found)


def _authorities(options: Mapping[str, object]) -> tuple[str, ...]:
    more = options.get("nhs_authorities", ())
    listed = [more] if isinstance(more, str) else more if isinstance(more, (list, tuple)) else []
    return (*codes.NHS_AUTHORITIES, *(str(each).upper() for each in listed))


def practice(taking: Taking, segment: Segment | None) -> Organisation | None:
    """The patient's surgery from PD1-3 (XON): its name, and its ODS code from component 3 or 10."""
    if segment is None:
        return None
    name = segment.leaf(3)
    code = segment.leaf(3, 3) or segment.leaf(3, 10)
    if name is None and code is None:
        return None
    known = (taking.identify("gp.identifiers[0]", code, IdentifierKind.ODS),) if code is not None else ()
    return Organisation(name=taking.carry("gp.name", name), identifiers=known)


def relation(taking: Taking, segment: Segment) -> str:
    """What NK1-3 says the person is, in words where it gives any, made lower case."""
    words, code = segment.leaf(3, 2), segment.leaf(3)
    if words is not None:
        return taking.translate("relation", words).lower()
    if code is not None:
        told = taking.translate("relation", code)
        return codes.RELATIONS.get(told.upper(), told.lower())
    return ""


def related(segment: Segment, among: tuple[str, ...]) -> bool:
    """Whether NK1-3, as a code or in words, is one of ``among``."""
    return segment.text(3).upper() in among or segment.text(3, 2).upper() in among


def _words(taking: Taking, field: str, segment: Segment, number: int) -> str:
    return taking.carry(field, segment.leaf(number, 2) or segment.leaf(number))
