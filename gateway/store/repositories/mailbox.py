"""Envelopes that wait for a recipient without a broker."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select

from gateway.store.records import EnvelopeState, MailboxRecord
from gateway.store.shape import Shape
from gateway.store.tables.envelopes import envelopes, mailbox
from gateway.store.transaction import Transaction, unknown

MAILBOX = Shape(mailbox, MailboxRecord)


class Mailbox:
    """One mailbox per recipient."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, message: MailboxRecord) -> bool:
        """Put an envelope in; False if it is there already, so that a delivery may be repeated."""
        return await self._transaction.add_new(MAILBOX, message)

    async def page(
        self, recipient: str, limit: int, *, states: Collection[EnvelopeState] | None = None
    ) -> list[MailboxRecord]:
        """Return what the recipient has not acknowledged, oldest first; with ``states``, envelopes in these alone."""
        where: list[ColumnElement[bool]] = [mailbox.c.recipient == recipient, mailbox.c.acked_at.is_(None)]
        if states is not None:
            where.append(mailbox.c.id.in_(select(envelopes.c.id).where(envelopes.c.state.in_(states))))
        return await self._transaction.every(MAILBOX, *where, order=(mailbox.c.created_at, mailbox.c.id), limit=limit)

    async def ack(self, envelope_id: str, recipient: str, at: datetime) -> bool:
        """Take an envelope off; False if it was off already: the time of the first acknowledgement stays.

        Raises:
            Unknown: ``envelope.unknown``: nothing of this id for this recipient.
        """
        own = (mailbox.c.id == envelope_id, mailbox.c.recipient == recipient)
        waiting = mailbox.update().where(*own, mailbox.c.acked_at.is_(None))
        if await self._transaction.change(waiting.values(acked_at=at)):
            return True
        if await self._transaction.first(MAILBOX, *own) is None:
            unknown("envelope")
        return False
