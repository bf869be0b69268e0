"""A key's row in the store and its record in the ring: each from the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from crypto.keys import ALLOWED, KeyRecord, KeyState, Purpose
from crypto.master import Master
from gateway.keys import material as materials
from gateway.store.records import KeyRow
from schemas.errors import Conflict


def to_record(row: KeyRow, known: KeyRecord | None, master: Master, *, origin: str) -> KeyRecord:
    """The record of this row. Material that ``known`` already holds is not unwrapped again.

    A key that nothing may be done with any more (suspended, revoked, destroyed) is not unwrapped at all.

    Raises:
        Rejected: the key was wrapped under another master key.
    """
    purpose, state = Purpose(row.purpose), KeyState(row.state)
    found = known.material if known is not None else None
    if not (ALLOWED[state].originate or ALLOWED[state].accept) or row.wrapped is None:
        found = None
    elif found is None:
        secret = master.unwrap(row.wrapped, kid=row.kid)
        found = materials.from_secret(purpose, row.kid, secret, origin=origin)
    return KeyRecord(
        kid=row.kid,
        purpose=purpose,
        version=row.version,
        state=state,
        created_at=row.created_at,
        changed_at=row.changed_at or max(at for at in _times(row) if at is not None),
        published_at=row.published_at,
        promoted_at=row.promoted_at,
        material=found,
    )


def fresh_row(record: KeyRecord, master: Master, *, random: Callable[[int], bytes]) -> KeyRow:
    """The row of a key that was just made, its material wrapped.

    Raises:
        ValueError: the record holds no material.
    """
    if record.material is None:
        raise ValueError("a fresh key holds its material")
    row = KeyRow(
        kid=record.kid,
        purpose=str(record.purpose),
        version=record.version,
        state=str(record.state),
        created_at=record.created_at,
        published_at=record.published_at,
        promoted_at=None,
        retired_at=None,
        revoked_at=None,
        public=materials.public_text(record.material),
        wrapped=master.wrap(materials.to_secret(record.material), kid=record.kid, random=random),
    )
    return moved_row(row, record)


def moved_row(row: KeyRow, record: KeyRecord) -> KeyRow:
    """The row after its record's transition; ``changed_at`` becomes the time of the state that it entered.

    Raises:
        Conflict: the row is of another key.
    """
    if row.kid != record.kid:
        raise Conflict("keys.row", at="kid")
    moved = replace(row, state=str(record.state), promoted_at=record.promoted_at, changed_at=record.changed_at)
    if record.state is KeyState.VERIFY_ONLY and row.retired_at is None:
        return replace(moved, retired_at=record.changed_at)
    if record.state is KeyState.REVOKED:
        return replace(moved, revoked_at=record.changed_at)
    if record.state is KeyState.DESTROYED:
        return replace(moved, wrapped=None)
    return moved


def _times(row: KeyRow) -> tuple[datetime | None, ...]:
    return row.created_at, row.promoted_at, row.retired_at, row.revoked_at
