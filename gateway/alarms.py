"""An alarm raised, or taken back, with its entry in the log: by software, because time passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import AlarmRecord
from gateway.world import World
from schemas import opaque


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """One alarm of a kind stands per subject, whoever of several replicas sees its cause first."""

    world: World
    log: Log

    async def raise_once(self, work: Work, kind: str, *, referral: str, subject: str, now: datetime) -> str | None:
        """Raise it; its name, or None where one stands already."""
        name = self.world.name(opaque.Prefix.ALARM)
        alarm = AlarmRecord(id=name, kind=kind, referral_id=referral, subject=subject, raised_at=now)
        if not await work.alarms.raise_once(alarm):
            return None
        await self.log.append(
            work,
            event=Event.ALARM_RAISED,
            actor="hub",
            now=now,
            referral=referral,
            subject=subject,
            detail={"kind": kind, "alarm": name},
        )
        return name

    async def clear(self, work: Work, kind: str, *, referral: str, subject: str, now: datetime) -> None:
        """Its cause is gone; without one nothing happens."""
        if await work.alarms.clear(kind, subject, now):
            await self.log.append(
                work,
                event=Event.ALARM_CLEARED,
                actor="hub",
                now=now,
                referral=referral,
                subject=subject,
                detail={"kind": kind},
            )
