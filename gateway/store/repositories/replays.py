"""Replays of more than one message, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from gateway.store.records import ReplayMessage, ReplayRecord
from gateway.store.shape import Shape
from gateway.store.tables.messages import messages as kept
from gateway.store.tables.replays import replay_messages, replays
from gateway.store.transaction import Transaction, unknown

REPLAYS = Shape(replays, ReplayRecord)
MESSAGES = Shape(replay_messages, ReplayMessage)


class Replays:
    """Proposals, their messages in order, and what became of each."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, replay: ReplayRecord, message_ids: Sequence[str]) -> None:
        """Keep a proposal with its messages, in this order."""
        await self._transaction.add(REPLAYS, replay)
        rows = [
            MESSAGES.values(ReplayMessage(replay_id=replay.id, position=position, message_id=one))
            for position, one in enumerate(message_ids)
        ]
        await self._transaction.execute(replay_messages.insert(), rows)

    async def get(self, replay_id: str) -> ReplayRecord:
        """Return a replay.

        Raises:
            Unknown: ``replay.unknown``.
        """
        return await self._transaction.first(REPLAYS, replays.c.id == replay_id) or unknown("replay")

    async def lock(self, replay_id: str) -> ReplayRecord:
        """Return a replay as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``replay.unknown``.
        """
        return await self._transaction.first(REPLAYS, replays.c.id == replay_id, lock=True) or unknown("replay")

    async def latest(self, *, limit: int = 100) -> list[ReplayRecord]:
        """Return the replays that were proposed last, the newest first."""
        order = (replays.c.proposed_at.desc(), replays.c.id.desc())
        return await self._transaction.every(REPLAYS, order=order, limit=limit)

    async def approve(self, replay_id: str, by: str, at: datetime) -> None:
        """Write who approved a replay, and when."""
        statement = update(replays).where(replays.c.id == replay_id).values(approved_by=by, approved_at=at)
        await self._transaction.change(statement)

    async def waiting(self, replay_id: str, *, limit: int) -> list[ReplayMessage]:
        """Return those of a replay's messages that have not been through yet, in order."""
        return await self._transaction.every(
            MESSAGES,
            replay_messages.c.replay_id == replay_id,
            replay_messages.c.outcome.is_(None),
            order=(replay_messages.c.position,),
            limit=limit,
        )

    async def messages(self, replay_id: str) -> list[ReplayMessage]:
        """Return all of a replay's messages, in order."""
        order = (replay_messages.c.position,)
        return await self._transaction.every(MESSAGES, replay_messages.c.replay_id == replay_id, order=order)

    async def feeds(self, replay_id: str) -> frozenset[str]:
        """Return the feeds that a replay's messages came by."""
        statement = (
            select(kept.c.feed)
            .join(replay_messages, replay_messages.c.message_id == kept.c.id)
            .where(replay_messages.c.replay_id == replay_id)
            .distinct()
        )
        return frozenset(feed for (feed,) in await self._transaction.rows(statement))

    async def settle(self, replay_id: str, message_id: str, outcome: str, code: str | None) -> None:
        """Write what became of a message, once: what another run wrote meanwhile stands."""
        statement = (
            update(replay_messages)
            .where(
                replay_messages.c.replay_id == replay_id,
                replay_messages.c.message_id == message_id,
                replay_messages.c.outcome.is_(None),
            )
            .values(outcome=outcome, code=code)
        )
        await self._transaction.change(statement)

    async def outcomes(self, replay_id: str) -> Mapping[str, int]:
        """Return how many of a replay's messages came to each outcome; those still waiting under the empty name."""
        statement = (
            select(replay_messages.c.outcome, func.count())
            .where(replay_messages.c.replay_id == replay_id)
            .group_by(replay_messages.c.outcome)
        )
        return {outcome or "": number for outcome, number in await self._transaction.rows(statement)}
