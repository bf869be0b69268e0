"""Sealed envelopes and their single release."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from gateway.store.records import EnvelopeRecord, EnvelopeState
from gateway.store.shape import Shape
from gateway.store.tables.envelopes import envelopes
from gateway.store.transaction import Transaction, unknown

ENVELOPES = Shape(envelopes, EnvelopeRecord)
_ORDER = (envelopes.c.created_at, envelopes.c.id)
_CHANGE = ("state", "wrapped_key", "binding", "released_at", "released_to", "release", "release_until", "entry_id")


class Envelopes:
    """Envelopes: their sealed content never changes, their state does."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, envelope: EnvelopeRecord) -> None:
        """Keep an envelope."""
        await self._transaction.add(ENVELOPES, envelope)

    async def get(self, envelope_id: str) -> EnvelopeRecord:
        """Return an envelope.

        Raises:
            Unknown: ``envelope.unknown``.
        """
        return await self._transaction.first(ENVELOPES, envelopes.c.id == envelope_id) or unknown("envelope")

    async def lock(self, envelope_id: str) -> EnvelopeRecord:
        """Return an envelope as it is now and keep it from other work until this one ends: one opens, others wait.

        Raises:
            Unknown: ``envelope.unknown``.
        """
        found = await self._transaction.first(ENVELOPES, envelopes.c.id == envelope_id, lock=True)
        return found or unknown("envelope")

    async def get_many(self, envelope_ids: Collection[str]) -> list[EnvelopeRecord]:
        """Return those of the envelopes that exist, oldest first."""
        return await self._transaction.every(ENVELOPES, envelopes.c.id.in_(envelope_ids), order=_ORDER)

    async def save(self, envelope: EnvelopeRecord) -> None:
        """Write a locked envelope's state, wrapped key and release.

        Raises:
            Unknown: ``envelope.unknown``.
        """
        if not await self._transaction.save(ENVELOPES, envelope, _CHANGE, envelopes.c.id == envelope.id):
            unknown("envelope")

    async def of_referral(self, referral_id: str) -> list[EnvelopeRecord]:
        """Return a referral's envelopes, oldest first."""
        return await self._transaction.every(ENVELOPES, envelopes.c.referral_id == referral_id, order=_ORDER)

    async def of_subject(self, subject: str) -> list[EnvelopeRecord]:
        """Return every envelope that brought this request, disclosure, product or feedback, oldest first."""
        return await self._transaction.every(ENVELOPES, envelopes.c.subject == subject, order=_ORDER)

    async def lock_unopened(self, subject: str) -> list[EnvelopeRecord]:
        """Lock those envelopes of this subject that are sealed; return them as they are now, oldest first."""
        locked = [
            await self.lock(one.id) for one in await self.of_subject(subject) if one.state == EnvelopeState.SEALED
        ]
        return [one for one in locked if one.state == EnvelopeState.SEALED]

    async def lapsed(self, now: datetime, *, limit: int = 500) -> list[EnvelopeRecord]:
        """Return envelopes still sealed whose token has expired, the longest expired first."""
        where = (envelopes.c.state == EnvelopeState.SEALED, envelopes.c.token_expires_at <= now)
        order = (envelopes.c.token_expires_at, envelopes.c.id)
        return await self._transaction.every(ENVELOPES, *where, order=order, limit=limit)

    async def unopened_requests(self, *, limit: int = 500) -> list[tuple[str, str, str]]:
        """Return (envelope, referral, request) of those requests that nobody has opened yet, oldest first."""
        statement = (
            select(envelopes.c.id, envelopes.c.referral_id, envelopes.c.subject)
            .where(envelopes.c.state == EnvelopeState.SEALED, envelopes.c.kind == "request")
            .order_by(*_ORDER)
            .limit(limit)
        )
        return [(name, referral, request) for name, referral, request in await self._transaction.rows(statement)]
