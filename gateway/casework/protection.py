"""How what is known of a case must be handled: marks reach from person to person, and back to what came before them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.casework.telling import Told
from gateway.store import Reading
from gateway.store.direct.driver import Found
from schemas.vocabulary import HandlingMark, Rating

_HIDDEN = HandlingMark.HIDDEN_LOCATION
_SOURCE = HandlingMark.SOURCE_PROTECTION


@dataclass(frozen=True, kw_only=True)
class Protection:
    """Marks of a referral.

    A location is hidden of everybody on it as soon as it is of anybody who is on it, or on a referral together with one
    of them, whenever and about whomever that was said: who lives with a family in hiding hides. Limited access is the
    person's whom it was said of. A source is protected on the referral where it asked for that, whatever else it told.
    """

    hidden: bool = False
    persons: Mapping[str, frozenset[HandlingMark]] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()

    @property
    def marks(self) -> frozenset[HandlingMark]:
        """What limits the referral as a whole."""
        return frozenset({_HIDDEN} if self.hidden else ()) | frozenset({_SOURCE} if self.sources else ())

    def of_person(self, person_id: str) -> frozenset[HandlingMark]:
        """What limits the record of this person here."""
        return self._everywhere | (self.persons.get(person_id, frozenset()) - {_SOURCE})

    def of_told(self, told: Told) -> frozenset[HandlingMark]:
        """What limits this notification here."""
        own = told.notification.handling.marks
        return own | self._everywhere | frozenset({_SOURCE} if told.agency in self.sources else ())

    @property
    def limits_somebody(self) -> bool:
        """Whether anything that is known of anybody here is limited."""
        return self.hidden or any(self.persons.values())

    @property
    def _everywhere(self) -> frozenset[HandlingMark]:
        return frozenset({_HIDDEN} if self.hidden else ())


@dataclass(frozen=True, kw_only=True)
class CaseNow:
    """What of a case, beside its disclosures, says who may read: as it is now, whenever an envelope was cut."""

    rating: Rating | None = None
    protection: Protection = Protection()


async def protection(work: Reading, referral: str, told: Sequence[Told]) -> Protection:
    """The marks of this referral, ``told`` being its notifications."""
    of_persons = {name: _marks(marks) for name, marks in (await work.handling.of_persons(referral)).items()}
    beside = [_marks(marks) for marks in (await work.handling.beside(referral)).values()]
    said = [one.notification.handling.marks for one in told]
    return Protection(
        hidden=any(_HIDDEN in marks for marks in (*of_persons.values(), *beside, *said)),
        persons=of_persons,
        sources=frozenset(one.agency for one in told if one.notification.handling.source_protection),
    )


def _marks(names: Iterable[str]) -> frozenset[HandlingMark]:
    return frozenset(HandlingMark(name) for name in names)


def cases_of(rows: Found) -> dict[str, CaseNow]:
    """Cases by referral, as ``store.direct.opening.cases`` reads them.

    Which of a referral's agencies asked for protection is not read: no envelope but a product names a source, and that
    names none where any did.
    """
    found: dict[str, CaseNow] = {}
    for referral, what, person, said in rows:
        case = found.get(referral, CaseNow())
        if what == "rating":
            found[referral] = replace(case, rating=Rating(said) if said else None)
            continue
        marks, guarded = _marks(json.loads(said)), case.protection
        if what == "person":
            persons = {**guarded.persons, person: guarded.persons.get(person, frozenset()) | marks}
            guarded = replace(guarded, persons=persons)
        elif _SOURCE in marks:
            guarded = replace(guarded, sources=frozenset({""}))
        if _HIDDEN in marks:
            guarded = replace(guarded, hidden=True)
        found[referral] = replace(case, protection=guarded)
    return found
