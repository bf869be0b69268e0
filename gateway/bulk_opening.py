"""The alarm on whoever opens or views in bulk, from the log's own entries: raised by the watch, cleared by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto.canonical import JsonInput
from gateway.configuration import Configuration
from gateway.expiry import TRUST_LIST, TRUST_LIST_OVER
from gateway.log import Log
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Store, Work
from gateway.store.records import AlarmRecord
from gateway.world import World
from routing import bulk_opening
from schemas import opaque
from schemas.errors import Conflict, Refused, Unknown
from schemas.hub import BulkOpening

ALARM = "bulk_opening"
SECURITY_KINDS = frozenset({ALARM, "break_glass", "witness", TRUST_LIST, TRUST_LIST_OVER})
"""Alarms on how the hub is used and who takes part, which security officers and auditors see."""


@dataclass(frozen=True, kw_only=True)
class BulkOpenings:
    """Looks for readers who open more than the rules of the hub's file expect."""

    configuration: Configuration
    world: World
    store: Store
    log: Log

    async def look(self, work: Work, now: datetime) -> None:
        """Raise the alarm for whoever exceeds a rule; one stands for each of them."""
        cleared = await work.alarms.last_cleared(ALARM)
        for rule in self.configuration.hub.bulk_openings:
            for actor, number in await work.log.opened_since(bulk_opening.begins(rule, now, None), rule.count):
                if bulk_opening.kind_of(actor) != rule.who:
                    continue
                count, looked_at = number, cleared.get(actor)
                if looked_at is not None:
                    count = await work.log.opened_by(actor, bulk_opening.begins(rule, now, looked_at))
                if count >= rule.count:
                    await self._raise(work, actor, count, rule, now)

    async def _raise(self, work: Work, actor: str, count: int, rule: BulkOpening, now: datetime) -> None:
        name = self.world.name(opaque.Prefix.ALARM)
        alarm = AlarmRecord(id=name, kind=ALARM, referral_id=None, subject=actor, raised_at=now)
        if await work.alarms.raise_once(alarm):
            detail: dict[str, JsonInput] = {"kind": ALARM, "alarm": name, "opened": count, "minutes": rule.minutes}
            await self.log.append(work, event=Event.ALARM_RAISED, actor="hub", now=now, subject=actor, detail=detail)

    async def alarms(self) -> list[AlarmRecord]:
        """The alarms on how the hub is used that stand, oldest first."""
        async with self.store.reading() as work:
            return await work.alarms.of_kinds(SECURITY_KINDS)

    async def clear(self, caller: PersonCaller, name: str) -> None:
        """Clear an alarm on bulk opening: ``caller`` looked at it. What was counted for it counts no more.

        Raises:
            Unknown: no such alarm. Refused: it is on the caller. Conflict: of another kind, or cleared already.
        """
        if not opaque.is_name(name, opaque.Prefix.ALARM):
            raise Unknown("alarm.unknown", "there is no such alarm")
        now = self.world.now()
        async with self.store.work() as work:
            alarm = await work.alarms.get(name)
            if alarm.kind != ALARM:
                raise Conflict("alarm.kind", "this alarm is cleared by its cause, or by its review")
            if alarm.subject == caller.actor:
                raise Refused("alarm.own", "somebody else looks at an alarm on you")
            if alarm.cleared_at is not None or not await work.alarms.clear(ALARM, alarm.subject, now):
                raise Conflict("alarm.cleared", "it was cleared already")
            await self.log.append(
                work,
                event=Event.ALARM_CLEARED,
                actor=caller.actor,
                now=now,
                subject=alarm.subject,
                detail={"kind": ALARM, "alarm": name},
            )
            await work.commit()
