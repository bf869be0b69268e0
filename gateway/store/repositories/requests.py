"""Information requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_

from gateway.store.records import RequestRecord
from gateway.store.repositories.alarms import stands
from gateway.store.shape import Shape
from gateway.store.tables.exchange import requests
from gateway.store.transaction import Transaction, unknown
from schemas.errors import Conflict

REQUESTS = Shape(requests, RequestRecord)
_ORDER = (requests.c.created_at, requests.c.id)
_CHANGE = ("state", "due_at", "digest", "sealed", "version", "closed_at")


class Requests:
    """What was asked of whom, and by when."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, request: RequestRecord) -> None:
        """Keep a request."""
        await self._transaction.add(REQUESTS, request)

    async def get(self, request_id: str) -> RequestRecord:
        """Return a request.

        Raises:
            Unknown: ``request.unknown``.
        """
        return await self._transaction.first(REQUESTS, requests.c.id == request_id) or unknown("request")

    async def lock(self, request_id: str) -> RequestRecord:
        """Return a request as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``request.unknown``.
        """
        return await self._transaction.first(REQUESTS, requests.c.id == request_id, lock=True) or unknown("request")

    async def save(self, request: RequestRecord) -> RequestRecord:
        """Write a request's state, due time and signed form over the version that it was read as.

        Raises:
            Conflict: ``request.stale``: somebody changed it meanwhile; read it again.
        """
        saved = replace(request, version=request.version + 1)
        same = (requests.c.id == request.id, requests.c.version == request.version)
        if not await self._transaction.save(REQUESTS, saved, _CHANGE, *same):
            raise Conflict("request.stale", "somebody changed it meanwhile: read it again")
        return saved

    async def of_referral(self, referral_id: str) -> list[RequestRecord]:
        """Return a referral's requests, oldest first."""
        return await self._transaction.every(REQUESTS, requests.c.referral_id == referral_id, order=_ORDER)

    async def open_of_referral(self, referral_id: str) -> list[RequestRecord]:
        """Return a referral's requests that are neither answered nor withdrawn, oldest first."""
        where = (requests.c.referral_id == referral_id, requests.c.closed_at.is_(None))
        return await self._transaction.every(REQUESTS, *where, order=_ORDER)

    async def due_before(self, now: datetime, *, limit: int = 500) -> list[RequestRecord]:
        """Return open requests whose due time has come and that are not overdue with an alarm of it yet."""
        fresh = or_(requests.c.state != "overdue", ~stands("request_overdue", requests.c.id))
        where = (requests.c.closed_at.is_(None), requests.c.due_at <= now, fresh)
        return await self._transaction.every(REQUESTS, *where, order=(requests.c.due_at, requests.c.id), limit=limit)
