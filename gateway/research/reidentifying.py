"""Whom an alert is about: an analyst asks with a reason, a manager who is somebody else approves; the log has both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.casework.notes import ReidentificationNote
from gateway.casework.office import Office
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.research.desk import ResearchDesk
from gateway.store import Work
from gateway.store.records import ReferralRecord, ReidentificationRecord
from schemas import opaque
from schemas.errors import Conflict, Refused, Rejected, Unknown
from schemas.persons import Person

DAYS = timedelta(days=7)
"""For how long an approval lets the analyst see whom an alert is about."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody whom an alert is about: the pseudonym, the hub's id, and the name as the hub knows it."""

    pseudonym: str
    person: str
    name: str
    birth_date: str


@dataclass(frozen=True, kw_only=True)
class Reidentified:
    """Whom an alert is about, until when this may be seen, and the referral."""

    alert: str
    referral: str
    until: datetime
    people: tuple[Named, ...]


class ReidentificationDesk:
    """Where pseudonyms are lifted."""

    def __init__(self, office: Office, desk: ResearchDesk) -> None:
        self._office = office
        self._desk = desk

    async def ask(self, caller: PersonCaller, name: str, reason: str) -> ReidentificationRecord:
        """Ask whom an alert is about; somebody else approves.

        Raises:
            Unknown: no such alert, or it was erased. Rejected: no reason.
        """
        office, now = self._office, self._office.now()
        if not reason.strip():
            raise Rejected("reidentification.no_reason", "say why you must know who it is", at="reason")
        async with office.store.work() as work:
            alert = await self._desk.alert(work, name)
            case = await work.referrals.get(alert.referral_id)
            record_id = office.world.name(opaque.Prefix.REIDENTIFICATION)
            note = ReidentificationNote(reason=reason)
            record = ReidentificationRecord(
                id=record_id,
                alert_id=name,
                asked_by=caller.subject,
                asked_at=now,
                sealed=await office.strongbox.put(work, case.scope, "reidentifications.sealed", record_id, note),
            )
            await work.reidentifications.add(record)
            await self._say(work, Event.REIDENTIFICATION_ASKED, caller, record, case)
            await work.commit()
        return record

    async def waiting(self) -> list[tuple[ReidentificationRecord, str]]:
        """What waits for a manager, oldest first, each with its reason; what was erased since is left out."""
        office, found = self._office, []
        async with office.store.reading() as work:
            for one in await work.reidentifications.waiting():
                alert = await work.alerts.get(one.alert_id)
                case = await work.referrals.get(alert.referral_id)
                try:
                    note = await office.strongbox.take(
                        work, case.scope, "reidentifications.sealed", one.id, one.sealed, ReidentificationNote
                    )
                except Unknown:
                    continue
                found.append((one, note.reason))
        return found

    async def approve(self, caller: PersonCaller, name: str) -> ReidentificationRecord:
        """Let the analyst who asked see whom the alert is about, for some days.

        Raises:
            Unknown: nobody asked. Refused: the caller asked themselves. Conflict: it was approved already.
        """
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            record = await self._lock(work, name)
            if record.asked_by == caller.subject:
                raise Refused("reidentification.own", "somebody else approves what you asked for")
            if record.approved_at is not None:
                raise Conflict("reidentification.approved", "it was approved already")
            approved = replace(record, approved_by=caller.subject, approved_at=now, until=now + DAYS)
            await work.reidentifications.approve(approved)
            alert = await work.alerts.get(record.alert_id)
            await self._say(
                work, Event.REIDENTIFICATION_APPROVED, caller, approved, await work.referrals.get(alert.referral_id)
            )
            await work.commit()
        return approved

    async def open(self, caller: PersonCaller, name: str) -> Reidentified:
        """Whom an alert is about, for the analyst who asked, while the approval holds.

        Raises:
            Unknown: nobody asked, somebody else did, or it was erased. Refused: not approved, or no longer.
        """
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            record = await self._lock(work, name)
            if record.asked_by != caller.subject:
                raise Unknown("reidentification.unknown", "there is no such reidentification")
            if record.until is None or record.until <= now:
                raise Refused("reidentification.not_approved", "a manager approves it first, for some days at a time")
            alert = await self._desk.alert(work, record.alert_id)
            seen = [one for one in await self._desk.around(work, alert) if one.message_id in alert.evidence]
            people = {alert.person_id, *(one for trace in seen for one in (*trace.children, *trace.adults))}
            named = [
                self._named(one.id, await office.persons.open(work, one))
                for one in await work.persons.get_many(sorted(people))
            ]
            case = await work.referrals.get(alert.referral_id)
            await self._say(work, Event.REIDENTIFICATION_VIEWED, caller, record, case)
            await work.commit()
        return Reidentified(alert=alert.id, referral=alert.referral_id, until=record.until, people=tuple(named))

    async def _say(
        self, work: Work, event: Event, caller: PersonCaller, record: ReidentificationRecord, case: ReferralRecord
    ) -> None:
        await self._office.log.append(
            work,
            event=event,
            actor=caller.actor,
            now=self._office.now(),
            referral=case.id,
            subject=record.id,
            detail={"alert": record.alert_id},
        )

    @staticmethod
    async def _lock(work: Work, name: str) -> ReidentificationRecord:
        if not opaque.is_name(name, opaque.Prefix.REIDENTIFICATION):
            raise Unknown("reidentification.unknown", "there is no such reidentification")
        return await work.reidentifications.lock(name)

    def _named(self, person_id: str, person: Person) -> Named:
        name = person.names[0] if person.names else None
        return Named(
            pseudonym=self._desk.pseudonym(person_id),
            person=person_id,
            name=" ".join((*name.given, name.family)).strip() if name else "",
            birth_date=person.birth_date or "",
        )
