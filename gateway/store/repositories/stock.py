"""All that the hub keeps sealed, page by page in the order of ids: for whoever must look at everything."""

from __future__ import annotations

from gateway.store.records import DisclosureRecord, EnvelopeRecord, MessageRecord, PersonRecord, RequestRecord
from gateway.store.repositories.envelopes import ENVELOPES
from gateway.store.repositories.messages import MESSAGES
from gateway.store.repositories.persons import PERSONS
from gateway.store.shape import R, Shape
from gateway.store.tables.exchange import disclosures, requests
from gateway.store.tables.messages import messages
from gateway.store.transaction import Transaction

DISCLOSURES = Shape(disclosures, DisclosureRecord)
REQUESTS = Shape(requests, RequestRecord)
PAGE = 200


class Stock:
    """Pages of records; ``after`` is the id that the page before ended with."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def envelopes(self, after: str) -> list[EnvelopeRecord]:
        """Return envelopes, whatever became of them."""
        return await self._page(ENVELOPES, after)

    async def requests(self, after: str) -> list[RequestRecord]:
        """Return requests."""
        return await self._page(REQUESTS, after)

    async def disclosures(self, after: str) -> list[DisclosureRecord]:
        """Return owners' answers."""
        return await self._page(DISCLOSURES, after)

    async def messages(self, after: str) -> list[MessageRecord]:
        """Return messages, those in quarantine too."""
        return await self._page(MESSAGES, after)

    async def persons(self, after: str) -> list[PersonRecord]:
        """Return persons."""
        return await self._page(PERSONS, after)

    async def latest_messages(self, limit: int) -> list[MessageRecord]:
        """Return the messages that came in last, the newest first."""
        order = (messages.c.received_at.desc(), messages.c.id)
        return await self._transaction.every(MESSAGES, order=order, limit=limit)

    async def _page(self, shape: Shape[R], after: str) -> list[R]:
        column = shape.table.c.id
        return await self._transaction.every(shape, column > after, order=(column,), limit=PAGE)
