"""What a person is compared by: the record reduced to what tells people apart, spelled for comparison."""

from __future__ import annotations

from dataclasses import dataclass

from routing.linkage_spelling import door, fold, parts, postcode, skeleton
from schemas.identifiers import IdentifierKind, Validity
from schemas.persons import Address, Name, Person, Sex

NAMES_PERSONS = (
    IdentifierKind.NHS,
    IdentifierKind.UPN,
    IdentifierKind.PNC,
    IdentifierKind.CRO,
    IdentifierKind.CRN,
    IdentifierKind.NOMS,
)
"""Numbers that name one person everywhere. Local numbers name somebody in one system, an arrest summons number names
an arrest, and ODS codes, URNs and establishment numbers name organisations."""

LOCAL = "local/"
"""What the kind of a local number begins with; its issuer follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NameTraits:
    """One name: the given names and the parts of the family name, folded, and the skeletons of the first of either."""

    given: tuple[str, ...] = ()
    family: str = ""
    family_parts: tuple[str, ...] = ()
    given_skeleton: str = ""
    family_skeleton: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One address: the postcode in capitals, the numbers of house and flat, the street without spaces."""

    postcode: str = ""
    number: str = ""
    street: str = ""
    uprn: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """A person for comparison.

    ``numbers`` are (kind, value) that hold; ``doubtful`` those whose check failed, and local ones with their issuer.
    """

    names: tuple[NameTraits, ...] = ()
    born: str = ""
    sex: str = ""
    places: tuple[Place, ...] = ()
    numbers: frozenset[tuple[str, str]] = frozenset()
    doubtful: frozenset[tuple[str, str]] = frozenset()


def traits(person: Person) -> Traits:
    """What ``person`` is compared by. Of an unborn child nothing: it is found through its mother."""
    if person.unborn:
        return Traits()
    names = [named for name in person.names if (named := _name(name)).given or named.family]
    places = [place for address in person.addresses if (place := _place(address)) != Place()]
    numbers, doubtful = set[tuple[str, str]](), set[tuple[str, str]]()
    for held in person.identifiers:
        if held.kind in NAMES_PERSONS and held.validity is not Validity.MALFORMED:
            (numbers if held.sure else doubtful).add((str(held.kind), held.value))
        elif held.kind is IdentifierKind.LOCAL and held.issuer.strip():
            doubtful.add((f"{LOCAL}{held.issuer.strip().casefold()}", held.value))
    return Traits(
        names=tuple(dict.fromkeys(names)),
        born=(person.birth_date or "").replace("-", ""),
        sex=person.sex if person.sex in {Sex.MALE, Sex.FEMALE} else "",
        places=tuple(dict.fromkeys(places)),
        numbers=frozenset(numbers),
        doubtful=frozenset(doubtful),
    )


def _name(name: Name) -> NameTraits:
    given = tuple(spelt for text in name.given for part in text.split() if (spelt := fold(part)))
    family = fold(name.family)
    return NameTraits(
        given=given,
        family=family,
        family_parts=parts(name.family),
        given_skeleton=skeleton(given[0]) if given else "",
        family_skeleton=skeleton(family),
    )


def _place(address: Address) -> Place:
    doors = [door(line) for line in address.lines]
    # The line that has both a number and a street says where; a flat's line before it adds its number.
    street = next((street for number, street in doors if number and street and not street.startswith("flat")), "")
    street = street or next((street for _, street in doors if street), "")
    number = " ".join(number for number, _ in doors[:2] if number)
    return Place(postcode=postcode(address.postcode), number=number, street=street, uprn=address.uprn.strip())
