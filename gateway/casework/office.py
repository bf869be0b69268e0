"""What every use case of casework works with, and the few things that all of them do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto import lookup
from gateway.agencies import Agencies
from gateway.casework.dossier import Dossier
from gateway.casework.notes import Act, ReasonNote
from gateway.configuration import Configuration
from gateway.delivery.readers import Readers
from gateway.delivery.sealing import Sealer
from gateway.intake.persons import Persons
from gateway.keys import Keys
from gateway.log import Event, Log
from gateway.people import PersonCaller
from gateway.store import Reading, Store, Work
from gateway.store.records import ReasonRecord, ReferralRecord
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from gateway.world import World
from routing.timetable import Timetable
from routing.working_time import Calendar
from schemas import opaque
from schemas.errors import Refused, Unknown
from schemas.hub import Hub
from schemas.vocabulary import Role

_PSEUDONYM_LENGTH = 22
REASON_PLACE = "reasons.sealed"


@dataclass(frozen=True, kw_only=True)
class Office:
    """The parts of the gateway that casework uses."""

    configuration: Configuration
    world: World
    store: Store
    keys: Keys
    vault: Vault
    log: Log
    agencies: Agencies
    strongbox: Strongbox
    dossier: Dossier
    readers: Readers
    sealer: Sealer
    persons: Persons

    @property
    def hub(self) -> Hub:
        """The hub's configuration as it is in force."""
        return self.configuration.hub

    @property
    def timetable(self) -> Timetable:
        """The hub's clocks as they are in force."""
        return self.configuration.timetable

    @property
    def calendar(self) -> Calendar:
        """When the hub works."""
        return self.configuration.calendar

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self.world.now()

    def pseudonym(self, agency: str, name: str) -> str:
        """What ``agency`` knows a referral or a person by: the same each time, and another for every agency."""
        # Under a key of its own that never changes: what an agency has on file outlives every rotation.
        hashed = lookup.lookup_key(f"pseudonym:{agency}", name, self.keys.pseudonym())
        return hashed.partition(":")[2][:_PSEUDONYM_LENGTH]

    async def clear_alarm(self, work: Work, kind: str, *, referral: str, subject: str, actor: str) -> None:
        """The cause of an alarm is gone: it stands no more, and the log tells so. Without one, nothing happens."""
        now = self.now()
        if await work.alarms.clear(kind, subject, now):
            await self.log.append(
                work,
                event=Event.ALARM_CLEARED,
                actor=actor,
                now=now,
                referral=referral,
                subject=subject,
                detail={"kind": kind},
            )

    async def keep_reason(
        self, work: Work, referral: ReferralRecord, act: Act, *, subject: str, reason: str, by: str
    ) -> None:
        """Keep why somebody did this, sealed with the referral; it shows in the referral's history."""
        name = self.world.name(opaque.Prefix.REASON)
        sealed = await self.strongbox.put(work, referral.scope, REASON_PLACE, name, ReasonNote(text=reason))
        await work.reasons.add(
            ReasonRecord(
                id=name, referral_id=referral.id, at=self.now(), by=by, act=act, subject=subject, sealed=sealed
            )
        )

    async def referral(self, work: Work, name: str) -> ReferralRecord:
        """The referral, locked for a change.

        Raises:
            Unknown: there is none of this name.
        """
        if not opaque.is_name(name, opaque.Prefix.REFERRAL):
            raise Unknown("referral.unknown", at="id")
        return await work.referrals.lock(name)

    async def referral_seen(self, work: Reading, name: str) -> ReferralRecord:
        """The referral, for reading.

        Raises:
            Unknown: there is none of this name.
        """
        if not opaque.is_name(name, opaque.Prefix.REFERRAL):
            raise Unknown("referral.unknown", at="id")
        return await work.referrals.get(name)


def acting_role(caller: PersonCaller) -> Role:
    """The role in which somebody acts on a case: a manager acts as the manager whatever else they are."""
    for role in (Role.SOCIAL_WORK_MANAGER, Role.SCREENING_OFFICER, Role.COORDINATOR):
        if role in caller.roles:
            return role
    return min(caller.roles)


def require_assigned(referral: ReferralRecord, caller: PersonCaller) -> None:
    """Return if ``caller`` is the manager of this case.

    Raises:
        Refused: another manager is; the case can be taken over, with a reason that is recorded.
    """
    if referral.assigned_to != caller.subject:
        raise Refused("referral.not_assigned", "take the case over first, with a reason", at="assigned_to")
