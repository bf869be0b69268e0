"""The hub's keys in force, and the steps of their life.

Every process of a hub holds the same ring, read from the store; a change made by one (``mash keys rotate``, say) is
seen by the others when they refresh, which is sooner than any change of theirs depends on it: a successor is
published before it is promoted. Each change commits together with its log entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import rotation
from crypto.keys import KeyRing, KeyState, Material, Purpose
from crypto.master import Master
from gateway.keys.changing import Changing
from gateway.keys.policy import PUBLISH_FOR, PURPOSES, ROTATED, STILL_NEEDED, RevocationReason
from gateway.log.entry import HUB
from gateway.store import Store
from schemas.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Where a rotation stands: the newest key, its state, and when it is promoted (None once it is)."""

    purpose: Purpose
    kid: str
    state: KeyState
    due_at: datetime | None


class Keys(Changing):
    """The keys of one hub. Use ``Keys.load``. ``origin`` is the log's name; ``random`` gives random bytes."""

    def __init__(
        self,
        store: Store,
        master: Master,
        *,
        origin: str,
        random: Callable[[int], bytes],
        publish_for: Mapping[Purpose, timedelta] = PUBLISH_FOR,
    ) -> None:
        super().__init__(store, master, origin=origin, random=random)
        self._publish_for = publish_for

    @classmethod
    async def load(
        cls,
        store: Store,
        master: Master,
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

    # --- made, rotated ---

    async def ensure(self, now: datetime) -> None:
        """Every purpose has an active key: one that waits is promoted, or one is made; nobody holds an older to cache.

        Raises:
            Unavailable: the store is not there.
        """
        first_lookup = self._first_lookup()
        for purpose in PURPOSES:
            if any(record.state is KeyState.ACTIVE for record in self._ring.of(purpose)):
                continue
            made = await self._make(purpose)
            if purpose is Purpose.PSEUDONYM and first_lookup is not None:
                # A hub from before this purpose: its pseudonyms were made with the first look-up key, and stay.
                made = first_lookup

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
            Conflict: this purpose's key is for good.
            Unavailable: the store is not there, or the purpose has no active key.
        """
        if purpose not in ROTATED:
            raise Conflict("keys.pseudonym.needed", "agencies have its pseudonyms on file: it is kept for good")
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

    async def rotate_due(self, now: datetime, every: Mapping[Purpose, timedelta]) -> tuple[str, ...]:
        """Publish a successor of each active key that was in use for as long as ``every`` says; their kids.

        Several processes may ask at once: one of them publishes.

        Raises:
            Unavailable: the store is not there.
        """
        published: list[str] = []
        for purpose, time in every.items():
            due = rotation.due_at(self._ring, purpose, every=time)
            if due is None or now < due:
                continue
            made = await self._make(purpose)

            def step(
                ring: KeyRing, purpose: Purpose = purpose, time: timedelta = time, made: Material = made
            ) -> KeyRing:
                still = rotation.due_at(ring, purpose, every=time)
                if still is None or now < still:
                    return ring  # another process was first
                return ring.added(self._fresh(ring, purpose, made, now))

            published += [record.kid for record in await self._change(step, now=now, actor=HUB)]
        return tuple(published)

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

    # --- taken out of use ---

    async def revoke(self, kid: str, reason: RevocationReason, now: datetime, *, actor: str = HUB) -> None:
        """Nothing is trusted to this key any more; if it was active, a successor is at once.

        Raises:
            Unknown: no key has this kid.
            Conflict: it was revoked before, or what it sealed must first be wrapped or hashed anew.
            Unavailable: the store is not there.
        """
        await self._take_out(kid, rotation.compromise, reason, now, actor)

    async def suspend(self, kid: str, reason: RevocationReason, now: datetime, *, actor: str = HUB) -> None:
        """Nothing is trusted to this key until it is cleared; if it was active, a successor is at once.

        Raises:
            As ``revoke``.
        """
        await self._take_out(kid, rotation.suspend, reason, now, actor)

    async def resume(self, kid: str, now: datetime, *, actor: str = HUB) -> KeyState:
        """A suspended key is cleared: what it made is trusted again. The state that it is in now.

        Raises:
            Unknown: no key has this kid. Conflict: it is not suspended.
            Unavailable: the store is not there.
        """
        await self._change(lambda ring: rotation.resume(ring, kid, now=now), now=now, actor=actor)
        return self._ring.record(kid).state

    async def destroy(self, kid: str, now: datetime, *, wait: timedelta, actor: str = HUB) -> None:
        """The key's material is wiped from the store for good, once it was out of use for at least ``wait``.

        Copies in backups are wrapped under the master key, and end with the backups.

        Raises:
            Unknown: no key has this kid.
            Conflict: it is in use or needed, or the time is not over.
            Unavailable: the store is not there.
        """
        await self._change(lambda ring: rotation.destroy(ring, kid, now=now, wait=wait), now=now, actor=actor)

    async def destroy_due(self, now: datetime, *, wait: timedelta) -> tuple[str, ...]:
        """Wipe the material of every key that was revoked for at least ``wait``; their kids.

        Raises:
            Unavailable: the store is not there.
        """
        over = [r.kid for r in self._ring.records if r.state is KeyState.REVOKED and now >= r.changed_at + wait]
        for kid in over:

            def step(ring: KeyRing, kid: str = kid) -> KeyRing:
                if ring.record(kid).state is not KeyState.REVOKED:
                    return ring  # another process was first
                return rotation.destroy(ring, kid, now=now, wait=wait)

            await self._change(step, now=now, actor=HUB)
        return tuple(over)

    # --- behind ---

    async def _take_out(
        self, kid: str, how: Callable[..., KeyRing], reason: RevocationReason, now: datetime, actor: str
    ) -> None:
        await self.refresh()
        purpose = self._ring.record(kid).purpose
        made = await self._make(purpose)

        def step(ring: KeyRing) -> KeyRing:
            return how(ring, kid, fresh=self._fresh(ring, purpose, made, now), now=now)

        await self._change(step, now=now, actor=actor, reason=reason)

    def _first_lookup(self) -> bytes | None:
        secrets = self._ring.secrets(Purpose.LOOKUP)
        return secrets[min(secrets)] if secrets else None
