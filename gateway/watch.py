"""What happens because time passes: alarms, overdue requests, expired envelopes, promoted keys, the log's sequence.

What is due is decided by pure functions of ``routing``; this only looks, at intervals, and writes down. Every step is
its own unit of work and safe to repeat, so that several replicas may watch at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto.keys import Purpose
from gateway.alarms import Alarms
from gateway.bulk_opening import BulkOpenings
from gateway.casework.hiding import Hiding
from gateway.chasing import Chasing
from gateway.configuration import Configuration
from gateway.erasure.due import Due
from gateway.erasure.keks import Keks
from gateway.escalating import Escalating
from gateway.expiry import Expiry
from gateway.intake.refusals import Refusals
from gateway.keys import Keys
from gateway.lateness import Lateness
from gateway.log import Log
from gateway.log.events import Event
from gateway.rehash import Rehash
from gateway.research.searching import Searching
from gateway.store import Store, Work
from gateway.store.records import EnvelopeState
from gateway.vault import Vault
from gateway.world import World
from routing import clocks, lifecycle
from routing.lifecycle import ProductState, ReferralState, RequestState, Software, Step
from schemas.hub import Hub
from schemas.vocabulary import Rating

_DECIDED = frozenset({ReferralState.DECIDED, ReferralState.PRODUCT_SENT, ReferralState.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One round after another, until the gateway stops."""

    configuration: Configuration
    world: World
    store: Store
    keys: Keys
    vault: Vault
    log: Log
    alarms: Alarms
    lateness: Lateness
    chasing: Chasing
    escalating: Escalating
    refusals: Refusals
    bulk_opening: BulkOpenings
    rehash: Rehash
    due: Due
    keks: Keks
    searching: Searching
    hiding: Hiding

    @property
    def hub(self) -> Hub:
        """The hub's configuration as it is in force."""
        return self.configuration.hub

    async def round(self) -> None:
        """Look at everything once.

        Raises:
            Unavailable: the store is not there; the next round looks again.
        """
        now = self.world.now()
        await self.keys.refresh()
        await self.keys.promote_due(now)
        failed: list[Exception] = []
        for chore in (
            self._rotated,
            self._destroyed,
            self.rehash.round,
            self.due.round,
            self.keks.round,
            self.searching.round,
        ):
            try:
                await chore(now)
            except Exception as error:  # noqa: BLE001 - raised again, once the others had their turn
                failed.append(error)
        # Each in a work of its own: what one of them can't do holds none of the others up.
        steps = (self._unrated, self._late, self._unaccepted, self._expired, self._sweep, self._rewrap)
        alarmed = (self.lateness.feedback, self.lateness.steps, self.lateness.red)
        for step in (*steps, *alarmed, self._ending, self.hiding.look, self.bulk_opening.look):
            try:
                async with self.store.work() as work:
                    await step(work, now)
                    await work.commit()
            except Exception as error:  # noqa: BLE001 - raised again, once the others had their turn
                failed.append(error)
        # Once everything late has its alarm; each reminder and each turn is a work of its own.
        for look in (self.chasing.round, self.escalating.round):
            try:
                await look(now)
            except Exception as error:  # noqa: BLE001 - raised again, once the others had their turn
                failed.append(error)
        await self.refusals.flush()
        if failed:
            raise failed[0]

    @staticmethod
    async def _sweep(work: Work, now: datetime) -> None:
        await work.seen.sweep(now)

    async def _rotated(self, now: datetime) -> None:
        every = {Purpose(name): timedelta(days=days) for name, days in self.hub.keys.rotate_days.items()}
        await self.keys.rotate_due(now, every)

    async def _destroyed(self, now: datetime) -> None:
        await self.keys.destroy_due(now, wait=timedelta(days=self.hub.keys.destroy_days))

    async def _rewrap(self, work: Work, now: datetime) -> None:
        done = await self.vault.rewrap(work)
        if done:
            detail = {"scopes": done, "version": self.keys.keks().current}
            await self.log.append(work, event=Event.KEYS_REWRAPPED, actor="hub", now=now, detail=detail)

    async def _ending(self, work: Work, now: datetime) -> None:
        await Expiry(section=self.hub.keys, world=self.world, log=self.log).watch(work, self.keys.ring, now)

    async def _unrated(self, work: Work, now: datetime) -> None:
        minutes = self.hub.clocks.unrated_alarm_minutes
        for referral in await work.referrals.unrated(now - timedelta(minutes=minutes)):
            rating = Rating(referral.rating) if referral.rating else None
            start = referral.reopened_at or referral.received_at
            if clocks.unrated_alarm(start, rating, now, minutes):
                await self._raise(work, "unrated", referral.id, referral.id, now)

    async def _late(self, work: Work, now: datetime) -> None:
        for referral in await work.referrals.overdue(now):
            if ReferralState(referral.state) in _DECIDED:
                continue  # the clock that ran was the decision's
            await self._raise(work, "decision_overdue", referral.id, referral.id, now)
        for found in await work.requests.due_before(now):
            if found.state != RequestState.OVERDUE:
                # As it is now: it may have been answered, withdrawn or re-dated since it was found.
                request = await work.requests.lock(found.id)
                if request.closed_at is not None or request.due_at > now:
                    continue
                state = lifecycle.advance(RequestState(request.state), Step.FALL_OVERDUE, Software.HUB)
                await work.requests.save(replace(request, state=state))
            await self._raise(work, "request_overdue", found.referral_id, found.id, now)

    async def _unaccepted(self, work: Work, now: datetime) -> None:
        before = now - timedelta(minutes=self.hub.clocks.unaccepted_alarm_minutes)
        for product in await work.products.unaccepted(before):
            if product.state == ProductState.REVOKED:
                continue  # nobody can accept what was called back
            await self._raise(work, "product_unaccepted", product.referral_id, product.id, now)

    async def _expired(self, work: Work, now: datetime) -> None:
        for found in await work.envelopes.lapsed(now):
            envelope = await work.envelopes.lock(found.id)
            if envelope.state != EnvelopeState.SEALED:
                continue  # opened in its last moment, or called back
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
        await self.alarms.raise_once(work, kind, referral=referral, subject=subject, now=now)
