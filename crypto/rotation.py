"""How one key takes over from another, without downtime: publish, wait out every cache, promote.

Pure: each function gives the next ring at a given ``now``; the shell stores it and asks again later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crypto.keys import KeyRecord, KeyRing, KeyState, Purpose
from schemas.errors import Conflict


def next_version(ring: KeyRing, purpose: Purpose) -> int:
    """The version that the next key for this purpose bears; versions start at 1 and are never used again."""
    return max((record.version for record in ring.of(purpose)), default=0) + 1


def waiting(ring: KeyRing, purpose: Purpose) -> KeyRecord | None:
    """The newest pre-active key for this purpose, if there is one."""
    return next((record for record in ring.of(purpose) if record.state is KeyState.PRE_ACTIVE), None)


def promotable_at(ring: KeyRing, purpose: Purpose, *, publish_for: timedelta) -> datetime | None:
    """When the waiting key will have been published for long enough (aware UTC), or None if no key waits."""
    successor = waiting(ring, purpose)
    if successor is None or successor.published_at is None:
        return None
    return successor.published_at + publish_for


def promote(ring: KeyRing, purpose: Purpose, *, now: datetime, publish_for: timedelta) -> KeyRing:
    """The ring in which the waiting key is active and its predecessor verifies or opens only.

    ``publish_for`` is longer than any cache holds the published set. The first key of a purpose need not wait.

    Raises:
        Conflict: no key waits, or it has not been published for long enough.
    """
    successor = waiting(ring, purpose)
    if successor is None:
        raise Conflict("crypto.keys.none_waiting", at=purpose)
    predecessors = [record for record in ring.of(purpose) if record.state is KeyState.ACTIVE]
    due = promotable_at(ring, purpose, publish_for=publish_for)
    if predecessors and (due is None or now < due):
        raise Conflict("crypto.keys.too_early", "caches may not hold the new key yet", at=purpose)
    retired = [record.moved(KeyState.VERIFY_ONLY, now=now) for record in predecessors]
    return ring.replaced(successor.moved(KeyState.ACTIVE, now=now), *retired)


def rotate(
    ring: KeyRing, purpose: Purpose, *, fresh: KeyRecord | None, now: datetime, publish_for: timedelta
) -> KeyRing:
    """One step of a rotation: asked again and again, it ends with a new active key.

    A waiting key that is due is promoted; one that is not due leaves the ring as it is; where none waits, ``fresh``
    (pre-active, of the next version) is published, and promoted at once if the purpose had no active key.

    Raises:
        Conflict: no key waits and ``fresh`` is None, or is not a pre-active key for this purpose.
    """
    if waiting(ring, purpose) is None:
        ring = ring.added(_fit(fresh, purpose))
    due = promotable_at(ring, purpose, publish_for=publish_for)
    first = all(record.state is not KeyState.ACTIVE for record in ring.of(purpose))
    if first or (due is not None and now >= due):
        return promote(ring, purpose, now=now, publish_for=publish_for)
    return ring


def compromise(ring: KeyRing, kid: str, *, fresh: KeyRecord | None, now: datetime) -> KeyRing:
    """The ring in which this key is revoked; if it was active, a successor is active at once, without any wait.

    The successor is the key that already waits, else ``fresh``.

    Raises:
        Unknown: no key has this kid.
        Conflict: the key is past revoking, or it was active and there is no successor.
    """
    return _taken_out(ring, kid, KeyState.REVOKED, fresh=fresh, now=now)


def suspend(ring: KeyRing, kid: str, *, fresh: KeyRecord | None, now: datetime) -> KeyRing:
    """The ring in which nothing is trusted to this key until it is cleared; a successor as of ``compromise``.

    Raises:
        Unknown: no key has this kid.
        Conflict: the key is not in use, or it was active and there is no successor.
    """
    return _taken_out(ring, kid, KeyState.SUSPENDED, fresh=fresh, now=now)


def resume(ring: KeyRing, kid: str, *, now: datetime) -> KeyRing:
    """The ring in which a suspended key is cleared: active where no successor took over, else it verifies or opens.

    Raises:
        Unknown: no key has this kid.
        Conflict: the key is not suspended.
    """
    cleared = ring.record(kid)
    if cleared.state is not KeyState.SUSPENDED:
        raise Conflict("crypto.keys.not_suspended", at="kid")
    led = any(record.state is KeyState.ACTIVE for record in ring.of(cleared.purpose))
    return ring.replaced(cleared.moved(KeyState.VERIFY_ONLY if led else KeyState.ACTIVE, now=now))


def destroy(ring: KeyRing, kid: str, *, now: datetime, wait: timedelta) -> KeyRing:
    """The ring in which this key's material is gone for good, once it was out of use for at least ``wait``.

    Raises:
        Unknown: no key has this kid.
        Conflict: the key is in use, or it has not been out of use for long enough.
    """
    ended = ring.record(kid)
    gone = ended.moved(KeyState.DESTROYED, now=now)
    if ended.state is not KeyState.PRE_ACTIVE and now < ended.changed_at + wait:
        raise Conflict("crypto.keys.too_early", "it has not been out of use for long enough", at="kid")
    return ring.replaced(gone)


def due_at(ring: KeyRing, purpose: Purpose, *, every: timedelta) -> datetime | None:
    """When this purpose's next rotation is due (aware UTC); None while a successor waits, or where no key is active."""
    active = next((record for record in ring.of(purpose) if record.state is KeyState.ACTIVE), None)
    if active is None or active.promoted_at is None or waiting(ring, purpose) is not None:
        return None
    return active.promoted_at + every


def _taken_out(ring: KeyRing, kid: str, state: KeyState, *, fresh: KeyRecord | None, now: datetime) -> KeyRing:
    lost = ring.record(kid)
    was_active = lost.state is KeyState.ACTIVE
    ring = ring.replaced(lost.moved(state, now=now))
    if not was_active:
        return ring
    if waiting(ring, lost.purpose) is None:
        ring = ring.added(_fit(fresh, lost.purpose))
    return promote(ring, lost.purpose, now=now, publish_for=timedelta(0))


def _fit(fresh: KeyRecord | None, purpose: Purpose) -> KeyRecord:
    if fresh is None:
        raise Conflict("crypto.keys.none_waiting", "make a key first", at=purpose)
    if fresh.purpose is not purpose or fresh.state is not KeyState.PRE_ACTIVE:
        raise Conflict("crypto.keys.unfit", at="fresh")
    return fresh
