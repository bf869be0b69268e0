"""The store: opened once by the composition root, handed to whoever keeps or reads anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store import upgrading
from gateway.store.connections import WAIT_SECONDS, Connections, connect
from gateway.store.direct import DriverWork
from gateway.store.failure import translated
from gateway.store.transaction import Transaction
from gateway.store.work import Reading, Work
from schemas.errors import Unavailable


class Store:
    """One database. All work within one process goes through one store, on one event loop."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        # SQLite has one writer at a time: within a process they take turns here, first come, first served.
        self._turn = asyncio.Lock() if connections.dialect == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> Store:
        """Open ``sqlite:///path`` or ``postgresql://...``; the first work connects.

        Raises:
            Rejected: ``store.url``: neither of the two, or SQLite without a file.
        """
        return cls(connect(url))

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._connections.dialect

    async def upgrade(self) -> None:
        """Bring the tables to the newest form. Replicas that start together take turns; a second time does nothing.

        Raises:
            Unavailable: the database can't be reached.
        """
        with translated():
            await upgrading.upgrade(self._connections.work)

    async def ready(self) -> bool:
        """Tell whether the database answers and its tables have this version's form."""
        try:
            with translated():
                return await upgrading.is_newest(self._connections.reading)
        except Unavailable:
            return False

    async def close(self) -> None:
        """Close every connection. Work that is still open is rolled back when it ends."""
        await self._connections.close()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One transaction: ``await work.commit()`` makes it durable; leaving without rolls it back.

        On SQLite one work runs at a time. On PostgreSQL they run beside each other: lock what you are about to change.
        Work inside work waits for itself until it is ``Unavailable``: pass the work on instead.

        Raises:
            Unavailable: the database can't be reached, or other work held it for too long. Nothing was done.
        """
        async with self._writing(), self._transaction(self._connections.work) as transaction:
            yield Work(transaction)

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[DriverWork]:
        """As ``work``, on the driver itself and in sets: for what every message goes through.

        Raises:
            Unavailable: as ``work``.
        """
        async with self._writing(), self._connections.direct.work() as work:
            yield work

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """One consistent look at what was committed when it began. Writing through it is a bug and fails.

        Raises:
            Unavailable: the database can't be reached.
        """
        async with self._transaction(self._connections.reading) as transaction:
            yield Reading(transaction)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        if self._turn is None:
            yield
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable("store.busy", "other work is writing; nothing was done; try again") from None
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        async with AsyncExitStack() as stack:
            with translated():
                connection = await stack.enter_async_context(engine.connect())
            transaction = Transaction(connection)
            await transaction.begin()
            yield transaction
