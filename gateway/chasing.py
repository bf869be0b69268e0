"""Reminders: an agency hears again of a request that it has not answered, as often as its hub says, each time once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.casework.office import Office
from gateway.casework.reasking import Reasking
from gateway.store.records import ChaseRecord, WaitingRequest
from routing.lifecycle import RequestState
from schemas.errors import MashError
from schemas.vocabulary import Rating

_WAITING = frozenset({RequestState.ASKED, RequestState.DELIVERED, RequestState.OPENED, RequestState.OVERDUE})
"""An owner who asked what is meant waits for the hub, and is not reminded."""


@dataclass(frozen=True, kw_only=True)
class Chasing:
    """Looks for requests whose time for a reminder has come. A reminder commits with the record that it was given."""

    office: Office
    reasking: Reasking

    async def round(self, now: datetime) -> None:
        """Remind whoever is to be reminded by ``now`` (aware UTC). What one request can't have holds no other up.

        Raises:
            MashError: the first of what went wrong, once all had their turn.
        """
        most = len(self.office.hub.chase.at)
        failed: list[MashError] = []
        last: WaitingRequest | None = None
        while most:
            async with self.office.store.reading() as work:
                page = await work.timing.waiting_requests(_WAITING, most, after=last)
            for one in page:
                number = self._number(one, now)
                if number > one.reached:
                    try:
                        await self._remind(one, number, now)
                    except MashError as error:
                        failed.append(error)
            if not page:
                break
            last = page[-1]
        if failed:
            raise failed[0]

    def _number(self, one: WaitingRequest, now: datetime) -> int:
        """How many reminders are due by now."""
        rating = Rating(one.rating) if one.rating else None
        times = self.office.timetable.chases(one.agency, rating, one.created_at, one.due_at)
        return sum(moment <= now for moment in times)

    async def _remind(self, one: WaitingRequest, number: int, now: datetime) -> None:
        async with self.office.store.work() as work:
            # In the order in which everybody locks: the referral, its envelopes, the request.
            referral = await work.referrals.lock(one.referral_id)
            await work.envelopes.lock_unopened(one.id)
            request = await work.requests.lock(one.id)
            # As it is now: it may have been answered, withdrawn or clarified since it was found.
            if request.closed_at is not None or request.state not in _WAITING:
                return
            # Those that nobody gave in time, because nobody watched, are made up for by one.
            fresh = [
                await work.timing.add_chase(ChaseRecord(request_id=one.id, number=missed, at=now))
                for missed in range(one.reached + 1, number + 1)
            ]
            if not fresh[-1]:
                return  # another replica was faster
            await self.reasking.remind(work, referral, request, number)
            await work.commit()
