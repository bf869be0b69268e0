"""Versions of the key-encryption key end once the backups end that hold what they wrapped.

An erasure has the key rotated, at most once in a while. What lives is wrapped anew in the background; from the moment
that a version was found to wrap nothing, it is kept for as long as backups are, and then destroyed. The ledger tells of
it first: a backup that is older than that, when it is put back, is refused at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto.keys import KeyRecord, KeyState, Purpose
from gateway.erasure.ledger import Ledger
from gateway.keys import Keys
from gateway.store import Reading, Store, Work
from gateway.store.records import ErasureRecord
from routing import retention
from routing.retention import KekLife
from schemas.errors import Conflict, Unavailable, Unknown
from schemas.retention import Retention

HUB = "hub"
REASON = "backup-retention"
_EMPTIED = "keks.emptied."
_ENDS = frozenset({KeyState.VERIFY_ONLY, KeyState.REVOKED})


@dataclass(frozen=True, kw_only=True)
class Keks:
    """The ends of the versions of the key-encryption key."""

    store: Store
    keys: Keys
    ledger: Ledger
    section: Retention

    @property
    def backups(self) -> timedelta:
        """How long backups are kept."""
        return timedelta(days=self.section.backup_days)

    @property
    def every(self) -> timedelta:
        """How often at most erasures have the key rotated."""
        return timedelta(days=self.section.rotate_days)

    async def round(self, now: datetime) -> None:
        """Rotate, note what wraps nothing, destroy what is over. Safe to repeat, by any process. ``now`` is aware UTC.

        Raises:
            Unavailable: store or ledger are not there; the next round looks again.
        """
        await self._rotate(now)
        records = self.keys.ring.of(Purpose.AT_REST)
        async with self.store.reading() as work:
            told = await work.erasures.known_of([record.kid for record in records])
        for record in records:
            if record.state in _ENDS:
                await self._look(record, now)
            elif record.state is KeyState.DESTROYED and record.kid not in told:
                await self._tell(record, now)  # by hand, or because it was revoked

    async def lives(self, work: Reading, versions: tuple[int, ...]) -> list[KekLife]:
        """How these versions stand."""
        found = []
        for record in self.keys.ring.of(Purpose.AT_REST):
            if record.version in versions:
                gone = record.state is KeyState.DESTROYED
                found.append(
                    KekLife(
                        version=record.version,
                        promoted_at=record.promoted_at or record.created_at,
                        retired=record.state is not KeyState.ACTIVE,
                        emptied_at=await _emptied(work, record.kid),
                        destroyed_at=record.changed_at if gone else None,
                    )
                )
        return found

    async def again(self, kid: str, now: datetime) -> None:
        """Destroy, in a database that was put back, a version that the ledger says was destroyed.

        Raises:
            Unavailable: this database lives under it: it is a backup from before, whose time was over.
        """
        try:
            await self.keys.destroy(kid, now, wait=timedelta(0), actor=HUB)
        except Unknown:
            return  # from before that version was made: a later one is none of its own
        except Conflict:
            if self.keys.ring.record(kid).state is KeyState.DESTROYED:
                return
            raise Unavailable(
                "erasure.backup.over",
                "this database is older than backups are kept: the key that it lives under was destroyed",
                at="retention.backup_days",
            ) from None

    async def _rotate(self, now: datetime) -> None:
        active = next((one for one in self.keys.ring.of(Purpose.AT_REST) if one.state is KeyState.ACTIVE), None)
        if active is None or active.promoted_at is None:
            return
        async with self.store.reading() as work:
            erased_at = await work.erasures.last_done(but=REASON)
        due = retention.rotation_due(active.promoted_at, erased_at, every=self.every)
        if due is not None and now >= due:
            await self.keys.rotate_due(now, {Purpose.AT_REST: timedelta(0)})

    async def _look(self, record: KeyRecord, now: datetime) -> None:
        async with self.store.reading() as work:
            wraps = bool(await work.scopes.list_by_kek(record.version, limit=1))
            emptied_at = await _emptied(work, record.kid)
        if wraps and emptied_at is not None:
            await self._note(record.kid, "")  # a process that had not looked yet wrapped with it
        elif not wraps and emptied_at is None:
            await self._note(record.kid, now.isoformat())
        elif not wraps and emptied_at is not None and now >= emptied_at + self.backups:
            await self._tell(record, now)
            await self.again(record.kid, now)

    async def _note(self, kid: str, text: str) -> None:
        async with self.store.work() as work:
            await work.settings.put(_EMPTIED + kid, text)
            await work.commit()

    async def _tell(self, record: KeyRecord, now: datetime) -> None:
        async with self.store.work() as work:
            await work.log.lock_sequencer()
            if await work.erasures.get(record.kid) is None:
                # The ledger first, as for every erasure: what it tells is done again after any crash.
                line = self.ledger.add(record.kid, [], [], [record.version], now=now)
                await note_line(work, record.kid, line.number, now)
                await work.commit()


async def note_line(work: Work, kid: str, number: int, now: datetime) -> None:
    """Keep that the ledger's line of this number tells of the end of this version."""
    await work.erasures.put(
        ErasureRecord(subject=kid, reason=REASON, proposed_by=HUB, proposed_at=now, number=number, done_at=now)
    )


async def _emptied(work: Reading, kid: str) -> datetime | None:
    text = await work.settings.get(_EMPTIED + kid)
    return datetime.fromisoformat(text) if text else None
