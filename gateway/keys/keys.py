"""The hub's keys in force, and their changes.

Every process of a hub holds the same ring, read from the store; a change made by one (``mash keys rotate``, say) is
seen by the others when they refresh, which is sooner than any change of theirs depends on it: a successor is
published before it is promoted. Each change commits together with its log entries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import rotation
from crypto.canonical import JsonInput
from crypto.keys import KeyRecord, KeyRing, KeyState, Material, Purpose, new_record
from gateway.keys import material as materials
from gateway.keys.inforce import InForce
from gateway.keys.master import MasterKey
from gateway.keys.policy import PUBLISH_FOR, PURPOSES, STILL_NEEDED, RevocationReason
from gateway.keys.row import fresh_row, moved_row, to_record
from gateway.log.entry import HUB
from gateway.log.events import Event
from gateway.log.recorder import Recorder
from gateway.store import Reading, Store, Work
from gateway.store.records import KeyRow
from schemas.errors import Conflict

_EVENTS: Mapping[KeyState, Event] = {
    KeyState.ACTIVE: Event.KEY_PROMOTED,
    KeyState.VERIFY_ONLY: Event.KEY_RETIRED,
    KeyState.REVOKED: Event.KEY_REVOKED,
}
Change = Callable[[KeyRing], KeyRing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Where a rotation stands: the newest key, its state, and when it is promoted (None once it is)."""

    purpose: Purpose
    kid: str
    state: KeyState
    due_at: datetime | None


class Keys(InForce):
    """The keys of one hub. Use ``Keys.load``. ``origin`` is the log's name; ``random`` gives random bytes."""

    def __init__(
        self,
        store: Store,
        master: MasterKey,
        *,
        origin: str,
        random: Callable[[int], bytes],
        publish_for: Mapping[Purpose, timedelta] = PUBLISH_FOR,
    ) -> None:
        super().__init__(origin=origin)
        self._store = store
        self._master = master
        self._random = random
        self._publish_for = publish_for
        self._recorder = Recorder(random)

    @classmethod
    async def load(
        cls,
        store: Store,
        master: MasterKey,
        *,
        origin: str,
        random: Callable[[int], bytes],
        publish_for: Mapping[Purpose, timedelta] = PUBLISH_FOR,
    ) -> Keys:
        """The keys as the store holds them; of a new hub, none: ``ensure`` makes them.

        Raises:
            Rejected: the keys were wrapped under another master key.
            Unavailable: the store is not there.
        """
        keys = cls(store, master, origin=origin, random=random, publish_for=publish_for)
        await keys.refresh()
        return keys

    # --- keeping up ---

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

    # --- changes ---

    async def ensure(self, now: datetime) -> None:
        """Every purpose has an active key: one that waits is promoted, or one is made; nobody holds an older to cache.

        Raises:
            Unavailable: the store is not there.
        """
        for purpose in PURPOSES:
            if any(record.state is KeyState.ACTIVE for record in self._ring.of(purpose)):
                continue
            made = await self._make(purpose)

            def first(ring: KeyRing, purpose: Purpose = purpose, made: Material = made) -> KeyRing:
                if any(record.state is KeyState.ACTIVE for record in ring.of(purpose)):
                    return ring  # another process was first
                fresh = self._fresh(ring, purpose, made, now)
                return rotation.rotate(ring, purpose, fresh=fresh, now=now, publish_for=timedelta(0))

            await self._change(first, now=now, actor=HUB)

    async def rotate(self, purpose: Purpose, now: datetime, *, compromise: bool = False, actor: str = HUB) -> Rotation:
        """A step of a rotation: a successor is published, or, if it was for long enough, promoted.

        With ``compromise`` the successor takes over at once and the old key is revoked; of keys that stored things are
        read with (at rest, look-up) the old one goes on reading until what hangs on it was made anew.

        Raises:
            Unavailable: the store is not there, or the purpose has no active key.
        """
        made = await self._make(purpose)
        wait = timedelta(0) if compromise else self._publish_for[purpose]

        def step(ring: KeyRing) -> KeyRing:
            fresh = self._fresh(ring, purpose, made, now)
            if compromise and purpose not in STILL_NEEDED:
                return rotation.compromise(ring, ring.active(purpose).kid, fresh=fresh, now=now)
            return rotation.rotate(ring, purpose, fresh=fresh, now=now, publish_for=wait)

        reason = RevocationReason.COMPROMISED if compromise else None
        await self._change(step, now=now, actor=actor, reason=reason)
        newest = self._ring.of(purpose)[0]
        due = rotation.promotable_at(self._ring, purpose, publish_for=wait)
        return Rotation(purpose=purpose, kid=newest.kid, state=newest.state, due_at=due)

    async def promote_due(self, now: datetime) -> tuple[str, ...]:
        """Promote every successor that was published for long enough; the kids of those.

        Raises:
            Unavailable: the store is not there.
        """
        promoted: list[str] = []
        for purpose in PURPOSES:
            wait = self._publish_for[purpose]
            due = rotation.promotable_at(self._ring, purpose, publish_for=wait)
            if due is None or now < due:
                continue

            def step(ring: KeyRing, purpose: Purpose = purpose, wait: timedelta = wait) -> KeyRing:
                still = rotation.promotable_at(ring, purpose, publish_for=wait)
                if still is None or now < still:
                    return ring  # another process was first
                return rotation.promote(ring, purpose, now=now, publish_for=wait)

            moved = await self._change(step, now=now, actor=HUB)
            promoted += [record.kid for record in moved if record.state is KeyState.ACTIVE]
        return tuple(promoted)

    async def revoke(self, kid: str, reason: RevocationReason, now: datetime, *, actor: str = HUB) -> None:
        """Nothing is trusted to this key any more; if it was active, a successor is at once.

        Raises:
            Unknown: no key has this kid.
            Conflict: it was revoked before, or what it sealed must first be wrapped or hashed anew.
            Unavailable: the store is not there.
        """
        await self.refresh()
        purpose = self._ring.record(kid).purpose
        made = await self._make(purpose)

        def step(ring: KeyRing) -> KeyRing:
            return rotation.compromise(ring, kid, fresh=self._fresh(ring, purpose, made, now), now=now)

        await self._change(step, now=now, actor=actor, reason=reason)

    # --- behind ---

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
            before = {record.kid: record for record in self._ring.records}
            ring, rows = change(self._ring), dict(self._rows)
            moved = tuple(record for record in ring.records if before.get(record.kid) != record)
            for record in _retired_first(moved):
                old = before.get(record.kid)
                if record.state is KeyState.REVOKED:
                    await _require_unneeded(work, record)
                rows[record.kid] = await self._write(work, record, rows.get(record.kid))
                events = [] if old is not None else [Event.KEY_CREATED]
                if old is None or old.state is not record.state:
                    events += [_EVENTS[record.state]] if record.state in _EVENTS else []
                for event in events:
                    detail: dict[str, JsonInput] = {"purpose": str(record.purpose), "version": record.version}
                    if event is Event.KEY_REVOKED and reason is not None:
                        detail["reason"] = str(reason)
                    await self._recorder.append(
                        work, event=event, actor=actor, now=now, subject=record.kid, detail=detail
                    )
            if moved:
                await work.commit()
        # Only now: had the commit failed, we would sign with keys that nobody else can read.
        self._hold(rows, ring)
        return moved

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


async def _require_unneeded(work: Work, record: KeyRecord) -> None:
    if record.purpose is Purpose.LOOKUP and record.promoted_at is not None:
        raise Conflict("keys.lookup.needed", "stored hashes hang on it: hash them anew first", at="kid")
    if record.purpose is Purpose.AT_REST and await work.scopes.list_by_kek(record.version, limit=1):
        raise Conflict("keys.at_rest.needed", "scopes are wrapped under it: rotate, let them be rewrapped", at="kid")
