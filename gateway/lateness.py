"""Alarms on steps: what the referrer was not told, what has a clock of its own, a red while the hub is closed.

Each of these alarms stands while its cause does: every look raises what is late and clears what no longer is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.alarms import Alarms
from gateway.casework.office import Office
from gateway.store import Work
from gateway.store.records import EscalationRecord, StepFacts
from routing import step_clocks
from routing.lifecycle import ReferralState
from schemas.timing import TimedStep
from schemas.vocabulary import Rating

RED_OUT_OF_HOURS = "red_out_of_hours"
FEEDBACK_OVERDUE = "feedback_overdue"
_DECIDED = frozenset({ReferralState.DECIDED, ReferralState.PRODUCT_SENT})
_UNDECIDED = frozenset(ReferralState) - _DECIDED - {ReferralState.CLOSED}
_ON_DUTY = 0


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """Looks at open referrals, each time in the work that it is given."""

    office: Office
    alarms: Alarms

    async def feedback(self, work: Work, now: datetime) -> None:
        """The second clock: a working day after receipt the referrer has been told. It runs whatever the rating is."""
        for name in await work.timing.feedback_late(now):
            await self.alarms.raise_once(work, FEEDBACK_OVERDUE, referral=name, subject=name, now=now)

    async def red(self, work: Work, now: datetime) -> None:
        """While the hub is closed a red referral that is not decided is the business of the post on duty, at once."""
        reds = await work.timing.undecided(Rating.RED, _UNDECIDED) if self.office.hub.escalation.out_of_hours else []
        needed = set(reds) if self.office.timetable.red_out_of_hours(Rating.RED, now) else set()
        for name in sorted(needed):
            alarm = await self.alarms.raise_once(work, RED_OUT_OF_HOURS, referral=name, subject=name, now=now)
            if alarm is not None:
                post = self.office.hub.escalation.out_of_hours
                record = EscalationRecord(alarm_id=alarm, level=_ON_DUTY, post=post, at=now)
                _ = await work.timing.add_escalation(record)
        await self._clear(work, RED_OUT_OF_HOURS, needed, now)

    async def steps(self, work: Work, now: datetime) -> None:
        """The clocks of single steps, where the hub's file gives any."""
        late: dict[TimedStep, dict[str, str]] = {step: {} for step in step_clocks.ALARMS}
        if self.office.hub.steps:
            await self._of_referrals(work, late, now)
            await self._of_products(work, late, now)
        for step, subjects in late.items():
            kind = step_clocks.ALARMS[step]
            for subject, referral in subjects.items():
                await self.alarms.raise_once(work, kind, referral=referral, subject=subject, now=now)
            await self._clear(work, kind, subjects.keys(), now)

    async def _of_referrals(self, work: Work, late: dict[TimedStep, dict[str, str]], now: datetime) -> None:
        page = await work.timing.open_steps()
        while page:
            for facts in page:
                for step, since in _waiting(facts).items():
                    if self._late(step, facts.rating, since, now):
                        late[step][facts.referral_id] = facts.referral_id
            page = await work.timing.open_steps(after=page[-1].referral_id)

    async def _of_products(self, work: Work, late: dict[TimedStep, dict[str, str]], now: datetime) -> None:
        page = await work.timing.accepted_products()
        while page:
            for one in page:
                if self._late("act", one.rating, one.accepted_at, now):
                    late["act"][one.id] = one.referral_id
            page = await work.timing.accepted_products(after=page[-1].id)

    def _late(self, step: TimedStep, rating: str | None, since: datetime | None, now: datetime) -> bool:
        rated = Rating(rating) if rating else None
        due = step_clocks.due(step, rated, since, self.office.hub.steps, self.office.timetable.calendar)
        return due is not None and now >= due

    async def _clear(self, work: Work, kind: str, needed: Collection[str], now: datetime) -> None:
        for alarm in await work.alarms.of_kinds({kind}, limit=None):
            # A look that began before the alarm was raised, at a replica that was held up, does not take it back.
            if alarm.subject not in needed and alarm.raised_at <= now:
                await self.alarms.clear(work, kind, referral=str(alarm.referral_id), subject=alarm.subject, now=now)


def _waiting(facts: StepFacts) -> dict[TimedStep, datetime | None]:
    """The steps that the referral has yet to take, each with the time from which it may be taken."""
    state = ReferralState(facts.state)
    waiting: dict[TimedStep, datetime | None] = {}
    if facts.screened_at is None and state not in _DECIDED:
        waiting["screen"] = facts.begun_at
    if facts.asked_at is None and state not in _DECIDED:
        waiting["ask"] = facts.rated_at
    if state in _DECIDED:
        waiting["close"] = facts.decided_at
    return waiting
