"""How each database is connected to: the driver behind a URL, and what a connection is told first.

SQLite: write-ahead log, synchronous FULL, foreign keys on; one writer at a time, in turn within a process and by the
lock of the file between processes; beside it readers that can't write. PostgreSQL: READ COMMITTED with explicit row
locks for work, a read-only snapshot (REPEATABLE READ) for readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, exc, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.store.direct.driver import Driver
from gateway.store.direct.postgres import PostgresDriver
from gateway.store.direct.sqlite import SqliteDriver
from schemas.errors import Rejected

WAIT_SECONDS = 15.0
READERS = 4
CONNECTIONS = 20
_SQLITE_ALWAYS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    # The driver of the hot path copies the write-ahead log beside the work; a commit does so itself where it must.
    "PRAGMA wal_autocheckpoint = 8000",
)
_POSTGRES_SETTINGS = {
    "application_name": "mash",
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """Where work and readings get their connections."""

    dialect: str
    work: AsyncEngine
    reading: AsyncEngine
    direct: Driver

    async def close(self) -> None:
        """Close every connection that is at rest."""
        await self.direct.close()
        await self.work.dispose()
        await self.reading.dispose()


def connect(url: str) -> Connections:
    """Make ready for ``sqlite:///path`` or ``postgresql://user:password@host:port/database``; connect when needed.

    Raises:
        Rejected: ``store.url``: neither of the two, or SQLite without a file.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise _wrong_url() from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgres(parsed)
        case _:
            raise _wrong_url()


def _wrong_url() -> Rejected:
    return Rejected("store.url", "write sqlite:///path or postgresql://...", at="MASH_DATABASE_URL")


def _sqlite(url: URL) -> Connections:
    path = Path(url.database or "")
    if path.parent.is_dir():
        path.touch(mode=0o600)  # SQLite gives its journal files the mode of the database
    url = url.set(drivername="sqlite+aiosqlite")
    work = create_async_engine(
        url, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=WAIT_SECONDS
    )  # one connection: its pool is the queue of writers
    reading = create_async_engine(
        url, hide_parameters=True, pool_size=READERS, max_overflow=0, pool_timeout=WAIT_SECONDS
    )
    _prepare_sqlite(work, begin="BEGIN IMMEDIATE")
    _prepare_sqlite(reading, "PRAGMA query_only = ON", begin="BEGIN")
    direct = SqliteDriver(str(path), _SQLITE_ALWAYS, wait=WAIT_SECONDS)
    return Connections(dialect="sqlite", work=work, reading=reading, direct=direct)


def _prepare_sqlite(engine: AsyncEngine, *more: str, begin: str) -> None:
    wait = f"PRAGMA busy_timeout = {int(WAIT_SECONDS * 1000)}"

    def connected(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the adapter's own, untyped
        connection.isolation_level = None  # or the driver begins transactions of its own, too late
        cursor = connection.cursor()
        for pragma in (wait, *_SQLITE_ALWAYS, *more):
            cursor.execute(pragma)
        cursor.close()

    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", began)


def _postgres(url: URL) -> Connections:
    direct = PostgresDriver(
        url.set(drivername="postgresql").render_as_string(hide_password=False), _POSTGRES_SETTINGS, wait=WAIT_SECONDS
    )
    query = dict(url.query)
    if "sslmode" in query:  # libpq's name for what asyncpg calls ssl
        query["ssl"] = query.pop("sslmode")
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg", query=query),
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        connect_args={"server_settings": _POSTGRES_SETTINGS, "timeout": WAIT_SECONDS},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Connections(dialect="postgresql", work=engine, reading=reading, direct=direct)


def _refuse_closed(connection: Any, *_: object) -> None:  # noqa: ANN401 - the adapter's own, untyped
    # The driver knows at once when the server has gone; asking it costs no round trip, as a ping would.
    if connection.driver_connection.is_closed():
        raise exc.InvalidatePoolError("the server closed this connection")
