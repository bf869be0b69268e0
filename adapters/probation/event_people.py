"""Whom a domain event is about: one person, as a rule an adult, with the risk that a registration states.

A merge gives that person the numbers of both records. Records that came apart are two people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.json_taking import JsonTaking
from adapters.probation.registers import REGISTERS
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Person

_KINDS = {
    "crn": IdentifierKind.CRN,
    "noms": IdentifierKind.NOMS,
    "nomsnumber": IdentifierKind.NOMS,
    "prisonernumber": IdentifierKind.NOMS,
    "prisonnumber": IdentifierKind.NOMS,
    "offenderiddisplay": IdentifierKind.NOMS,
    "pnc": IdentifierKind.PNC,
    "pncnumber": IdentifierKind.PNC,
    "cro": IdentifierKind.CRO,
    "cronumber": IdentifierKind.CRO,
}
_OTHERS = {
    "removednomsnumber": IdentifierKind.NOMS,
    "movedfromnomsnumber": IdentifierKind.NOMS,
    "movedtonomsnumber": IdentifierKind.NOMS,
    "sourcecrn": IdentifierKind.CRN,
    "targetcrn": IdentifierKind.CRN,
    "reactivatedcrn": IdentifierKind.CRN,
    "unmergedcrn": IdentifierKind.CRN,
}
"""Numbers of two records in one event: records that were merged, or that came apart."""
_THE_OTHER = ("unmergedcrn", "movedfromnomsnumber")
_APART = re.compile(r"\.unmerge\.|\.booking\.moved")
_MAPPA_LEVELS = {
    **{f"M{level}": f"MAPPA level {level}" for level in (1, 2, 3)},
    **{f"{level}": f"MAPPA level {level}" for level in (1, 2, 3)},
}
_MAPPA_CATEGORIES = {
    **{f"M{category}": f"MAPPA category {category}" for category in (1, 2, 3, 4)},
    **{f"{category}": f"MAPPA category {category}" for category in (1, 2, 3, 4)},
}
_REGISTER_WORDS = {code: meaning for row in REGISTERS for code, meaning in row.meanings.items()}
_ENTRY = re.compile(r"\d+/value")


def people(taking: JsonTaking, base: str, event: str) -> tuple[Person, ...]:
    """The person that the event is about, with the risk that a registration states; two where records came apart."""
    numbers = _numbers(taking, base)
    split = _APART.search(event) is not None
    apart = [number for number in numbers if split and number.apart]
    found = _identifiers(taking, "adults[0]", [number for number in numbers if not (split and number.apart)])
    risk = _risk(taking, f"{base}/additionalInformation")
    if not found and not risk:
        taking.recorder.flag("person.missing", "adults")
        return ()
    if not found:
        taking.recorder.flag("identifier.missing", "adults[0].identifiers")
    elif any(number.merged for number in numbers) and not apart:
        taking.recorder.flag("person.merged", "adults[0]")
    people = [Person(ref="adult-1", identifiers=found, risk="; ".join(risk))]
    if apart:
        taking.recorder.flag("person.unmerged", "adults[1]")
        people.append(Person(ref="adult-2", identifiers=_identifiers(taking, "adults[1]", apart)))
    return tuple(people)


def _identifiers(taking: JsonTaking, person: str, numbers: Sequence[_Number]) -> tuple[Identifier, ...]:
    found: dict[tuple[IdentifierKind, str, str], Identifier] = {}
    for number in numbers:
        field = f"{person}.identifiers[{len(found)}]"
        made = taking.identify(field, number.pointer, number.kind, number.issuer_at)
        found.setdefault((made.kind, made.value, made.issuer), made)
    return tuple(found.values())


def _risk(taking: JsonTaking, more: str) -> list[str]:
    """What a registration states: in words where it has them, else by its codes."""
    told = []
    for words_at, code_at, codes in (
        ("registerTypeDescription", "registerTypeCode", _REGISTER_WORDS),
        ("registrationLevelDescription", "registrationLevelCode", _MAPPA_LEVELS),
        ("registrationCategoryDescription", "registrationCategoryCode", _MAPPA_CATEGORIES),
        ("mappa/levelDescription", "mappa/level", _MAPPA_LEVELS),
        ("mappa/categoryDescription", "mappa/category", _MAPPA_CATEGORIES),
        ("alertDescription", "alertCode", {}),
    ):
        words = taking.carry("adults[0].risk", f"{more}/{words_at}")
        code = taking.values.get(f"{more}/{code_at}", "").strip()
        meant = codes.get(code.upper(), "")
        if not words and meant:
            taking.mark("adults[0].risk", f"{more}/{code_at}")
        elif not words and code and "/" not in code_at:
            words = taking.carry("adults[0].risk", f"{more}/{code_at}")
        words = words or meant
        if words and words not in told:
            told.append(words)
    return told


@dataclass(frozen=True, kw_only=True)
class _Number:
    """An identifier, where its issuer stands, and whether it is of a record that was merged or came apart."""

    pointer: str
    kind: IdentifierKind
    issuer_at: str = ""
    merged: bool = False
    apart: bool = False


def _numbers(taking: JsonTaking, base: str) -> list[_Number]:
    """Every identifier: of personReference, and under keys of their own."""
    beside = (base, f"{base}/additionalInformation")
    start = f"{base}/personReference/identifiers/"
    referred, named = [], []
    for pointer, text in taking.values.items():
        parent, _, key = pointer.rpartition("/")
        if key == "value" and pointer.startswith(start) and _ENTRY.fullmatch(pointer, len(start)) and text.strip():
            type_at = f"{parent}/type"
            name = taking.values.get(type_at, "").strip()
            kind = _KINDS.get(name.lower(), IdentifierKind.LOCAL)
            local = kind is IdentifierKind.LOCAL
            referred.append(_Number(pointer=pointer, kind=kind, issuer_at=type_at if local else ""))
        elif parent in beside and text.strip():
            lower = key.lower()
            if lower in _KINDS:
                named.append(_Number(pointer=pointer, kind=_KINDS[lower]))
            elif lower in _OTHERS:
                apart = lower in _THE_OTHER
                named.append(_Number(pointer=pointer, kind=_OTHERS[lower], merged=True, apart=apart))
    return referred + named
