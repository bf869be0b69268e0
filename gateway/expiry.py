"""Keys and trust lists that near the end of their time: an alarm for each, once, until it is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from crypto.keys import KeyRing, KeyState, Purpose
from crypto.trust import accepted
from gateway.agencies import Standing
from gateway.log import Event, Log
from gateway.store import Work
from gateway.store.records import AgencyKeyRow, AlarmRecord, TrustListRow
from gateway.world import World
from schemas import opaque
from schemas.hub import KeysSection

HUB_KEY = "hub_key_expiring"
AGENCY_KEY = "agency_key_expiring"
TRUST_LIST = "trust_list_expiring"
TRUST_LIST_OVER = "trust_list_expired"
_KINDS = (HUB_KEY, AGENCY_KEY, TRUST_LIST, TRUST_LIST_OVER)
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """When the time of a key, or of the trust list in force, is over.

    ``subject`` is a key's kid, after its agency's id and a stroke where it is an agency's; or ``trust-list.`` and the
    version of a list.
    """

    kind: str
    subject: str
    at: datetime


def hub_ends(ring: KeyRing, section: KeysSection) -> Iterator[Ends]:
    """The ends of the hub's active keys, where the hub's file gives their purpose a life."""
    for name, days in section.life_days.items():
        for record in ring.of(Purpose(name)):
            if record.state is KeyState.ACTIVE and record.promoted_at is not None:
                yield Ends(kind=HUB_KEY, subject=record.kid, at=record.promoted_at + timedelta(days=days))


def agency_ends(rows: list[AgencyKeyRow], section: KeysSection) -> Iterator[Ends]:
    """The ends of the keys that agencies sign with, where the hub's file gives them a life."""
    if section.agency_life_days is not None:
        for row in rows:
            if row.state == Standing.ACTIVE:
                end = row.enrolled_at + timedelta(days=section.agency_life_days)
                yield Ends(kind=AGENCY_KEY, subject=f"{row.agency}/{row.kid}", at=end)


def trust_ends(row: TrustListRow | None) -> Iterator[Ends]:
    """The end of the trust list in force: refused from then on by whoever follows the chain. None is none."""
    if row is not None:
        end = datetime.fromtimestamp(accepted(row.document.encode()).list.exp, UTC)
        yield Ends(kind=TRUST_LIST, subject=f"trust-list.{row.version}", at=end)


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Raises an alarm as something comes near its end, and clears it once it is replaced; in the log both times.

    A trust list has a second one from its end on: nobody else can tell from then on whether a newer one is held back.
    """

    section: KeysSection
    world: World
    log: Log

    async def watch(self, work: Work, ring: KeyRing, now: datetime) -> None:
        """Raise and clear what is due, in ``work``. ``now`` is aware UTC."""
        keys = [*hub_ends(ring, self.section), *agency_ends(await work.agencies.all_keys(), self.section)]
        lists = list(trust_ends(await work.trust_lists.latest()))
        warned = timedelta(days=self.section.warn_days)
        near = {(one.kind, one.subject) for one in (*keys, *lists) if now >= one.at - warned}
        near |= {(TRUST_LIST_OVER, one.subject) for one in lists if now >= one.at}
        standing = {(one.kind, one.subject) for one in await work.alarms.of_kinds(_KINDS)}
        for kind, subject in sorted(near - standing):
            name = self.world.name(opaque.Prefix.ALARM)
            alarm = AlarmRecord(id=name, kind=kind, referral_id=None, subject=subject, raised_at=now)
            if await work.alarms.raise_once(alarm):
                _logger.warning("expiry.near", kind=kind, subject=subject)
                await self._tell(work, Event.ALARM_RAISED, kind, subject, now)
        for kind, subject in sorted(standing - near):
            if await work.alarms.clear(kind, subject, now):
                _logger.info("expiry.replaced", kind=kind, subject=subject)
                await self._tell(work, Event.ALARM_CLEARED, kind, subject, now)

    async def _tell(self, work: Work, event: Event, kind: str, subject: str, now: datetime) -> None:
        await self.log.append(work, event=event, actor="hub", now=now, subject=subject, detail={"kind": kind})
