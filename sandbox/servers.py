"""Names of a run's own on servers that are shared: a database that is dropped, queues that are deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError

from sandbox.failures import HubFailed

EXCHANGES = ("mash.in", "mash.out", "mash.dead")
_ADMINISTRATION = "postgres"


async def create_database(server_url: str) -> str:
    """Create a database of this run's own on the server that ``server_url`` reaches; return its URL.

    Raises:
        HubFailed: the server can't be reached or does not let us.
    """
    name = f"mash_demo_{secrets.token_hex(6)}"
    await _execute(server_url, f'CREATE DATABASE "{name}"')
    return _plain(server_url, name)


async def drop_database(server_url: str, database_url: str) -> None:
    """Drop the database that ``create_database`` made, with whatever still hangs on to it.

    Raises:
        HubFailed: the server can't be reached or does not let us.
    """
    await _execute(server_url, f'DROP DATABASE IF EXISTS "{_named(database_url)}" WITH (FORCE)')


def broker_prefix() -> str:
    """A prefix for the exchanges and queues of this run."""
    return f"demo-{secrets.token_hex(4)}."


async def connect(broker_url: str) -> AbstractConnection:
    """A connection to the broker.

    Raises:
        HubFailed: it can't be reached or does not let us in.
    """
    try:
        return await aio_pika.connect(broker_url)
    except (OSError, AMQPError) as error:
        raise HubFailed(f"the broker refused ({type(error).__name__}): check its URL and rights") from error


async def clear_broker(broker_url: str, prefix: str, queues: Iterable[str]) -> None:
    """Delete the run's exchanges and queues. What was never declared counts as deleted."""
    connection = await connect(broker_url)
    async with connection:
        for queue in queues:
            await _delete(connection, queue=prefix + queue)
        for exchange in EXCHANGES:
            await _delete(connection, exchange=prefix + exchange)


async def _execute(server_url: str, statement: str) -> None:
    try:
        connection = await asyncpg.connect(_plain(server_url, _named(server_url) or _ADMINISTRATION))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        # The URL may hold a password: it is not shown.
        raise HubFailed(f"the database server refused ({type(error).__name__}): check its URL and rights") from error


async def _delete(connection: AbstractConnection, *, queue: str = "", exchange: str = "") -> None:
    # A refusal closes the channel: one for each.
    channel = await connection.channel()
    try:
        if queue:
            await channel.queue_delete(queue)
        else:
            await channel.exchange_delete(exchange)
    except AMQPError:
        return
    finally:
        if not channel.is_closed:
            await channel.close()


def _plain(url: str, database: str) -> str:
    """The URL without a driver's name, for another database on the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql", path=f"/{database}"))


def _named(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
