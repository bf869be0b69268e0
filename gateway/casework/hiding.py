"""A family that hides after it was asked about: requests that tell a postcode, and that nobody opened, go out without.

At its opening such a request is refused already; this is how the lead who is asked gets one that opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.casework.office import Office
from gateway.casework.protection import cases_of
from gateway.casework.reasking import Reasking
from gateway.store import Work
from gateway.store.direct import opening


@dataclass(frozen=True, kw_only=True)
class Hiding:
    """A step of the watch, safe to repeat."""

    office: Office
    reasking: Reasking

    async def look(self, work: Work, _now: datetime) -> None:
        """Sign and send anew what tells more than it may by now."""
        waiting = await work.envelopes.unopened_requests()
        (rows,) = await work.sets.read(opening.cases([envelope for envelope, _, _ in waiting]))
        limited = {referral for referral, case in cases_of(rows).items() if case.protection.limits_somebody}
        for request_id in dict.fromkeys(request for _, referral, request in waiting if referral in limited):
            # The referral first, then envelopes, then the request: in one order everywhere.
            referral = await self.office.referral(work, (await work.requests.get(request_id)).referral_id)
            if not await work.envelopes.lock_unopened(request_id):
                continue  # opened meanwhile, and what was told is told
            request = await work.requests.lock(request_id)
            if request.closed_at is None and await self.reasking.tells_too_much(work, referral, request):
                await self.reasking.again(work, referral, request, actor="hub", due_at=request.due_at)
