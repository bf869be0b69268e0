"""Rating and re-rating: a social work manager's alone. The clock's length follows; its start never moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.notes import RatingNote
from gateway.casework.office import Office, acting_role, require_assigned
from gateway.casework.reasking import Reasking
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import RatingRecord, ReferralRecord, RequestRecord
from routing import clocks, decisions, lifecycle
from routing.lifecycle import ReferralState, RequestState, Step
from schemas import opaque
from schemas.errors import Rejected
from schemas.vocabulary import Rating


@dataclass(frozen=True, kw_only=True)
class Rated:
    """What a rating did: the due time, and the open requests that are due earlier now."""

    rating: Rating
    previous: Rating | None
    due_at: datetime
    redated: tuple[RequestRecord, ...]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a rating would do: the due time, and the agencies whose open requests would be due earlier."""

    due_at: datetime
    redated: tuple[str, ...]


class RatingDesk:
    """Where referrals are rated."""

    def __init__(self, office: Office, reasking: Reasking) -> None:
        self._office = office
        self._reasking = reasking

    async def rate(
        self,
        caller: PersonCaller,
        name: str,
        *,
        rating: Rating,
        threshold: int,
        reasons: Sequence[str],
        cites: Sequence[str],
        relax_reason: str | None,
    ) -> Rated:
        """Rate or re-rate a referral. The first manager to rate it carries it from then on.

        Raises:
            Refused: not a manager, or another manager's case: take it over first, with a reason.
            Rejected: incomplete. Conflict: the referral is closed. Unknown: no such referral.
        """
        office, now, role = self._office, self._office.now(), acting_role(caller)
        scheme = [rule.rating for rule in office.hub.ratings]
        given = decisions.rate(role=role, rating=rating, reasons=reasons, threshold_level=threshold, scheme=scheme)
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            if referral.assigned_to is not None:
                require_assigned(referral, caller)
            state = lifecycle.advance(ReferralState(referral.state), Step.RATE, role)
            held = {one.id for one in await work.disclosures.of_referral(name)}
            if not held.issuperset(cites):
                raise Rejected("rating.cites", "cite disclosures of this referral", at="cites")
            due_at = self._due(referral, rating, now, relax_reason)
            previous = Rating(referral.rating) if referral.rating else None
            relaxed = referral.due_at is not None and due_at > referral.due_at
            note = RatingNote(reasons=given.reasons, cites=tuple(cites), relax_reason=relax_reason)
            record = await self._record(work, referral, caller, given=given, note=note, due_at=due_at, relaxed=relaxed)
            await work.referrals.save(
                replace(
                    referral,
                    state=state,
                    rating=rating,
                    due_at=due_at,
                    assigned_to=referral.assigned_to or caller.subject,
                )
            )
            await office.clear_alarm(work, "unrated", referral=name, subject=name, actor=caller.actor)
            if due_at > now:
                await office.clear_alarm(work, "decision_overdue", referral=name, subject=name, actor=caller.actor)
            redated = await self._redate(work, referral, caller.actor, rating, now)
            await office.log.append(
                work,
                event=Event.RATING_RELAXED if relaxed else Event.RATING_GIVEN,
                actor=caller.actor,
                now=now,
                referral=name,
                subject=record.id,
                detail={
                    "rating": str(rating),
                    "previous": str(previous or "none"),
                    "due_at": due_at.isoformat(),
                    "redated": len(redated),
                },
            )
            await work.commit()
        return Rated(rating=rating, previous=previous, due_at=due_at, redated=tuple(redated))

    async def foreseen(self, caller: PersonCaller, name: str, rating: Rating, *, relax_reason: str | None) -> Foreseen:
        """What a rating would do if it were given now; nothing is done.

        Raises:
            Unknown: no such referral. Refused: another manager's case. Rejected: no rating of this hub.
        """
        office, now = self._office, self._office.now()
        async with office.store.reading() as work:
            referral = await office.referral_seen(work, name)
            if referral.assigned_to is not None:
                require_assigned(referral, caller)
            due_at = self._due(referral, rating, now, relax_reason)
            sooner = [
                request
                for request in await work.requests.open_of_referral(name)
                if clocks.redated(request.due_at, rating, now, office.hub.ratings, office.calendar) < request.due_at
            ]
        return Foreseen(due_at=due_at, redated=tuple(one.agency for one in sooner))

    def _due(self, referral: ReferralRecord, rating: Rating, now: datetime, relax_reason: str | None) -> datetime:
        return clocks.rerated_due(
            referral.due_at,
            rating,
            now,
            self._office.hub.ratings,
            self._office.calendar,
            received=referral.reopened_at or referral.received_at,
            relax_reason=relax_reason,
        )

    async def _record(
        self,
        work: Work,
        referral: ReferralRecord,
        caller: PersonCaller,
        *,
        given: decisions.RatingGiven,
        note: RatingNote,
        due_at: datetime,
        relaxed: bool,
    ) -> RatingRecord:
        office = self._office
        record_id = office.world.name(opaque.Prefix.RATING)
        record = RatingRecord(
            id=record_id,
            referral_id=referral.id,
            at=office.now(),
            rating=given.rating,
            previous=referral.rating,
            threshold=given.threshold_level,
            by=caller.subject,
            due_at=due_at,
            relaxed=relaxed,
            sealed=await office.strongbox.put(work, referral.scope, "ratings.sealed", record_id, note),
        )
        await work.ratings.add(record)
        return record

    async def _redate(
        self, work: Work, referral: ReferralRecord, actor: str, rating: Rating, now: datetime
    ) -> list[RequestRecord]:
        """The open requests that the new rating makes due earlier, signed anew and sent again."""
        office, redated = self._office, []
        for found in await work.requests.open_of_referral(referral.id):
            # Its unopened envelopes first, then the request as it is now: it may be opened or answered meanwhile.
            await work.envelopes.lock_unopened(found.id)
            request = await work.requests.lock(found.id)
            if request.closed_at is not None or request.state == RequestState.WITHDRAWN:
                continue
            due_at = office.timetable.redated(request.agency, request.due_at, rating, now)
            if due_at < request.due_at:
                changed = await self._reasking.again(
                    work, referral, replace(request, due_at=due_at), actor=actor, due_at=due_at
                )
                redated.append(changed)
        return redated
