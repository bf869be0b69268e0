"""What was made while a key was in use, by ids: for the list of what a compromised key touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, and_, or_, select

from gateway.store.tables.envelopes import envelopes
from gateway.store.tables.exchange import disclosures, requests
from gateway.store.tables.keys import scopes
from gateway.store.tables.log import log_checkpoints
from gateway.store.tables.messages import messages
from gateway.store.tables.persons import persons
from gateway.store.tables.referrals import referrals
from gateway.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class While:
    """A time, both ends included; None is no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, column: Column[datetime]) -> list[ColumnElement[bool]]:
        """What is asked of a column."""
        bounds: list[ColumnElement[bool]] = []
        if self.since is not None:
            bounds.append(column >= self.since)
        if self.until is not None:
            bounds.append(column <= self.until)
        return bounds


class MadeUnder:
    """Ids of what was made, by time or by the key that it names."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def tokens(self, *, after: str, limit: int) -> list[tuple[str, str, str, Mapping[str, str]]]:
        """Return envelopes by id, those after ``after``: id, kind, subject, and the headers with their token."""
        columns = envelopes.c
        wanted = select(columns.id, columns.kind, columns.subject, columns.headers).where(columns.id > after)
        rows = await self._transaction.rows(wanted.order_by(columns.id).limit(limit))
        return [(name, kind, subject, headers) for name, kind, subject, headers in rows]

    async def requests(self, *, after: str, limit: int) -> list[tuple[str, str, bytes]]:
        """Return requests by id, those after ``after``: id, the scope that they are sealed in, and the sealed note."""
        wanted = (
            select(requests.c.id, referrals.c.scope, requests.c.sealed)
            .join(referrals, referrals.c.id == requests.c.referral_id)
            .where(requests.c.id > after)
            .order_by(requests.c.id)
            .limit(limit)
        )
        return [(name, scope, sealed) for name, scope, sealed in await self._transaction.rows(wanted)]

    async def disclosures(self, kid: str, time: While) -> list[str]:
        """Return the answers that came sealed to this key, and those of the time that tell of none."""
        untold = and_(disclosures.c.sealed_to.is_(None), *time.holds(disclosures.c.received_at))
        return await self._names(disclosures.c.id, or_(disclosures.c.sealed_to == kid, untold))

    async def envelopes(self, time: While) -> list[str]:
        """Return the envelopes that were cut then."""
        return await self._names(envelopes.c.id, *time.holds(envelopes.c.created_at))

    async def scopes(self, time: While) -> list[str]:
        """Return the scopes that were made then."""
        return await self._names(scopes.c.id, *time.holds(scopes.c.created_at))

    async def messages(self, time: While) -> list[str]:
        """Return the messages that came in then."""
        return await self._names(messages.c.id, *time.holds(messages.c.received_at))

    async def persons(self, time: While) -> list[str]:
        """Return the persons whom the hub came to know then."""
        return await self._names(persons.c.id, *time.holds(persons.c.created_at))

    async def checkpoints(self, time: While) -> list[str]:
        """Return the sizes of the checkpoints that were signed then, as text."""
        return await self._names(log_checkpoints.c.size, *time.holds(log_checkpoints.c.at))

    async def _names(self, column: Column[str], *where: ColumnElement[bool]) -> list[str]:
        return [str(name) for (name,) in await self._transaction.rows(select(column).where(*where))]
