"""The tamper-evident log's entries, tree and checkpoints."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from gateway.store.records import CheckpointRecord, LogRecord
from gateway.store.shape import Shape
from gateway.store.tables.log import log_checkpoints, log_entries, log_nodes
from gateway.store.transaction import Transaction, unknown

ENTRIES = Shape(log_entries, LogRecord)
CHECKPOINTS = Shape(log_checkpoints, CheckpointRecord)
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

    async def checkpoints(self) -> list[CheckpointRecord]:
        """Return every checkpoint, by size."""
        return await self._transaction.every(CHECKPOINTS, order=(log_checkpoints.c.size,))
