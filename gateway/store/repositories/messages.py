"""Messages and their items, and the counts that must reconcile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select

from gateway.store.records import EndState, Fate, FeedCounts, ItemRecord, MessageOutline, MessageRecord
from gateway.store.shape import Shape
from gateway.store.tables.erasures import erasures
from gateway.store.tables.messages import feed_counters, items, messages
from gateway.store.transaction import Transaction, unknown

MESSAGES = Shape(messages, MessageRecord)
OUTLINES = Shape(messages, MessageOutline)
ITEMS = Shape(items, ItemRecord)
_BY_RECEIPT = (messages.c.received_at, messages.c.id)


class Messages:
    """What came in, once each."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, message_id: str) -> MessageRecord:
        """Return a message.

        Raises:
            Unknown: ``message.unknown``.
        """
        return await self._transaction.first(MESSAGES, messages.c.id == message_id) or unknown("message")

    async def lock(self, message_id: str) -> MessageRecord:
        """Return a message and keep it from other work, for a replay.

        Raises:
            Unknown: ``message.unknown``.
        """
        return await self._transaction.first(MESSAGES, messages.c.id == message_id, lock=True) or unknown("message")

    async def get_many(self, message_ids: Sequence[str]) -> list[MessageRecord]:
        """Return those of the messages that exist, oldest first."""
        order = (messages.c.received_at, messages.c.id)
        return await self._transaction.every(MESSAGES, messages.c.id.in_(message_ids), order=order)

    async def find(self, feed: str, native_hash: str) -> MessageRecord | None:
        """Return the message that took this native id in this feed, or None."""
        return await self._transaction.first(MESSAGES, messages.c.feed == feed, messages.c.native_hash == native_hash)

    async def quarantined(
        self,
        feed: str | None = None,
        *,
        among: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 200,
    ) -> list[MessageOutline]:
        """Return what waits in quarantine, oldest first, in one feed, or in all or all ``among`` these.

        ``since`` and ``until`` bound the receipt, the latter excluded; ``after`` is the message that the page before
        ended with.

        Raises:
            Unknown: ``message.unknown``: ``after`` names none.
        """
        where = _waiting(feed, since, until, among)
        if after is not None:
            theirs = () if among is None else (messages.c.feed.in_(among),)
            last = await self._transaction.first(OUTLINES, messages.c.id == after, *theirs) or unknown("message")
            later = messages.c.received_at > last.received_at
            where.append(or_(later, (messages.c.received_at == last.received_at) & (messages.c.id > last.id)))
        return await self._transaction.every(OUTLINES, *where, order=_BY_RECEIPT, limit=limit)

    async def replayable(
        self,
        feed: str | None,
        since: datetime | None,
        until: datetime | None,
        *,
        among: Collection[str] | None = None,
        limit: int,
    ) -> list[str]:
        """Return the names of what waits in quarantine and can be replayed, oldest first; bounds as above.

        Those are left out whose identity belongs to another message.
        """
        statement = (
            select(messages.c.id)
            .where(*_waiting(feed, since, until, among), messages.c.conflict_with.is_(None))
            .order_by(*_BY_RECEIPT)
            .limit(limit)
        )
        return [name for (name,) in await self._transaction.rows(statement)]

    async def outlines(self, message_ids: Sequence[str]) -> list[MessageOutline]:
        """Return those of the messages that exist, oldest first, without their bytes."""
        return await self._transaction.every(OUTLINES, messages.c.id.in_(message_ids), order=_BY_RECEIPT)

    async def replace_fate(self, message: MessageRecord) -> None:
        """Write a replayed message's new fate, reason, adapter version, native id and answer.

        Identity, bytes and time of receipt stay as they were, whatever the record says.

        Raises:
            Unknown: ``message.unknown``.
            Conflict: ``message.native_id``: another message of the feed has taken the native id meanwhile.
        """
        changed = (
            "fate",
            "reason_code",
            "reason_at",
            "adapter_version",
            "native_hash",
            "conflict_with",
            "answer_status",
            "answer_media_type",
            "answer_sealed",
        )
        async with self._transaction.unless_taken("message.native_id", "another message has this native id"):
            there = await self._transaction.save(MESSAGES, message, changed, messages.c.id == message.id)
        if not there:
            unknown("message")

    async def items(self, message_id: str) -> list[ItemRecord]:
        """Return a message's items by position."""
        return await self._transaction.every(ITEMS, items.c.message_id == message_id, order=(items.c.position,))

    async def items_of_referral(self, referral_id: str) -> list[ItemRecord]:
        """Return the items that opened or joined a referral, in the order of their messages' receipt."""
        statement = (
            ITEMS.select.join(messages, messages.c.id == items.c.message_id)
            .where(items.c.referral_id == referral_id)
            .order_by(messages.c.received_at, messages.c.id, items.c.position)
        )
        return [ITEMS.record(row) for row in await self._transaction.rows(statement)]

    async def count(self, feed: str, fate: str) -> None:
        """Count an arrival that is not kept: a duplicate, or an authenticated sender's refused message."""
        await self._transaction.count(feed_counters, {"feed": feed, "fate": fate}, 1)

    async def counts(self, feed: str) -> FeedCounts:
        """Return a feed's reconciliation."""
        kept = select(messages.c.fate, func.count()).where(messages.c.feed == feed).group_by(messages.c.fate)
        counted = select(feed_counters.c.fate, feed_counters.c.count).where(feed_counters.c.feed == feed)
        ends = (
            select(items.c.end_state, func.count())
            .join(messages, messages.c.id == items.c.message_id)
            .where(messages.c.feed == feed)
            .group_by(items.c.end_state)
        )
        fates: Counter[str] = Counter()
        for fate, number in [*await self._transaction.rows(kept), *await self._transaction.rows(counted)]:
            fates[fate] += number
        ended = Counter({end: number for end, number in await self._transaction.rows(ends)})  # noqa: C416 - rows are no pairs to the type checker
        return FeedCounts(
            feed=feed,
            received=fates.total(),
            accepted=fates[Fate.ACCEPTED],
            duplicate=fates[Fate.DUPLICATE],
            quarantined=fates[Fate.QUARANTINED],
            refused=fates[Fate.REFUSED],
            items=ended.total(),
            referral=ended[EndState.REFERRAL],
            refreshed=ended[EndState.REFRESHED],
            no_concern=ended[EndState.NO_CONCERN],
        )


def _waiting(
    feed: str | None, since: datetime | None, until: datetime | None, among: Collection[str] | None
) -> list[ColumnElement[bool]]:
    """What waits in quarantine and was not erased, of one feed or all (``among`` these), within these bounds."""
    # Spelled out, so that the database sees that the index of what is in quarantine serves.
    where: list[ColumnElement[bool]] = [
        messages.c.fate == literal_column(f"'{Fate.QUARANTINED}'"),
        ~exists().where(erasures.c.subject == messages.c.id, erasures.c.number.is_not(None)),
    ]
    if feed is not None:
        where.append(messages.c.feed == feed)
    if among is not None:
        where.append(messages.c.feed.in_(among))
    if since is not None:
        where.append(messages.c.received_at >= since)
    if until is not None:
        where.append(messages.c.received_at < until)
    return where
