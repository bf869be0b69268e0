"""Linkage: which known person somebody is, by identifiers first, with the reason; in doubt a person looks.

A link rests on an identifier whose own check holds. It is made by itself only where nothing speaks against it: one
candidate, no other number of the same kind, no other birth date. The NHS number is a field and never the sole match:
a birth date or a family name must agree with it. Where no number tells, ``linkage_matching`` weighs the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from routing.linkage_matching import Match, Reason, Verdict
from routing.linkage_traits import NAMES_PERSONS
from routing.refreshing import agree, merge
from schemas.identifiers import IdentifierKind
from schemas.persons import Person

__all__ = [
    "LINKABLE",
    "Candidate",
    "Doubt",
    "Link",
    "LookupTerm",
    "apart",
    "link",
    "link_told",
    "link_unborn",
    "link_weighed",
    "merge",
    "spell",
    "terms",
    "terms_told",
]

LINKABLE = NAMES_PERSONS

TERM_TOLERANCE = timedelta(days=21)
"""How far two estimates of one expected date of delivery may lie apart."""


@dataclass(frozen=True, kw_only=True)
class LookupTerm:
    """What a person is looked up by. The shell keeps a keyed hash of it, never the value."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody known: the record as it was opened for comparison, and the terms that led to it."""

    person_id: str
    record: Person
    matched: tuple[LookupTerm, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Somebody who may be the same: a person decides."""

    person_id: str
    because: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """Who somebody is: ``person_id`` where it is sure, the ``conflicts`` to be looked at where it is not.

    ``weighed`` tells that weights decided: ``weight`` is their sum in bits, ``reasons`` are what each field said.
    """

    person_id: str | None
    because: str
    conflicts: tuple[Doubt, ...] = ()
    weighed: bool = False
    weight: float = 0.0
    reasons: tuple[Reason, ...] = ()


def terms(person: Person) -> tuple[LookupTerm, ...]:
    """What ``person`` is looked up by, each once, in the order of ``LINKABLE``. An unborn child has none of its own."""
    if person.unborn:
        return ()
    found = {
        LookupTerm(kind=held.kind, value=held.value)
        for held in person.identifiers
        if held.sure and held.kind in LINKABLE
    }
    return tuple(sorted(found, key=lambda term: (LINKABLE.index(term.kind), term.value)))


def terms_told(person: Person) -> tuple[LookupTerm, ...]:
    """The same, and the numbers of single systems with who issued them.

    Nobody is linked by those, but where the system itself says which two of its records are one person's.
    """
    if person.unborn:
        return ()
    local = {
        LookupTerm(kind=held.kind, value=f"{held.issuer.strip().casefold()}/{held.value}")
        for held in person.identifiers
        if held.kind is IdentifierKind.LOCAL and held.issuer.strip()
    }
    return (*terms(person), *sorted(local, key=lambda term: term.value))


def link(person: Person, candidates: Sequence[Candidate]) -> Link:
    """Who ``person`` is among ``candidates``. For an unborn child see ``link_unborn``."""
    return _link(person, candidates, terms)


def link_told(person: Person, candidates: Sequence[Candidate]) -> Link:
    """Who ``person`` is by ``terms_told``, where a system tells of its own records."""
    return _link(person, candidates, terms_told)


def _link(person: Person, candidates: Sequence[Candidate], look_up: Callable[[Person], tuple[LookupTerm, ...]]) -> Link:
    own = frozenset(look_up(person))
    matching = [known for known in candidates if own & frozenset(known.matched) & frozenset(look_up(known.record))]
    if not matching:
        return Link(person_id=None, because="no validated identifier is known")
    if len({known.person_id for known in matching}) > 1:
        return _doubtful(matching, "validated identifiers lead to different people")
    known = matching[0]
    kinds = {term.kind for term in own & frozenset(look_up(known.record))}
    objection = _objection(person, known.record, kinds)
    if objection:
        return _doubtful([known], objection)
    names = ", ".join(kind for kind in (*LINKABLE, IdentifierKind.LOCAL) if kind in kinds)
    return Link(person_id=known.person_id, because=f"the same {names}, and nothing contradicts it")


def link_weighed(found: Match) -> Link:
    """What the weights found, as a link: sure, in doubt, or nobody."""
    best = found.best
    if best is None:
        return Link(person_id=None, because="nobody who is known comes near")
    weighed = best.weighed
    if found.verdict is Verdict.LINK:
        return Link(
            person_id=best.person_id,
            because=f"weighed at {weighed.total:+.1f} bits: {weighed.told}",
            weighed=True,
            weight=weighed.total,
            reasons=weighed.reasons,
        )
    return Link(
        person_id=None,
        because=f"weighed at {weighed.total:+.1f} bits, which is not sure: a person looks at it",
        conflicts=tuple(
            Doubt(person_id=one.person_id, because=f"weighed at {one.weighed.total:+.1f} bits: {one.weighed.told}")
            for one in found.found
        ),
        weighed=True,
        weight=weighed.total,
        reasons=weighed.reasons,
    )


def apart(links: Mapping[str, Link]) -> dict[str, Link]:
    """The links of one notification's people, by ``ref``: two of them are never made one person by their weights.

    Twins who are named together and of whom one is known would else both be that one.
    """
    found = dict(links)
    for name, one in links.items():
        rivals = [ref for ref, other in links.items() if ref != name and other.person_id == one.person_id]
        if one.weighed and one.person_id is not None and rivals:
            # The weightiest stays, and one that a number tells of before any that is weighed.
            stronger = [
                ref for ref in rivals if not links[ref].weighed or (links[ref].weight, ref) > (one.weight, name)
            ]
            if stronger:
                because = "somebody else of this notification is nearer to that person"
                doubt = Doubt(person_id=one.person_id, because=because)
                found[name] = replace(one, person_id=None, because=f"{because}: a person looks", conflicts=(doubt,))
    return found


def link_unborn(child: Person, mother: Link, candidates: Sequence[Candidate]) -> Link:
    """Which unborn child of a linked mother ``child`` is; ``candidates`` are the unborn children known of her."""
    if mother.person_id is None:
        return Link(person_id=None, because="the mother is not linked")
    same = [known for known in candidates if known.record.unborn and _same_pregnancy(child, known.record)]
    if not same:
        return Link(person_id=None, because="no such pregnancy of the mother is known")
    if len({known.person_id for known in same}) > 1:
        return _doubtful(same, "the mother has more than one unborn child")
    return Link(person_id=same[0].person_id, because="the same mother, and the expected dates agree")


def _doubtful(candidates: Sequence[Candidate], because: str) -> Link:
    people = sorted({known.person_id for known in candidates})
    return Link(
        person_id=None,
        because=f"{because}: a person looks at it",
        conflicts=tuple(Doubt(person_id=one, because=because) for one in people),
    )


def _objection(person: Person, record: Person, matched: set[IdentifierKind]) -> str | None:
    """What speaks against taking the two for one, though ``matched`` kinds of identifier agree."""
    for kind in LINKABLE:
        ours, theirs = _values(person, kind), _values(record, kind)
        if ours and theirs and not ours & theirs:
            return f"the {kind} differs"
    same_birth = agree(person.birth_date, record.birth_date)
    if same_birth is False:
        return "the birth date differs"
    if matched == {IdentifierKind.NHS} and not same_birth and not _families(person) & _families(record):
        return "the NHS number agrees, and neither birth date nor family name with it"
    return None


def _values(person: Person, kind: IdentifierKind) -> set[str]:
    return {term.value for term in terms(person) if term.kind is kind}


def _families(person: Person) -> set[str]:
    return {spelt for name in person.names if (spelt := spell(name.family))}


def spell(text: str) -> str:
    """A name without accents, case, spaces and punctuation: as different systems would spell it."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]", "", "".join(letter for letter in bare if not unicodedata.combining(letter)))


def _same_pregnancy(child: Person, record: Person) -> bool:
    if child.expected_date is None or record.expected_date is None:
        return True
    return abs(child.expected_date - record.expected_date) <= TERM_TOLERANCE
