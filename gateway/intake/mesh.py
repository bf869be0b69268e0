"""Notifications out of a MESH mailbox: taken, stored, and only then acknowledged.

A process that dies between the two finds the message in the mailbox again, and the intake answers it as the duplicate
that it is. What no feed takes, or what can't be kept, stays in the mailbox unacknowledged, with an alarm: another
system may share the mailbox, a workflow that the hub was not told of is not the hub's to read, and MESH itself tells
the sender of what nobody took (after five days). One that fails keeps no other waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from adapters.port import Fate as Told
from gateway.delivery.relay import wait_after
from gateway.intake.intake import Feed, Intake
from gateway.intake.mesh_mailbox import MOST_PAGES, PAGE, ControlFile, MeshMailbox
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store
from gateway.store.records import AlarmRecord
from gateway.world import World
from schemas import opaque
from schemas.errors import MashError, Rejected, TooLarge, Unauthenticated, Unavailable, Unknown

ROUND = "mesh"
LEASE = timedelta(minutes=3)
LEFT_ALARM = "mesh_left"
AWAY_ALARM = "mesh_away"
_AGAIN_HANDSHAKE = timedelta(hours=12)
_MOST_AWAY = 3
_MOST_ALARMS = 200
_FAILURES_TO_ALARM = 3
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)
_logger = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class _Failing:
    """A message that failed: how often, and when it is tried again."""

    attempts: int
    next_at: datetime


class _LostRound(Exception):
    """Another process has the round by now."""


@dataclass(kw_only=True)
class MeshIntake:
    """Polls one mailbox for one hub: of several processes, whoever comes first has the round."""

    world: World
    store: Store
    log: Log
    intake: Intake
    mailbox: MeshMailbox
    feeds: Sequence[Feed]
    limit: int
    every: timedelta
    worker: str
    _left: dict[str, str] = field(default_factory=dict)
    _failing: dict[str, _Failing] = field(default_factory=dict)
    _greeted: datetime | None = None
    _failures: int = 0
    _held_until: datetime | None = None

    async def round(self, over: asyncio.Event | None = None) -> int:
        """Poll, if it is time and nobody else does; how many messages were taken and acknowledged.

        Once it is ``over`` no further message is begun.

        Raises:
            Unavailable: MESH or the store is not there; the next round waits for longer.
            Unauthenticated: MESH does not know us.
            Rejected: MESH answered what its API does not know.
        """
        async with self.store.reading() as work:
            due = await work.rounds.due(ROUND, self.world.now())
        if not due or not await self._claim():
            return 0
        wait = self.every
        try:
            taken = await self._poll(over or asyncio.Event())
        except _LostRound:
            return 0
        except MashError as error:
            self._failures, self._greeted = self._failures + 1, None
            wait = max(wait, min(_FIRST_WAIT * (1 << min(self._failures, 10)), _LONGEST_WAIT))
            if self._failures >= _FAILURES_TO_ALARM:
                await self._raise(AWAY_ALARM, self.mailbox.name, error.code)
            raise
        finally:
            await self._finish(wait)
        if self._failures:
            self._failures = 0
            await self._clear({(AWAY_ALARM, self.mailbox.name)})
        return taken

    async def _poll(self, over: asyncio.Event) -> int:
        now = self.world.now()
        if self._greeted is None or now - self._greeted >= _AGAIN_HANDSHAKE:
            await self.mailbox.handshake()
            self._greeted = now
        taken = away = 0
        seen: set[str] = set()
        async for page in self.mailbox.inbox():
            for name in page:
                if over.is_set():
                    return taken
                seen.add(name)
                if name in self._left or not self._may_try(name):
                    continue
                await self._keep_round()
                try:
                    taken += await self._one(name)
                    away = 0
                except Unavailable as error:
                    await self._failed(name, error.code)
                    away += 1
                    if away == _MOST_AWAY or not error.code.startswith("mesh."):
                        raise  # it is not the message: MESH or the store is away
                except Unauthenticated:
                    raise
                except Exception as error:  # noqa: BLE001 - the last fence: one message must not hold up the others
                    code = error.code if isinstance(error, MashError) else f"bug.{type(error).__name__}"
                    await self._failed(name, code)
        if len(seen) < PAGE * MOST_PAGES:  # else there may be more, which was not seen
            await self._forget(seen)
        return taken

    def _may_try(self, name: str) -> bool:
        failing = self._failing.get(name)
        return failing is None or failing.next_at <= self.world.now()

    async def _failed(self, name: str, code: str) -> None:
        attempts = self._failing[name].attempts + 1 if name in self._failing else 1
        self._failing[name] = _Failing(attempts=attempts, next_at=self.world.now() + wait_after(attempts + 5))
        _logger.warning("mesh.failed", message=name, code=code, attempts=attempts)
        if attempts >= _FAILURES_TO_ALARM:
            await self._raise(LEFT_ALARM, name, code)

    async def _one(self, name: str) -> int:
        """Take one message to its end: 1 where it was acknowledged."""
        try:
            async with self.mailbox.message(name) as waiting:
                feed = self._feed_of(waiting.control)
                if isinstance(feed, str):
                    await self._leave(name, feed, waiting.control)
                    return 0
                taken = await waiting.content(self.limit)
        except Unknown:
            return 0  # somebody else took it, or it expired
        except (TooLarge, Rejected) as error:
            await self._leave(name, error.code, None)
            return 0
        answered = await self.intake.receive(
            feed, taken.payload, f"mesh:{waiting.control.sender}", source=ROUND, problem=taken.problem
        )
        if answered.fate is Told.UNAVAILABLE:
            raise Unavailable("store.unavailable", "it stays in the mailbox")
        # Stored: now, and not before, MESH may forget it.
        _logger.info("mesh.taken", message=name, feed=feed.section.name, kept=answered.message_id, fate=answered.fate)
        try:
            await self.mailbox.acknowledge(name)
        except Unknown:
            _logger.info("mesh.gone", message=name)
        if self._failing.pop(name, None) is not None:
            await self._clear({(LEFT_ALARM, name)})
        return 1

    def _feed_of(self, control: ControlFile) -> Feed | str:
        """The feed that takes it, or the code of why none does."""
        if control.recipient != self.mailbox.name:
            return "mesh.not_ours"
        if control.report:
            return "mesh.report"
        of_workflow = [feed for feed in self.feeds if control.workflow in feed.section.workflows]
        for feed in of_workflow:
            if not feed.section.senders or control.sender in feed.section.senders:
                return feed
        return "mesh.unknown_sender" if of_workflow else "mesh.unknown_workflow"

    async def _leave(self, name: str, code: str, control: ControlFile | None) -> None:
        """Leave it in the mailbox, visibly; it is looked at again when the gateway starts again."""
        _logger.warning("mesh.left", message=name, code=code, workflow=control.shown_workflow if control else "?")
        if len(self._left) < _MOST_ALARMS:
            await self._raise(LEFT_ALARM, name, code)
        self._left[name] = code
        self._failing.pop(name, None)

    async def _forget(self, seen: set[str]) -> None:
        """Clear the alarms about what is not in the mailbox any more, and forget it."""
        for known in (self._left, self._failing):
            for name in known.keys() - seen:
                del known[name]
        async with self.store.reading() as work:
            standing = [one for one in await work.alarms.standing() if one.kind == LEFT_ALARM]
        await self._clear({(LEFT_ALARM, one.subject) for one in standing if one.subject not in seen})

    # --- the round ---

    async def _claim(self) -> bool:
        now = self.world.now()
        async with self.store.work() as work:
            mine = await work.rounds.claim(ROUND, self.worker, now=now, until=now + LEASE)
            await work.commit()
        self._held_until = now + LEASE if mine else None
        return mine

    async def _keep_round(self) -> None:
        """Hold the round for longer before it lapses.

        Raises:
            _LostRound: it lapsed, and another has it.
        """
        if self._held_until is None or self._held_until - self.world.now() > LEASE / 2:
            return
        if not await self._claim():
            raise _LostRound

    async def _finish(self, wait: timedelta) -> None:
        async with self.store.work() as work:
            await work.rounds.finish(ROUND, self.worker, self.world.now() + wait)
            await work.commit()

    # --- alarms ---

    async def _raise(self, kind: str, subject: str, code: str) -> None:
        name, now = self.world.name(opaque.Prefix.ALARM), self.world.now()
        async with self.store.work() as work:
            alarm = AlarmRecord(id=name, kind=kind, referral_id=None, subject=subject, raised_at=now)
            if await work.alarms.raise_once(alarm):
                detail = {"kind": kind, "alarm": name, "reason": code}
                await self.log.append(
                    work, event=Event.ALARM_RAISED, actor="hub", now=now, subject=subject, detail=detail
                )
            await work.commit()

    async def _clear(self, alarms: set[tuple[str, str]]) -> None:
        if not alarms:
            return
        now = self.world.now()
        async with self.store.work() as work:
            for kind, subject in sorted(alarms):
                if await work.alarms.clear(kind, subject, now):
                    await self.log.append(
                        work, event=Event.ALARM_CLEARED, actor="hub", now=now, subject=subject, detail={"kind": kind}
                    )
            await work.commit()
