"""Whether a server answers, and a few words to it, from synchronous code."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg

SECONDS = 5.0
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"

T = TypeVar("T")


def blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, in a thread of its own, whatever loop the caller may be in."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


def plain_postgres(url: str) -> str:
    """Return the URL in the form that asyncpg takes: no SQLAlchemy driver in its scheme."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))


def sqlalchemy_postgres(url: str, database: str) -> str:
    """Return the URL as SQLAlchemy takes it for asyncpg, with this database."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+asyncpg", path=f"/{database}"))


def execute(url: str, *statements: str) -> None:
    """Run SQL statements one by one, each committed by itself."""

    async def work() -> None:
        connection = await asyncpg.connect(plain_postgres(url), timeout=SECONDS)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    blocking(work())


def postgres_trouble(url: str) -> str:
    """Return why this PostgreSQL can't be used for tests, or an empty string if it can: enter and create databases."""

    async def work() -> str:
        connection = await asyncpg.connect(plain_postgres(url), timeout=SECONDS)
        try:
            may = await connection.fetchval("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        finally:
            await connection.close()
        return "" if may else "its user may not create databases"

    try:
        return blocking(work())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def broker_trouble(url: str) -> str:
    """Return why this RabbitMQ can't be used for tests, or an empty string if it can."""

    async def work() -> None:
        connection = await asyncio.wait_for(aio_pika.connect(url, timeout=SECONDS), SECONDS)
        await connection.close()

    try:
        blocking(work())
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def speaks_amqp(port: int) -> bool:
    """Tell whether a broker on this loopback port greets as AMQP 0-9-1 does; needs no user."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(AMQP_HEADER)
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


def listens(port: int) -> bool:
    """Tell whether anything accepts connections on this loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
    except OSError:
        return False
    return True


def delete_from_broker(url: str, *, queues: frozenset[str], exchanges: frozenset[str]) -> None:
    """Delete queues and exchanges by name. What is not there is fine."""

    async def work() -> None:
        connection = await aio_pika.connect(url, timeout=SECONDS)
        async with connection:
            for name in sorted(queues):
                channel = await connection.channel()
                await channel.queue_delete(name)
                await channel.close()
            for name in sorted(exchanges):
                channel = await connection.channel()
                await channel.exchange_delete(name)
                await channel.close()

    blocking(work())
