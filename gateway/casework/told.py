"""A case's people and notifications as one reader is shown them: cut by the rows, each datum with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.casework import shown
from gateway.casework.dossier import PersonInvolved
from gateway.casework.protection import Protection
from gateway.casework.telling import Told
from routing import notified
from routing.notified import Sight
from schemas.subject import AnnotationTold
from schemas.vocabulary import Datum, HandlingMark


@dataclass(frozen=True, kw_only=True)
class Looking:
    """One reader's look at one case. ``sight`` has no marks yet: they are those of what is looked at."""

    sight: Sight
    protection: Protection

    def person(self, one: PersonInvolved, noted: Iterable[AnnotationTold]) -> shown.PersonShown:
        """A person of the case, with what was ``noted`` beside what is shown of them."""
        sight = self._at(self.protection.of_person(one.part.person_id))
        cut = notified.cut(one.person, sight)
        person = cut.person
        return shown.PersonShown(
            person=one.part.person_id,
            part=one.part.part,
            relation=person.relation,
            names=person.names,
            birth_date=person.birth_date,
            unborn=person.unborn,
            expected_date=person.expected_date,
            mother=person.mother,
            sex=person.sex,
            identifiers=person.identifiers,
            addresses=person.addresses,
            contacts=person.contacts,
            school=person.school,
            gp=person.gp,
            notes=person.notes,
            kept_back=bool(cut.kept_back),
            because={str(datum): cut.because[datum] for datum in sorted(cut.because)},
            annotations=tuple(note for note in noted if notified.sees_beside(note.field, sight, cut)),
        )

    def told(self, one: Told) -> shown.NotificationShown:
        """A notification of the case."""
        sight = self._at(self.protection.of_told(one), owner=one.agency)
        verdicts = {datum: sight.of(datum) for datum in _OF_A_NOTIFICATION}
        seen = {datum for datum, verdict in verdicts.items() if verdict.row is not None}
        said = one.notification
        return shown.NotificationShown(
            message=one.message_id,
            agency=one.agency if Datum.SOURCE in seen else None,
            referrer=_referrer(one) if Datum.SOURCE in seen else None,
            received_at=one.received_at,
            categories=one.categories if Datum.CONCERN in seen else None,
            narrative=one.narrative if Datum.NARRATIVE in seen else None,
            danger=said.immediate_danger if Datum.NARRATIVE in seen else None,
            place=(said.incident.place if said.incident else "") if Datum.PLACE in seen else None,
            kept_back=any(verdict.kept_back for verdict in verdicts.values()),
            because={str(datum): row.because for datum, verdict in verdicts.items() if (row := verdict.row)},
        )

    def marks(self, people: Iterable[PersonInvolved], told: Iterable[Told]) -> frozenset[HandlingMark]:
        """Every mark that limits anything of the case."""
        of_people = (self.protection.of_person(one.part.person_id) for one in people)
        return frozenset().union(*of_people, *(self.protection.of_told(one) for one in told))

    def of_all(self, told: Iterable[Told], datum: Datum) -> bool:
        """Whether this datum is shown of every one of these notifications."""
        return all(self._at(self.protection.of_told(one), owner=one.agency).sees(datum) for one in told)

    def _at(self, marks: frozenset[HandlingMark], *, owner: str = "") -> Sight:
        return replace(self.sight, marks=marks, owner=owner)


_OF_A_NOTIFICATION = (Datum.SOURCE, Datum.CONCERN, Datum.NARRATIVE, Datum.PLACE)


def _referrer(one: Told) -> str:
    referrer = one.notification.referrer
    return ", ".join(part for part in (referrer.name, referrer.role) if part) if referrer else ""
