"""What happens because time passes: alarms, overdue requests, expired envelopes, promoted keys, the log's sequence.

What is due is decided by pure functions of ``routing``; this only looks, at intervals, and writes down. Every step is
its own unit of work and safe to repeat, so that several replicas may watch at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.intake.refusals import Refusals
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import AlarmRecord, EnvelopeState
from gateway.vault import Vault
from gateway.world import World
from routing import clocks, lifecycle
from routing.lifecycle import RequestState, Software, Step
from schemas import opaque
from schemas.hub import Hub
from schemas.vocabulary import Rating


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One round after another, until the gateway stops."""

    hub: Hub
    world: World
    store: Store
    keys: Keys
    vault: Vault
    log: Log
    refusals: Refusals

    async def round(self) -> None:
        """Look at everything once.

        Raises:
            Unavailable: the store is not there; the next round looks again.
        """
        now = self.world.now()
        await self.keys.refresh()
        await self.keys.promote_due(now)
        async with self.store.work() as work:
            await self._unrated(work, now)
            await self._late(work, now)
            await self._unaccepted(work, now)
            await self._expired(work, now)
            await work.seen.sweep(now)
            await self.vault.rewrap(work)
            await work.commit()
        await self.refusals.flush()

    async def _unrated(self, work: Work, now: datetime) -> None:
        minutes = self.hub.clocks.unrated_alarm_minutes
        for referral in await work.referrals.unrated(now - timedelta(minutes=minutes)):
            rating = Rating(referral.rating) if referral.rating else None
            start = referral.reopened_at or referral.received_at
            if clocks.unrated_alarm(start, rating, now, minutes):
                await self._raise(work, "unrated", referral.id, referral.id, now)

    async def _late(self, work: Work, now: datetime) -> None:
        for referral in await work.referrals.overdue(now):
            await self._raise(work, "decision_overdue", referral.id, referral.id, now)
        for request in await work.requests.due_before(now):
            if request.state != RequestState.OVERDUE:
                state = lifecycle.advance(RequestState(request.state), Step.FALL_OVERDUE, Software.HUB)
                await work.requests.save(replace(await work.requests.lock(request.id), state=state))
            await self._raise(work, "request_overdue", request.referral_id, request.id, now)

    async def _unaccepted(self, work: Work, now: datetime) -> None:
        before = now - timedelta(minutes=self.hub.clocks.unaccepted_alarm_minutes)
        for product in await work.products.unaccepted(before):
            await self._raise(work, "product_unaccepted", product.referral_id, product.id, now)

    async def _expired(self, work: Work, now: datetime) -> None:
        for envelope in await work.envelopes.lapsed(now):
            await work.envelopes.save(replace(envelope, state=EnvelopeState.EXPIRED))
            await self.log.append(
                work,
                event=Event.ENVELOPE_EXPIRED,
                actor="hub",
                now=now,
                referral=envelope.referral_id,
                subject=envelope.id,
            )

    async def _raise(self, work: Work, kind: str, referral: str, subject: str, now: datetime) -> None:
        name = self.world.name(opaque.Prefix.ALARM)
        alarm = AlarmRecord(id=name, kind=kind, referral_id=referral, subject=subject, raised_at=now)
        if await work.alarms.raise_once(alarm):
            await self.log.append(
                work,
                event=Event.ALARM_RAISED,
                actor="hub",
                now=now,
                referral=referral,
                subject=subject,
                detail={"kind": kind, "alarm": name},
            )
