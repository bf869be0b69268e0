"""The tamper-evident log's entries, tree and checkpoints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, text

from gateway.store.records import CheckpointRecord, CosignatureRecord, LogRecord
from gateway.store.shape import Shape
from gateway.store.tables.log import OPENED_EVENTS, log_checkpoints, log_cosignatures, log_entries, log_nodes
from gateway.store.transaction import Transaction, unknown

ENTRIES = Shape(log_entries, LogRecord)
COSIGNATURES = Shape(log_cosignatures, CosignatureRecord)
CHECKPOINTS = Shape(log_checkpoints, CheckpointRecord)
_AMONG = 500
SEQUENCER_LOCK = 0x6D617368_0002


class LogEntries:
    """Entries are appended with the work that they tell of; a sequencer gives them their places afterwards."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def append(self, entry: LogRecord) -> None:
        """Keep an entry, which has no place yet."""
        await self._transaction.add(ENTRIES, entry)

    async def entry(self, entry_id: str) -> LogRecord:
        """Return an entry.

        Raises:
            Unknown: ``entry.unknown``.
        """
        return await self._transaction.first(ENTRIES, log_entries.c.id == entry_id) or unknown("entry")

    async def entries(self, start: int, end: int) -> list[LogRecord]:
        """Return the entries at positions from ``start`` up to, and without, ``end``."""
        where = (log_entries.c.position >= start, log_entries.c.position < end)
        return await self._transaction.every(ENTRIES, *where, order=(log_entries.c.position,))

    async def of_referral(self, referral_id: str) -> list[LogRecord]:
        """Return a referral's entries in the order of their times, those without a place too."""
        order = (log_entries.c.at, log_entries.c.id)
        return await self._transaction.every(ENTRIES, log_entries.c.referral_id == referral_id, order=order)

    async def by_ids(self, names: Sequence[str]) -> list[LogRecord]:
        """Return those of these entries that there are."""
        order, found = (log_entries.c.at, log_entries.c.id), list[LogRecord]()
        for start in range(0, len(names), _AMONG):
            among = log_entries.c.id.in_(names[start : start + _AMONG])
            found += await self._transaction.every(ENTRIES, among, order=order)
        return found

    async def about(self, subjects: Sequence[str]) -> list[LogRecord]:
        """Return the entries about these subjects, by time. Looks at the whole log: for what is seldom asked."""
        order, found = (log_entries.c.at, log_entries.c.id), list[LogRecord]()
        for start in range(0, len(subjects), _AMONG):
            among = log_entries.c.subject.in_(subjects[start : start + _AMONG])
            found += await self._transaction.every(ENTRIES, among, order=order)
        return found

    async def opened_since(self, since: datetime, least: int) -> list[tuple[str, int]]:
        """Return who opened or viewed at least so many different things since then, with how many; by name."""
        thing = func.coalesce(log_entries.c.subject, log_entries.c.referral_id)
        count = func.count(thing.distinct())
        statement = (
            select(log_entries.c.actor, count)
            # Written out, so that the partial index is seen to cover it.
            .where(text(OPENED_EVENTS), log_entries.c.at > since)
            .group_by(log_entries.c.actor)
            .having(count >= least)
            .order_by(log_entries.c.actor)
        )
        return [(actor, int(number)) for actor, number in await self._transaction.rows(statement)]

    async def opened_by(self, actor: str, since: datetime) -> int:
        """Return how many different things this one opened or viewed since then."""
        thing = func.coalesce(log_entries.c.subject, log_entries.c.referral_id)
        statement = select(func.count(thing.distinct())).where(
            text(OPENED_EVENTS), log_entries.c.at > since, log_entries.c.actor == actor
        )
        return int((await self._transaction.execute(statement)).scalar_one())

    async def lock_sequencer(self) -> None:
        """Be the one sequencer of this hub until this work ends; others wait."""
        await self._transaction.hold(SEQUENCER_LOCK)

    async def unsequenced(self, limit: int) -> list[LogRecord]:
        """Return committed entries that have no place yet, by time."""
        order = (log_entries.c.at, log_entries.c.id)
        return await self._transaction.every(ENTRIES, log_entries.c.position.is_(None), order=order, limit=limit)

    async def is_waiting(self) -> bool:
        """Tell whether any committed entry has no place yet."""
        waiting = select(log_entries.c.id).where(log_entries.c.position.is_(None)).limit(1)
        return (await self._transaction.execute(waiting)).first() is not None

    async def size(self) -> int:
        """Return how many entries have a place: the size of the tree."""
        last = (await self._transaction.execute(select(func.max(log_entries.c.position)))).scalar_one()
        return 0 if last is None else int(last) + 1

    async def nodes(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return the hashes of those tree nodes, named (level, index), that are stored; level 0 holds the leaves."""
        found: dict[tuple[int, int], bytes] = {}
        columns = log_nodes.c
        for level in {level for level, _ in places}:
            indexes = [index for other, index in places if other == level]
            statement = select(columns.index, columns.hash).where(columns.level == level, columns.index.in_(indexes))
            found.update({(level, index): value for index, value in await self._transaction.rows(statement)})
        return found

    async def latest_checkpoint(self) -> CheckpointRecord | None:
        """Return the checkpoint of the largest tree, or None."""
        newest_first = (log_checkpoints.c.size.desc(),)
        return next(iter(await self._transaction.every(CHECKPOINTS, order=newest_first, limit=1)), None)

    async def checkpoint_at(self, size: int) -> CheckpointRecord | None:
        """Return the checkpoint of exactly this size, or None."""
        return await self._transaction.first(CHECKPOINTS, log_checkpoints.c.size == size)

    async def checkpoint_covering(self, position: int) -> CheckpointRecord | None:
        """Return the smallest checkpoint whose tree holds this position, or None."""
        holds = log_checkpoints.c.size > position
        smallest_first = (log_checkpoints.c.size,)
        return next(iter(await self._transaction.every(CHECKPOINTS, holds, order=smallest_first, limit=1)), None)

    async def keep_cosignature(self, record: CosignatureRecord) -> None:
        """Keep a witness's line; the same one again changes nothing."""
        await self._transaction.add_new(COSIGNATURES, record)

    async def last_cosignature(self, witness: str) -> CosignatureRecord | None:
        """Return this witness's line under the largest tree, or None."""
        newest_first = (log_cosignatures.c.size.desc(),)
        where = log_cosignatures.c.witness == witness
        return next(iter(await self._transaction.every(COSIGNATURES, where, order=newest_first, limit=1)), None)

    async def cosigned(self, least: int) -> list[CosignatureRecord]:
        """Return every line under the smallest cosigned checkpoint of at least this size, by witness."""
        size = select(func.min(log_cosignatures.c.size)).where(log_cosignatures.c.size >= least).scalar_subquery()
        return await self._transaction.every(
            COSIGNATURES, log_cosignatures.c.size == size, order=(log_cosignatures.c.witness,)
        )

    async def checkpoints(self, after: int = 0, upto: int | None = None) -> list[CheckpointRecord]:
        """Return every checkpoint of more than ``after`` entries, and of no more than ``upto``, by size."""
        where = [log_checkpoints.c.size > after]
        if upto is not None:
            where.append(log_checkpoints.c.size <= upto)
        return await self._transaction.every(CHECKPOINTS, *where, order=(log_checkpoints.c.size,))

    async def checkpoint_count(self) -> int:
        """Return how many checkpoints there are."""
        return int((await self._transaction.execute(select(func.count()).select_from(log_checkpoints))).scalar_one())
