"""Envelopes that wait for a recipient without a broker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal

from gateway.store.records import MailboxRecord
from gateway.store.shape import Shape
from gateway.store.tables.envelopes import mailbox
from gateway.store.transaction import Transaction, unknown

MAILBOX = Shape(mailbox, MailboxRecord)


class Mailbox:
    """One mailbox per recipient."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, message: MailboxRecord) -> bool:
        """Put an envelope in; False if it is there already, so that a delivery may be repeated."""
        return await self._transaction.add_new(MAILBOX, message)

    async def page(self, recipient: str, limit: int) -> list[MailboxRecord]:
        """Return what the recipient has not acknowledged, oldest first."""
        where = (mailbox.c.recipient == recipient, mailbox.c.acked_at.is_(None))
        return await self._transaction.every(MAILBOX, *where, order=(mailbox.c.created_at, mailbox.c.id), limit=limit)

    async def ack(self, envelope_id: str, recipient: str, at: datetime) -> None:
        """Take an envelope off; the time of the first acknowledgement stays.

        Raises:
            Unknown: ``envelope.unknown``: nothing of this id for this recipient.
        """
        own = (mailbox.c.id == envelope_id, mailbox.c.recipient == recipient)
        first = {"acked_at": func.coalesce(mailbox.c.acked_at, literal(at, mailbox.c.acked_at.type))}
        if not await self._transaction.change(mailbox.update().where(*own).values(first)):
            unknown("envelope")
