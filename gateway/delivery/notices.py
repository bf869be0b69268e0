"""Arrivals are announced to the hub's own systems: by opaque ids, as a hint. The store is the record.

A notice commits with its message, claimed by the worker that kept it, and is handed over in memory after the commit.
What the broker confirmed is deleted with a later commit of the intake, or by a commit of its own when there is none.
Whatever memory lost, because it was full, the broker away or the process dead, is claimed again from the store.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import structlog

from gateway.delivery.broker import ARRIVALS, Broker
from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.store import Store
from gateway.store.direct import intake as sets
from gateway.store.records import NoticeRecord
from gateway.world import World
from schemas.errors import Unavailable
from schemas.hub import Hub

LEASE = timedelta(seconds=60)
MOST_HELD = 10_000
_BATCH = 512
_SWEEP = 1_000
_SWEEP_EVERY = 10.0
_TICK = 0.5
_logger = structlog.get_logger(__name__)


class Notices:
    """Announces arrivals of one process. Without ``on`` nothing is to be recorded nor handed over."""

    def __init__(self, *, hub: Hub, world: World, store: Store, on: bool) -> None:
        self.on = on
        self._source = hub.hub.id
        self._life = timedelta(hours=hub.broker.queue_hours)
        self._world = world
        self._store = store
        self._worker = world.random(8).hex()
        self._held: deque[NoticeRecord] = deque()
        self._confirmed: list[str] = []
        self._woken = asyncio.Event()
        self._taken = False
        self._away = False

    def record(
        self, message_id: str, kind: Literal["accepted", "quarantined"], *, subject: str, at: datetime
    ) -> NoticeRecord:
        """The notice of a message, to be kept with it; ``subject`` is its referral, or empty."""
        next_at = self._world.now() + LEASE
        return NoticeRecord(id=message_id, kind=kind, subject=subject, at=at, claimed_by=self._worker, next_at=next_at)

    def hand_over(self, records: Sequence[NoticeRecord]) -> None:
        """Announce these, which are committed, soon. Waits for nothing; what memory has no room for, the store has."""
        self._held.extend(records[: max(0, MOST_HELD - len(self._held))])
        self._woken.set()

    def take_confirmed(self) -> list[str]:
        """The ids that the broker confirmed since they were last taken, to be deleted in the caller's transaction."""
        taken, self._confirmed = self._confirmed, []
        self._taken = True
        return taken

    def give_back(self, ids: Sequence[str]) -> None:
        """What was taken was not deleted: that transaction failed."""
        self._confirmed.extend(ids)

    async def run(self, broker: Broker) -> None:
        """Publish what is handed over and what dead workers left, until cancelled."""
        loop = asyncio.get_running_loop()
        tick = sweep = loop.time()
        while True:
            if not self._held:
                self._woken.clear()
                try:
                    async with asyncio.timeout(_TICK):
                        await self._woken.wait()
                except TimeoutError:
                    pass
            await self._publish(broker)
            try:
                if loop.time() >= tick:
                    tick = loop.time() + _TICK
                    if not self._taken:
                        await self.flush()  # no intake commits: nobody else will
                    self._taken = False
                if loop.time() >= sweep and not self._held:
                    full = await self._sweep()
                    sweep = loop.time() + (0 if full else _SWEEP_EVERY)
            except Unavailable as error:
                _logger.warning("notices.store", code=error.code)
                sweep = loop.time() + _SWEEP_EVERY

    async def flush(self) -> None:
        """Delete what was confirmed, in a commit of its own.

        Raises:
            Unavailable: the store is not there; they are deleted another time.
        """
        if not self._confirmed:
            return
        ids, self._confirmed = self._confirmed, []
        try:
            async with self._store.direct() as work:
                await work.commit(sets.forget_notices(ids))
        except BaseException:
            self.give_back(ids)
            raise

    async def _sweep(self) -> bool:
        """Claim what dead workers and full memories left; whether there may be more of it."""
        now = self._world.now()
        most = 1 if self._away else _SWEEP  # one is enough to find the broker back
        async with self._store.work() as work:
            claimed = await work.notices.claim(limit=most, now=now, lease=LEASE, worker=self._worker)
            await work.commit()
        self._held.extend(claimed)
        return len(claimed) == most and not self._away

    async def _publish(self, broker: Broker) -> None:
        now = self._world.now()
        batch: list[NoticeRecord] = []
        while self._held and len(batch) < _BATCH:
            notice = self._held.popleft()
            if notice.at + self._life <= now:
                self._confirmed.append(notice.id)  # as old as its queue would let it become
            elif notice.next_at > now:  # else its lease is over, and it is whoever claims it who announces it
                batch.append(notice)
        if not batch:
            return
        outcomes = await broker.publish_all([self._outgoing(notice) for notice in batch])
        self._confirmed += [
            notice.id for notice, outcome in zip(batch, outcomes, strict=True) if outcome is Outcome.SENT
        ]
        self._away = Outcome.SENT not in outcomes
        if Outcome.UNROUTABLE in outcomes:
            _logger.warning("notices.unroutable", count=outcomes.count(Outcome.UNROUTABLE))

    def _outgoing(self, notice: NoticeRecord) -> Outgoing:
        headers = {
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": notice.id,
            "cloudEvents_source": self._source,
            "cloudEvents_type": f"uk.mash.message.{notice.kind}",
            "cloudEvents_time": notice.at.isoformat().replace("+00:00", "Z"),
        }
        if notice.subject:  # CloudEvents: a subject is not empty
            headers["cloudEvents_subject"] = notice.subject
        return Outgoing(key=ARRIVALS, body=b"", headers=headers, message_id=notice.id, content_type="")
