"""Escalation: while an alarm stands the hub turns to one post after the other, to each of them once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.office import Office
from gateway.casework.reasking import Reasking
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import EscalationRecord, StandingAlarm
from routing import step_clocks
from schemas.errors import MashError
from schemas.vocabulary import Rating, Role

KINDS = frozenset(
    {
        "unrated",
        "decision_overdue",
        "request_overdue",
        "product_unaccepted",
        "feedback_overdue",
        *step_clocks.ALARMS.values(),
    }
)
"""The alarms that climb the chain: those on something that a clock waits for."""


@dataclass(frozen=True, kw_only=True)
class Escalating:
    """Looks for alarms that have stood for longer than the next post waits."""

    office: Office
    reasking: Reasking

    async def round(self, now: datetime) -> None:
        """Turn to whoever is next by ``now`` (aware UTC). What one alarm can't have holds no other up.

        Raises:
            MashError: the first of what went wrong, once all had their turn.
        """
        hub = self.office.hub
        longest = len(hub.escalation.chain) + max((len(agency.escalation) for agency in hub.agencies), default=0)
        failed: list[MashError] = []
        last: StandingAlarm | None = None
        while longest:
            async with self.office.store.reading() as work:
                page = await work.timing.standing_alarms(KINDS, longest, after=last)
            for one in page:
                level = self._level(one, now)
                if level > one.reached:
                    try:
                        await self._turn(one, level, now)
                    except MashError as error:
                        failed.append(error)
            if not page:
                break
            last = page[-1]
        if failed:
            raise failed[0]

    def _level(self, one: StandingAlarm, now: datetime) -> int:
        rating = Rating(one.rating) if one.rating else None
        return sum(moment <= now for moment in self.office.timetable.escalations(one.raised_at, rating, one.agency))

    async def _turn(self, one: StandingAlarm, level: int, now: datetime) -> None:
        async with self.office.store.work() as work:
            alarm = await work.alarms.get(one.id)
            if alarm.cleared_at is not None:
                return
            for each in range(one.reached + 1, level + 1):
                post = self.office.timetable.whom(one.agency, each, now)
                if not await work.timing.add_escalation(
                    EscalationRecord(alarm_id=one.id, level=each, post=post, at=now)
                ):
                    return  # another replica was faster
                sent = await self._sent(work, one, post)
                await self.office.log.append(
                    work,
                    event=Event.REQUEST_ESCALATED if one.agency else Event.ALARM_ESCALATED,
                    actor="hub",
                    now=now,
                    referral=one.referral_id,
                    subject=one.subject,
                    detail={"alarm": one.id, "kind": one.kind, "level": each, "sent": sent},
                )
            await work.commit()

    async def _sent(self, work: Work, one: StandingAlarm, post: str) -> bool:
        """Whether the post is a lead of the late agency that receives messages, and was sent the request."""
        agency = self.office.readers.agency(one.agency) if one.agency else None
        named = agency.recipients if agency is not None else ()
        if not any(each.name == post and each.role is Role.PROFESSIONAL_LEAD for each in named):
            return False
        request = await work.requests.get(one.subject)
        client = await self.office.agencies.recipient(work, request.agency, post)
        if post == request.recipient or client is None or client.encryption_jwk is None:
            return False
        referral = await work.referrals.get(request.referral_id)
        note = await self.office.dossier.request(work, request)
        await self.reasking.send(work, referral, replace(request, recipient=post), note, actor="hub")
        return True
