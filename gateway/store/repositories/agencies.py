"""Enrolled agencies, the keys that they sign with, and their clients."""

from __future__ import annotations

from gateway.store.records import AgencyKeyRow, AgencyRow, ClientRow
from gateway.store.shape import Shape
from gateway.store.tables.identities import agencies, agency_keys, clients
from gateway.store.transaction import Transaction

AGENCIES = Shape(agencies, AgencyRow)
KEYS = Shape(agency_keys, AgencyKeyRow)
CLIENTS = Shape(clients, ClientRow)


class Agencies:
    """Who may speak to this hub, and by which keys."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, agency: AgencyRow) -> None:
        """Enrol an agency, or write its standing anew."""
        await self._transaction.put(AGENCIES, agency)

    async def find(self, agency_id: str) -> AgencyRow | None:
        """Return an agency, or None."""
        return await self._transaction.first(AGENCIES, agencies.c.id == agency_id)

    async def all(self) -> list[AgencyRow]:
        """Return every agency, by id."""
        return await self._transaction.every(AGENCIES, order=(agencies.c.id,))

    async def put_key(self, key: AgencyKeyRow) -> None:
        """Enrol a key of an agency, or write its state anew."""
        await self._transaction.put(KEYS, key)

    async def find_key(self, agency_id: str, kid: str) -> AgencyKeyRow | None:
        """Return an agency's key of this kid, or None. Another agency's key of the same kid is another key."""
        return await self._transaction.first(KEYS, agency_keys.c.agency == agency_id, agency_keys.c.kid == kid)

    async def keys(self, agency_id: str) -> list[AgencyKeyRow]:
        """Return an agency's keys, in the order in which they were enrolled."""
        order = (agency_keys.c.enrolled_at, agency_keys.c.kid)
        return await self._transaction.every(KEYS, agency_keys.c.agency == agency_id, order=order)

    async def all_keys(self) -> list[AgencyKeyRow]:
        """Return every agency's keys."""
        return await self._transaction.every(KEYS, order=(agency_keys.c.agency, agency_keys.c.kid))

    async def put_client(self, client: ClientRow) -> None:
        """Enrol a client, or write it anew.

        Raises:
            Conflict: ``client.taken``: another client has this recipient or this user of the broker.
        """
        async with self._transaction.unless_taken("client.taken", "another client has this recipient or broker user"):
            await self._transaction.put(CLIENTS, client)

    async def find_client(self, client_id: str) -> ClientRow | None:
        """Return a client, or None."""
        return await self._transaction.first(CLIENTS, clients.c.client_id == client_id)

    async def client_of_recipient(self, agency_id: str, recipient: str) -> ClientRow | None:
        """Return the client that opens what this recipient of the agency is sent, or None."""
        where = (clients.c.agency == agency_id, clients.c.recipient == recipient)
        return await self._transaction.first(CLIENTS, *where)

    async def client_of_amqp_user(self, user: str) -> ClientRow | None:
        """Return the client that signs in to the broker as this user, or None."""
        return await self._transaction.first(CLIENTS, clients.c.amqp_user == user)

    async def clients(self, agency_id: str | None = None) -> list[ClientRow]:
        """Return an agency's clients, or everybody's, by id."""
        where = () if agency_id is None else (clients.c.agency == agency_id,)
        return await self._transaction.every(CLIENTS, *where, order=(clients.c.client_id,))
