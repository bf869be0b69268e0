"""The outbox relay: what was committed goes to the broker, and counts as sent when the broker has confirmed it.

The broker is not the record. A message that was published and whose confirmation was lost is published again under
the same id: a reader may see an envelope twice and can open it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.delivery.broker import Broker, Unroutable
from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.delivery.progress import Progress
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.direct import outbox
from gateway.store.records import EnvelopeRecord, EnvelopeState, OutboxRecord
from gateway.world import World
from schemas.errors import Unavailable

BATCH = 256
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
UNROUTABLE = "unroutable"
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=5)
_OPENS = frozenset({EnvelopeState.SEALED, EnvelopeState.RELEASED})
_Claimed = tuple[OutboxRecord, EnvelopeRecord]
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Moves envelopes from the outbox to the broker. Several may run: they never claim the same message."""

    world: World
    store: Store
    broker: Broker
    progress: Progress
    log: Log
    worker: str

    async def once(self) -> int:
        """Send what is due; how many messages were claimed.

        Raises:
            Unavailable: the store is not there.
        """
        now = self.world.now()
        # Most often nothing waits: that costs one look, and no transaction of SQLAlchemy's.
        async with self.store.direct() as direct:
            (due,) = await direct.read(outbox.due(direct.dialect, now))
        if not due:
            return 0
        async with self.store.work() as work:
            claimed = await work.outbox.claim(limit=BATCH, now=now, lease=LEASE, worker=self.worker)
            envelopes = {one.id: one for one in await work.envelopes.get_many([row.envelope_id for row in claimed])}
            await work.commit()
        if not claimed:
            return 0
        fates = await self._send([(row, envelopes[row.envelope_id]) for row in claimed])
        async with self.store.work() as work:
            await self._settle(work, [(row, envelopes[row.envelope_id], fate) for row, fate in fates])
            await work.commit()
        return len(claimed)

    async def _send(self, claimed: Sequence[_Claimed]) -> list[tuple[OutboxRecord, str]]:
        """Each with ``sent``, ``gone`` (it opens no more), ``unroutable``, ``dead`` (that to the last) or ``away``."""
        leaving = [one for one in claimed if one[1].state in _OPENS]
        fates = [(row, "gone") for row, envelope in claimed if envelope.state not in _OPENS]
        outcomes = await self.broker.publish_all([_outgoing(row, envelope) for row, envelope in leaving])
        for (row, envelope), outcome in zip(leaving, outcomes, strict=True):
            last = outcome is Outcome.UNROUTABLE and row.attempts >= MOST_ATTEMPTS
            fates.append((row, await self._give_up(row, envelope) if last else outcome.value))
        return fates

    async def _give_up(self, row: OutboxRecord, envelope: EnvelopeRecord) -> str:
        """``dead`` once the dead letters have it. A second copy after a crash does no harm: it opens nothing."""
        try:
            await self.broker.dead_letter(
                row.routing_key, envelope.body, envelope.headers, envelope.id, reason=UNROUTABLE
            )
        except Unroutable:
            _logger.warning("relay.no_dead_letters", envelope=envelope.id)
        except Unavailable:
            return "away"
        return "dead"

    async def _settle(self, work: Work, fates: Sequence[tuple[OutboxRecord, EnvelopeRecord, str]]) -> None:
        now = self.world.now()
        await work.outbox.done([row.id for row, _, fate in fates if fate in {"sent", "gone"}])
        await self.progress.delivered(work, [envelope for _, envelope, fate in fates if fate == "sent"], now)
        for row, envelope, fate in fates:
            if fate == "dead":
                await self._park(work, row, envelope, now)
            elif fate in {"unroutable", "away"}:
                _logger.warning("relay.retry", envelope=envelope.id, fate=fate, attempts=row.attempts)
                await work.outbox.retry(row.id, now + wait_after(row.attempts))

    async def _park(self, work: Work, row: OutboxRecord, envelope: EnvelopeRecord, now: datetime) -> None:
        # A queue that stays away is for a person to mend; a broker that is away is waited for, however long.
        await work.outbox.park(row.id, UNROUTABLE)
        await self.log.append(
            work,
            event=Event.ENVELOPE_PARKED,
            actor="hub",
            now=now,
            referral=envelope.referral_id,
            subject=envelope.id,
            detail={"reason": UNROUTABLE, "attempts": row.attempts},
        )


def _outgoing(row: OutboxRecord, envelope: EnvelopeRecord) -> Outgoing:
    return Outgoing(key=row.routing_key, body=envelope.body, headers=envelope.headers, message_id=envelope.id)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from a second, up to five minutes."""
    return min(_FIRST_WAIT * (1 << min(attempts, 12)), _LONGEST_WAIT)
