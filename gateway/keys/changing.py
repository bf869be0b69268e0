"""How the hub's keys change: as they are in the store, one process at a time, together with the log's entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crypto import rotation
from crypto.canonical import JsonInput
from crypto.keys import KeyRecord, KeyRing, KeyState, Material, Purpose, new_record
from crypto.master import Master
from gateway.keys import material as materials
from gateway.keys.inforce import InForce
from gateway.keys.policy import RevocationReason
from gateway.keys.row import fresh_row, moved_row, to_record
from gateway.log.events import Event
from gateway.log.recorder import Recorder
from gateway.store import Reading, Store, Work
from gateway.store.records import KeyRow
from schemas.errors import Conflict

_EVENTS: Mapping[KeyState, Event] = {
    KeyState.ACTIVE: Event.KEY_PROMOTED,
    KeyState.VERIFY_ONLY: Event.KEY_RETIRED,
    KeyState.SUSPENDED: Event.KEY_SUSPENDED,
    KeyState.REVOKED: Event.KEY_REVOKED,
    KeyState.DESTROYED: Event.KEY_DESTROYED,
}
_OUT_OF_USE = frozenset({KeyState.SUSPENDED, KeyState.REVOKED, KeyState.DESTROYED})
Change = Callable[[KeyRing], KeyRing]
HELD_UNDER = "keys.master"
"""The name under which the store says which master key its keys are wrapped under."""


class Changing(InForce):
    """The keys as they were last read, and the one way that they are changed."""

    def __init__(self, store: Store, master: Master, *, origin: str, random: Callable[[int], bytes]) -> None:
        super().__init__(origin=origin)
        self._store = store
        self._master = master
        self._random = random
        self._recorder = Recorder(random)

    async def refresh(self) -> bool:
        """Read the keys again; tells whether any had changed. Cheap: only new material is unwrapped.

        Raises:
            Rejected: a key was wrapped under another master key.
            Unavailable: the store is not there; the keys stay as they were.
        """
        async with self._store.reading() as work:
            return await self.reload(work)

    async def reload(self, work: Reading) -> bool:
        """As ``refresh``, with the eyes of this transaction."""
        return self.take(await work.keys.all())

    def take(self, rows: Sequence[KeyRow]) -> bool:
        """As ``refresh``, by all rows that a transaction read.

        Raises:
            Rejected: a key was wrapped under another master key.
        """
        by_kid = {row.kid: row for row in rows}
        if by_kid == self._rows:
            return False
        self._hold(by_kid, self._ring)
        return True

    async def _make(self, purpose: Purpose) -> Material:
        # An RSA pair takes long: made beside the loop, and before the store is held.
        return await asyncio.to_thread(materials.make, purpose, origin=self._origin, random=self._random)

    @staticmethod
    def _fresh(ring: KeyRing, purpose: Purpose, made: Material, now: datetime) -> KeyRecord:
        version = rotation.next_version(ring, purpose)
        return new_record(purpose, version, materials.kid_of(made, purpose, version), made, now=now)

    async def _change(
        self, change: Change, *, now: datetime, actor: str, reason: RevocationReason | None = None
    ) -> tuple[KeyRecord, ...]:
        """Make this change to the keys as they are now, one process at a time, with an entry for each step."""
        async with self._store.work() as work:
            # The sequencer's lock: no checkpoint is signed with a key while it is being revoked.
            await work.log.lock_sequencer()
            await self.reload(work)
            await self._require_master(work)
            before = {record.kid: record for record in self._ring.records}
            ring, rows = change(self._ring), dict(self._rows)
            moved = tuple(record for record in ring.records if before.get(record.kid) != record)
            for record in _retired_first(moved):
                old = before.get(record.kid)
                if record.state in _OUT_OF_USE:
                    await _require_unneeded(work, record)
                rows[record.kid] = await self._write(work, record, rows.get(record.kid))
                for event in _events(old, record):
                    detail: dict[str, JsonInput] = {"purpose": str(record.purpose), "version": record.version}
                    if event in {Event.KEY_REVOKED, Event.KEY_SUSPENDED} and reason is not None:
                        detail["reason"] = str(reason)
                    await self._recorder.append(
                        work, event=event, actor=actor, now=now, subject=record.kid, detail=detail
                    )
            if moved:
                await work.commit()
        # Only now: had the commit failed, we would sign with keys that nobody else can read.
        self._hold(rows, ring)
        return moved

    async def _require_master(self, work: Work) -> None:
        """No key is ever wrapped under a master key that the hub moved away from while this process ran."""
        held = await work.settings.get(HELD_UNDER)
        if held is None:
            await work.settings.put(HELD_UNDER, self._master.id)
        elif held != self._master.id:
            detail = "the keys are wrapped under another master key now: start this process again with that one"
            raise Conflict("keys.master.moved", detail, at="master key")

    def _hold(self, rows: dict[str, KeyRow], known: KeyRing) -> None:
        # In one order, so that every process publishes its keys alike.
        rows = dict(sorted(rows.items(), key=lambda item: (item[1].purpose, item[1].version)))
        by_kid = {record.kid: record for record in known.records}
        records = (to_record(row, by_kid.get(row.kid), self._master, origin=self._origin) for row in rows.values())
        self._ring, self._rows = KeyRing(records=tuple(records)), rows

    async def _write(self, work: Work, record: KeyRecord, row: KeyRow | None) -> KeyRow:
        if row is None:
            row = fresh_row(record, self._master, random=self._random)
            await work.keys.add(row)
        else:
            row = moved_row(row, record)
            await work.keys.save(row)
        return row


def _retired_first(records: Sequence[KeyRecord]) -> list[KeyRecord]:
    return sorted(records, key=lambda record: record.state is KeyState.ACTIVE)


def _events(old: KeyRecord | None, record: KeyRecord) -> list[Event]:
    """What to tell of a key that was ``old`` (None of a new one) and is now ``record``."""
    if old is not None and old.state is KeyState.SUSPENDED and record.state not in _OUT_OF_USE:
        return [Event.KEY_RESUMED]
    events = [] if old is not None else [Event.KEY_CREATED]
    if record.state in _EVENTS and (old is None or old.state is not record.state):
        events.append(_EVENTS[record.state])
    return events


async def _require_unneeded(work: Work, record: KeyRecord) -> None:
    """Return if nothing that is stored can be read or found with this key alone.

    Raises:
        Conflict: something can.
    """
    if record.purpose is Purpose.PSEUDONYM:
        raise Conflict("keys.pseudonym.needed", "agencies have its pseudonyms on file: it is kept for good", at="kid")
    if record.purpose is Purpose.LOOKUP and await work.hashes.any_under(record.version):
        raise Conflict("keys.lookup.needed", "stored hashes hang on it: rotate, let them be made anew", at="kid")
    if record.purpose is Purpose.AT_REST and await work.scopes.list_by_kek(record.version, limit=1):
        raise Conflict("keys.at_rest.needed", "scopes are wrapped under it: rotate, let them be rewrapped", at="kid")
