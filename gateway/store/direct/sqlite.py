"""The driver on SQLite: one connection, whose steps are taken where the caller stands.

A thread would give the interpreter up and ask for it again with every row, and a lone message would wait for two
crossings; a step of a batch takes less than a few milliseconds. What may take longer is never waited for on the loop:
the write lock of another process is asked for again and again, a disk on which commits are slow gets them in a thread,
and so does the copying of the write-ahead log into the database.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from gateway.store.direct.statement import Query, Write
from gateway.store.failure import translated
from schemas.errors import Unavailable

T = TypeVar("T")
_STATEMENTS = 256
"""Prepared statements that a connection keeps."""
_ASK_AGAIN = 0.005
_SLOW = 0.005
"""Seconds: a disk whose commits take longer gets them in a thread."""
_COPY_AFTER = 2_000
"""Rows written, after which the write-ahead log is copied: a few mebibytes, so that little is left to wait for."""
_COPY = "PRAGMA wal_checkpoint(PASSIVE)"
_ONLY_WHEN_TOLD = "PRAGMA wal_autocheckpoint = 0"


class SqliteDriver:
    """Transactions on one file, one at a time: the caller holds the store's turn to write.

    ``pragmas`` are run on each connection; ``wait`` is how many seconds another process's write is waited for.
    """

    def __init__(self, path: str, pragmas: Sequence[str], *, wait: float) -> None:
        self._path = path
        self._pragmas = pragmas
        self._wait = wait
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mash-store")
        self._connection: sqlite3.Connection | None = None
        self._commit_seconds = 0.0
        self._copied_at = 0
        self._copying: asyncio.Task[None] | None = None
        self._finish_copy = False

    @asynccontextmanager
    async def work(self) -> AsyncIterator[SqliteWork]:
        """One transaction, which takes the write lock at its first step."""
        work = SqliteWork(self)
        try:
            yield work
        finally:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    async def close(self) -> None:
        """Close the connection and end its threads."""
        if self._copying is not None:
            await asyncio.wait([self._copying])
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._thread.shutdown(wait=True)

    async def begin(self) -> None:
        """Take the write lock, and wait for it where another process has it.

        Raises:
            Unavailable: it had it for too long, or the file can't be written.
        """
        until = time.monotonic() + self._wait
        while True:
            try:
                with translated():
                    connection = self._connected()
                    if self._finish_copy:
                        self._finish_copy = False
                        connection.execute(_COPY).fetchall()
                    connection.execute("BEGIN IMMEDIATE")
            except Unavailable as error:
                if error.code != "store.busy" or time.monotonic() > until:
                    raise
                await asyncio.sleep(_ASK_AGAIN)
                continue
            return

    def run(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Take a step of the transaction.

        Raises:
            Unavailable: the file can't be written now.
        """
        with translated():
            return step(self._connected())

    async def commit(self) -> None:
        """Make it durable.

        Raises:
            Unavailable: it could not be.
        """
        began = time.perf_counter()
        if self._commit_seconds < _SLOW:
            self.run(_commit)
        else:
            with translated():
                await self._beside(_commit)
        # A running mean: one slow commit among quick ones changes nothing, a slow disk is known after a few.
        self._commit_seconds += (time.perf_counter() - began - self._commit_seconds) / 4
        written = self._connected().total_changes
        if written - self._copied_at >= _COPY_AFTER and self._copying is None:
            self._copied_at = written
            self._copying = asyncio.create_task(self._copy())

    async def _copy(self) -> None:
        """Copy the write-ahead log into the database while work goes on; the next transaction copies what is left.

        Then nothing of the log is still needed, and the next write begins it anew instead of letting it grow.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._copy_in_thread)
            self._finish_copy = True
        except sqlite3.Error:
            pass  # another time; nothing depends on when
        finally:
            self._copying = None

    def _copy_in_thread(self) -> None:
        connection = self._connect()
        try:
            connection.execute(_COPY).fetchall()
        finally:
            connection.close()

    async def _beside(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Take a step in the thread. Nothing else is done with the connection meanwhile, whoever stops waiting."""
        taken = asyncio.get_running_loop().run_in_executor(self._thread, step, self._connected())
        try:
            return await asyncio.shield(taken)
        finally:
            if not taken.done():
                await asyncio.wait([taken])

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS, timeout=0
        )
        try:
            for pragma in (*self._pragmas, _ONLY_WHEN_TOLD):
                connection.execute(pragma).close()
        except sqlite3.Error:
            connection.close()
            raise
        return connection


class SqliteWork:
    """One transaction."""

    dialect = "sqlite"

    def __init__(self, driver: SqliteDriver) -> None:
        self._driver = driver
        self._begun = False
        self._finished = False

    async def hold(self, numbers: Sequence[int]) -> None:
        """Nothing to do: whoever writes has the whole file."""

    async def read(self, *queries: Query) -> list[list[tuple[Any, ...]]]:
        """The rows of each query."""
        await self._begin()
        return self._driver.run(
            lambda connection: [
                connection.execute(one.statement.sqlite, one.for_sqlite()).fetchall() for one in queries
            ]
        )

    async def write(self, *writes: Write) -> list[int]:
        """Write; how many rows each touched."""
        await self._begin()
        return self._driver.run(lambda connection: [_written(connection, one) for one in writes])

    async def commit(self, *writes: Write) -> list[int]:
        """Write these and commit."""
        counts = await self.write(*writes)
        await self._driver.commit()
        self._finished = True
        return counts

    async def _begin(self) -> None:
        if self._finished:
            raise RuntimeError("this work is committed: open another")
        if not self._begun:
            await self._driver.begin()
            self._begun = True


def _written(connection: sqlite3.Connection, write: Write) -> int:
    if not write.rows:
        return 0
    return write.require(connection.executemany(write.statement.sqlite, write.rows).rowcount)


def _commit(connection: sqlite3.Connection) -> None:
    connection.execute("COMMIT")
