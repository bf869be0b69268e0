"""Thin messages completed: what they point to is fetched beside everything else, and comes in as a message of its own.

The message was accepted and answered long before. What is to be asked for committed with it, so that a restart forgets
nothing; several processes never ask for the same at once. What fails is tried again, ever less often; what can't be
had is set aside with an alarm, for a person. Whatever happens here, the message that pointed there stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from adapters.port import Fate as Told
from gateway.intake.detail_call import DetailCall
from gateway.intake.intake import BYTES_PLACE, Feed, Intake
from gateway.intake.thin import Completes
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import AlarmRecord, DetailRecord
from gateway.vault import Vault
from gateway.world import World
from schemas import opaque
from schemas.errors import MashError, Refused, Rejected, TooLarge, Unavailable, Unknown

BATCH = 16
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 16
"""Over some seven hours: longer than an outage that nobody noticed, shorter than a night shift."""
PARKED_ALARM = "detail_parked"
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)
_FOR_GOOD = (Refused, Rejected, TooLarge)
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Thin:
    """A message whose detail is asked for: where it stands, and what the message's own bytes and referral are."""

    feed: Feed
    url: str
    payload: bytes
    referral: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """Completes the thin messages of these feeds; ``calls`` are by feed. Several may run."""

    world: World
    store: Store
    vault: Vault
    log: Log
    intake: Intake
    feeds: Mapping[str, Feed]
    calls: Mapping[str, DetailCall]
    worker: str

    async def once(self) -> int:
        """Ask for what is due; how many that were.

        Raises:
            Unavailable: the store is not there.
        """
        now = self.world.now()
        async with self.store.reading() as work:
            due = await work.details.due(now)
        if not due:
            return 0
        async with self.store.work() as work:
            claimed = await work.details.claim(limit=BATCH, now=now, lease=LEASE, worker=self.worker)
            await work.commit()
        await self._all(claimed)
        return len(claimed)

    async def _all(self, claimed: Sequence[DetailRecord]) -> None:
        ended = await asyncio.gather(*(self._one(record) for record in claimed), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def _one(self, record: DetailRecord) -> None:
        try:
            thin = await self._thin(record)
            if thin is None:
                return  # its feed has no details any more, or none here: it waits for a process that has
            detail = await self.calls[record.feed].fetch(thin.url)
            completing = thin.feed.completing
            if completing is None:
                return
            payload = await asyncio.to_thread(completing.completed, thin.payload, detail)
            completes = Completes(message_id=record.message_id, referral=thin.referral)
            answered = await self.intake.receive(thin.feed, payload, None, source="details", completes=completes)
        except MashError as error:
            await self._failed(record, error)
            return
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            _logger.error("detail.bug", kind=type(error).__name__)  # noqa: TRY400 - without the exception text, which may be somebody's data
            await self._failed(record, Rejected(f"detail.bug.{type(error).__name__}"))
            return
        if answered.fate is Told.UNAVAILABLE:
            await self._failed(record, Unavailable("store.unavailable"))
            return
        await self._done(record, answered.message_id)

    async def _thin(self, record: DetailRecord) -> _Thin | None:
        feed = self.feeds.get(record.feed)
        if feed is None or feed.completing is None or record.feed not in self.calls:
            return None
        async with self.store.reading() as work:
            message = await work.messages.get(record.message_id)
            place = f"{BYTES_PLACE}.{message.id}"
            payload = await self.vault.open(work, message.scope, message.sealed, aad=place)
            items = await work.messages.items(message.id)
        url = feed.completing.detail_url(payload)
        if not url:
            raise Rejected("detail.url", "name an http(s) address", at="url")
        return _Thin(
            feed=feed,
            url=url,
            payload=payload,
            referral=next((one.referral_id for one in items if one.referral_id), None) or "",
        )

    async def _done(self, record: DetailRecord, completed_by: str) -> None:
        now = self.world.now()
        async with self.store.work() as work:
            await work.details.done(record.message_id, completed_by)
            await self.log.append(
                work,
                event=Event.MESSAGE_COMPLETED,
                actor="hub",
                now=now,
                subject=record.message_id,
                detail={"feed": record.feed, "by": completed_by, "attempts": record.attempts},
            )
            await work.commit()
        _logger.info("detail.taken", message=record.message_id, feed=record.feed, kept=completed_by)

    async def _failed(self, record: DetailRecord, error: MashError) -> None:
        now = self.world.now()
        for_good = isinstance(error, _FOR_GOOD) or error.code == "scope.unknown"
        async with self.store.work() as work:
            if for_good or record.attempts >= MOST_ATTEMPTS:
                await self._park(work, record, error.code)
            else:
                await work.details.retry(record.message_id, now + wait_after(record.attempts), error.code)
            await work.commit()
        _logger.warning(
            "detail.failed", message=record.message_id, feed=record.feed, code=error.code, attempts=record.attempts
        )

    async def _park(self, work: Work, record: DetailRecord, code: str) -> None:
        now = self.world.now()
        if not await work.details.park(record.message_id, code):
            return
        await self.log.append(
            work,
            event=Event.MESSAGE_DETAIL_PARKED,
            actor="hub",
            now=now,
            subject=record.message_id,
            detail={"feed": record.feed, "reason": code, "attempts": record.attempts},
        )
        alarm = AlarmRecord(
            id=self.world.name(opaque.Prefix.ALARM),
            kind=PARKED_ALARM,
            referral_id=None,
            subject=record.message_id,
            raised_at=now,
        )
        await work.alarms.raise_once(alarm)


async def ask_again(store: Store, log: Log, world: World, message_id: str, *, actor: str) -> None:
    """Ask again for a detail that was set aside, its attempts counted anew; its alarm is cleared.

    Raises:
        Unknown: no detail of such a message is set aside.
    """
    now = world.now()
    async with store.work() as work:
        if not await work.details.unpark(message_id, now):
            raise Unknown("detail.unknown", "no detail of this message is set aside", at="id")
        if await work.alarms.clear(PARKED_ALARM, message_id, now):
            await log.append(
                work,
                event=Event.ALARM_CLEARED,
                actor=actor,
                now=now,
                subject=message_id,
                detail={"kind": PARKED_ALARM},
            )
        await work.commit()


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from five seconds, up to an hour."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 12)), _LONGEST_WAIT)
