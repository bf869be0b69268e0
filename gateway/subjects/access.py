"""A data subject's access: asked for by one person, approved by another, written out, each in the log.

What it tells is cut by ``routing.subject_access``; what is left out leaves no trace in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.casework.notes import DecisionNote
from gateway.casework.office import Office
from gateway.casework.telling import Telling
from gateway.log.events import Event
from gateway.store import Reading
from gateway.store.records import AccessRecord
from gateway.subjects.annotations import told_of
from routing import need_to_know, subject_access
from routing.subject_access import Case, Group, Notified
from schemas import opaque
from schemas.errors import Conflict, Unknown
from schemas.subject import AccessDocument, Report
from schemas.vocabulary import Outcome


@dataclass(frozen=True, kw_only=True)
class AccessDesk:
    """Where data subjects' requests are recorded and answered."""

    office: Office
    telling: Telling

    async def ask(self, person: str, left_out: Sequence[str], *, actor: str) -> AccessRecord:
        """Record that a person asks; ``left_out`` are referrals that the law allows not to tell of.

        Raises:
            Unknown: there is no such person, or they are not on one of these referrals.
        """
        office = self.office
        name = office.world.name(opaque.Prefix.ACCESS)
        async with office.store.work() as work:
            await _require_known(work, person)
            if set(left_out) - (await work.subjects.referrals(person)).keys():
                raise Unknown("referral.unknown", "the person is on no such referral", at="left_out")
            record = AccessRecord(
                id=name,
                person_id=person,
                asked_by=actor,
                asked_at=office.now(),
                left_out=tuple(sorted(set(left_out))),
            )
            await work.subjects.put(record)
            await office.log.append(
                work,
                event=Event.ACCESS_ASKED,
                actor=actor,
                now=office.now(),
                subject=person,
                detail={"access": name, "left_out": len(record.left_out)},
            )
            await work.commit()
        return record

    async def waiting(self) -> list[AccessRecord]:
        """What waits for a second person, oldest first."""
        async with self.office.store.reading() as work:
            return await work.subjects.waiting()

    async def approve(self, name: str, *, actor: str) -> None:
        """Approve an answer as it was asked for, what it leaves out included.

        Raises:
            Unknown: there is no such request. Conflict: it was approved, or the same person asked.
        """
        office = self.office
        async with office.store.work() as work:
            record = await _locked(work, name)
            if record.approved_by is not None:
                raise Conflict("access.approved", "it was approved already")
            if record.asked_by == actor:
                raise Conflict("access.same_person", "somebody else approves it")
            await work.subjects.put(replace(record, approved_by=actor, approved_at=office.now()))
            await office.log.append(
                work,
                event=Event.ACCESS_APPROVED,
                actor=actor,
                now=office.now(),
                subject=record.person_id,
                detail={"access": name, "asked_by": record.asked_by},
            )
            await work.commit()

    async def latest(self, person: str) -> str:
        """The request of this person that was approved last. Raises: Unknown: none was."""
        async with self.office.store.reading() as work:
            found = [one for one in await work.subjects.of_person(person) if one.approved_at is not None]
        if not found:
            raise Unknown("access.unknown", "no request of this person was approved")
        return max(found, key=lambda one: (one.approved_at, one.id)).id

    async def export(self, name: str, *, actor: str) -> AccessDocument:
        """What the person may be told. That it was written out is in the log first.

        Raises:
            Unknown: there is no such request, or the person was erased. Conflict: nobody approved it.
        """
        office = self.office
        async with office.store.work() as work:
            record = await _locked(work, name)
            if record.approved_by is None:
                raise Conflict("access.not_approved", "a second person approves it first")
            await office.log.append(
                work,
                event=Event.ACCESS_EXPORTED,
                actor=actor,
                now=office.now(),
                subject=record.person_id,
                detail={"access": name},
            )
            document = await self._document(work, record)
            await work.commit()
        return document

    async def _document(self, work: Reading, record: AccessRecord) -> AccessDocument:
        office, person = self.office, record.person_id
        known_as = await office.dossier.person(work, person)
        ask = office.readers.whom_to_ask()
        cases = [
            await self._case(work, person, name, part, left_out=name in record.left_out)
            for name, part in (await work.subjects.referrals(person)).items()
        ]
        shown = [told for case in cases if (told := subject_access.told(person, known_as, case, ask)) is not None]
        return AccessDocument(
            hub=office.hub.hub.name,
            made_at=office.now(),
            identity=subject_access.identity(known_as, cases, shown),
            cases=tuple(shown),
            annotations=await told_of(work, office.strongbox, person) if shown else (),
        )

    async def _case(self, work: Reading, person: str, name: str, part: str, *, left_out: bool) -> Case:
        office = self.office
        record = await work.referrals.get(name)
        outcomes = list[Outcome]()
        for one in await work.decisions.of_referral(name):
            note = await office.strongbox.take(work, record.scope, "decisions.sealed", one.id, one.sealed, DecisionNote)
            outcomes += [outcome for outcome in note.outcomes if outcome not in outcomes]
        people = await office.dossier.people(work, name)
        products = [one.recipient for one in await work.products.of_referral(name) if one.state != "revoked"]
        return Case(
            subject=part == "subject",
            received_at=record.received_at,
            closed=record.closed_at is not None,
            outcomes=tuple(outcomes),
            notified=[
                Notified(
                    report=Report(agency=one.agency, received_at=one.received_at, concerns=one.categories),
                    handling=one.notification.handling,
                )
                for one in await self.telling.told(work, name)
            ],
            groups=await self._groups(work, name),
            others=[one.person for one in people if one.part.person_id != person],
            sent_to=tuple(sorted({one.partition(".")[0] for one in products})),
            left_out=left_out,
        )

    async def _groups(self, work: Reading, name: str) -> list[Group]:
        dossier = self.office.dossier
        disclosures = await dossier.disclosures(work, name)
        releases = await dossier.releases(work, disclosures)
        asked = {one.id: await dossier.request(work, one) for one in await work.requests.of_referral(name)}
        found = []
        for disclosure in disclosures:
            persons = asked[disclosure.request].persons
            for group in disclosure.groups:
                since = need_to_know.audiences(disclosure, group, releases) - frozenset(group.content.audiences)
                # One that names nobody is about whom the request asked about.
                refs = group.content.persons or tuple(persons)
                about = frozenset(persons.get(ref, ref) for ref in refs)
                found.append(Group(agency=disclosure.agency, group=group, about=about, since=since))
        return found


async def _require_known(work: Reading, person: str) -> None:
    if not opaque.is_name(person, opaque.Prefix.PERSON) or not await work.persons.get_many([person]):
        raise Unknown("person.unknown", "there is no such person")


async def _locked(work: Reading, name: str) -> AccessRecord:
    if not opaque.is_name(name, opaque.Prefix.ACCESS):
        raise Unknown("access.unknown", "there is no such request")
    return await work.subjects.lock(name)
