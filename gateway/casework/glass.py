"""Breaking the glass: a manager looks into a case that is not theirs, at once, and somebody else looks at why.

What it shows is what the case's own manager may see, and no more: what its owner has not released stays where it is. It
changes nothing in the case. For changing something a manager takes the case over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.casework.notes import GlassNote
from gateway.casework.office import Office
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Reading
from gateway.store.records import AlarmRecord, BreakGlassRecord
from schemas import opaque
from schemas.errors import Conflict, Refused, Rejected, Unknown
from schemas.vocabulary import GlassFinding

ALARM = "break_glass"


class GlassDesk:
    """Where the glass is broken, and where that is reviewed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def break_glass(self, caller: PersonCaller, referral: str, reason: str) -> BreakGlassRecord:
        """Let this manager see the case for a while. Alarm and entry are there before anything is shown.

        Raises:
            Unknown: no such referral. Rejected: no reason.
            Conflict: the case is the caller's own, or they look into it already.
        """
        office, now = self._office, self._office.now()
        if not reason.strip():
            raise Rejected("break_glass.no_reason", "say why you must look into this case now", at="reason")
        async with office.store.work() as work:
            case = await office.referral(work, referral)
            if case.assigned_to == caller.subject:
                raise Conflict("break_glass.own_case", "this case is yours already")
            if await work.break_glasses.standing(referral, caller.subject, now) is not None:
                raise Conflict("break_glass.standing", "you look into this case already")
            name = office.world.name(opaque.Prefix.BREAK_GLASS)
            note = GlassNote(text=reason)
            record = BreakGlassRecord(
                id=name,
                referral_id=referral,
                at=now,
                by=caller.subject,
                until=now + timedelta(minutes=office.hub.break_glass.minutes),
                sealed=await office.strongbox.put(work, case.scope, "break_glasses.sealed", name, note),
            )
            await work.break_glasses.add(record)
            alarm = office.world.name(opaque.Prefix.ALARM)
            await work.alarms.raise_once(
                AlarmRecord(id=alarm, kind=ALARM, referral_id=referral, subject=name, raised_at=now)
            )
            about = {"referral": referral, "subject": name}
            await office.log.append(
                work,
                event=Event.GLASS_BROKEN,
                actor=caller.actor,
                now=now,
                **about,
                detail={"until": record.until.isoformat()},
            )
            await office.log.append(
                work, event=Event.ALARM_RAISED, actor="hub", now=now, **about, detail={"kind": ALARM, "alarm": alarm}
            )
            await work.commit()
        return record

    async def waiting(self) -> list[tuple[BreakGlassRecord, str]]:
        """What waits for a review, oldest first, each with its reason."""
        office = self._office
        found = []
        async with office.store.reading() as work:
            for one in await work.break_glasses.unreviewed():
                case = await work.referrals.get(one.referral_id)
                note = await office.strongbox.take(
                    work, case.scope, "break_glasses.sealed", one.id, one.sealed, GlassNote
                )
                found.append((one, note.text))
        return found

    async def review(self, caller: PersonCaller, name: str, finding: GlassFinding, text: str) -> None:
        """Say of somebody else's look whether it was justified. It ends with that, and so does its alarm.

        Raises:
            Unknown: no such look. Refused: it is the caller's own. Rejected: no words.
            Conflict: somebody reviewed it already.
        """
        office, now = self._office, self._office.now()
        if not opaque.is_name(name, opaque.Prefix.BREAK_GLASS):
            raise Unknown("break_glass.unknown", "there is no such break_glass")
        if not text.strip():
            raise Rejected("break_glass.no_words", "say what you found", at="text")
        async with office.store.work() as work:
            record = await work.break_glasses.lock(name)
            if record.by == caller.subject:
                raise Refused("break_glass.own", "somebody else reviews what you looked into")
            if record.reviewed_at is not None:
                raise Conflict("break_glass.reviewed", "it was reviewed already")
            case = await work.referrals.get(record.referral_id)
            sealed = await office.strongbox.put(
                work, case.scope, "break_glasses.review_sealed", name, GlassNote(text=text)
            )
            await work.break_glasses.review(
                replace(record, reviewed_at=now, reviewed_by=caller.subject, finding=finding, review_sealed=sealed)
            )
            await office.log.append(
                work,
                event=Event.GLASS_REVIEWED,
                actor=caller.actor,
                now=now,
                referral=record.referral_id,
                subject=name,
                detail={"finding": str(finding)},
            )
            await office.clear_alarm(work, ALARM, referral=record.referral_id, subject=name, actor=caller.actor)
            await work.commit()


async def looks_into(office: Office, work: Reading, caller: PersonCaller, referral: str) -> str | None:
    """The name of the look by which ``caller`` may see this case as its manager does; None where there is none."""
    found = await work.break_glasses.standing(referral, caller.subject, office.now())
    return found.id if found is not None else None
