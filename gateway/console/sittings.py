"""Sittings: who is signed in at which browser. The browser holds a random name and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crypto import base64url
from gateway.console.day_scopes import DayScopes
from gateway.log import Event, Log
from gateway.people import PersonCaller
from gateway.store import Store
from gateway.store.records import SessionRecord
from gateway.strongbox import Strongbox
from gateway.world import World
from schemas.base import Frozen
from schemas.hub import ConsoleSection
from schemas.vocabulary import Role

PLACE = "console_sessions.sealed"
KNOWN_AFTER_END = timedelta(days=1)
"""For so long the hub remembers whose a session was: what is posted in an ended one is kept for that person alone."""
_NAME_BYTES = 32
_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(seconds=20)


class SittingNote(Frozen):
    """What the provider said at sign-in, and the secret that forms are signed with."""

    name: str
    roles: tuple[Role, ...]
    agency: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One person at one browser. ``until`` is when it ends unless they do something; times in UTC."""

    id: str
    caller: PersonCaller
    name: str
    secret: bytes = field(repr=False)
    seen_at: datetime
    ends_at: datetime
    until: datetime
    ended: bool


class Sittings:
    """Begins, finds and ends sittings."""

    def __init__(
        self, section: ConsoleSection, *, world: World, store: Store, strongbox: Strongbox, scopes: DayScopes, log: Log
    ) -> None:
        self._idle = timedelta(minutes=section.idle_minutes)
        self._longest = timedelta(hours=section.longest_hours)
        self._world = world
        self._store = store
        self._strongbox = strongbox
        self._scopes = scopes
        self._log = log

    async def begin(self, caller: PersonCaller, name: str) -> str:
        """Sign somebody in; what their browser is to hold. It is told to nobody else, and kept nowhere."""
        now, held = self._world.now(), base64url.encode(self._world.random(_NAME_BYTES))
        note = SittingNote(
            name=name,
            roles=tuple(sorted(caller.roles)),
            agency=caller.agency,
            secret=base64url.encode(self._world.random(_SECRET_BYTES)),
        )
        async with self._store.work() as work:
            scope = await self._scopes.of(work, now)
            await work.console.begin(
                SessionRecord(
                    id=_hashed(held),
                    subject=caller.subject,
                    started_at=now,
                    seen_at=now,
                    ends_at=now + self._longest,
                    scope=scope,
                    sealed=await self._strongbox.put(work, scope, PLACE, _hashed(held), note),
                )
            )
            detail = {"roles": [str(role) for role in note.roles]}
            await self._log.append(work, event=Event.PERSON_SIGNED_IN, actor=caller.actor, now=now, detail=detail)
            await work.commit()
        return held

    async def find(self, held: str) -> Sitting | None:
        """The sitting of a browser that holds this; one that has ended too, for as long as it is known."""
        return await self.of(_hashed(held))

    async def of(self, sitting_id: str) -> Sitting | None:
        """The sitting of this id as it is now; see :meth:`find`."""
        now = self._world.now()
        async with self._store.reading() as work:
            record = await work.console.session(sitting_id)
            if record is None:
                return None
            note = await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, SittingNote)
        until = min(record.seen_at + self._idle, record.ends_at)
        return Sitting(
            id=record.id,
            caller=PersonCaller(subject=record.subject, roles=frozenset(note.roles), agency=note.agency),
            name=note.name,
            secret=base64url.decode(note.secret),
            seen_at=record.seen_at,
            ends_at=record.ends_at,
            until=until,
            ended=record.ended_at is not None or now >= until,
        )

    async def touch(self, sitting: Sitting) -> datetime:
        """Note that the person did something; when the sitting ends now unless they do more."""
        now = self._world.now()
        if now - sitting.seen_at > _SEEN_EVERY:
            async with self._store.work() as work:
                await work.console.seen(sitting.id, now)
                await work.commit()
        return min(now + self._idle, sitting.ends_at)

    async def end(self, sitting: Sitting) -> None:
        """Sign out."""
        now = self._world.now()
        async with self._store.work() as work:
            if await work.console.end(sitting.id, now):
                await self._log.append(work, event=Event.PERSON_SIGNED_OUT, actor=sitting.caller.actor, now=now)
            await work.commit()


def _hashed(held: str) -> str:
    # The name is 256 random bits: nothing slower than one hash is needed to hide it.
    return hashlib.sha256(held.encode()).hexdigest()
