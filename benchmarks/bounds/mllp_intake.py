"""The bound of intake: the smallest honest program that takes HL7 over MLLP and loses nothing.

It splits the message, seals its bytes under AES-256-GCM, commits them with the durability that the gateway has (one
commit for each message), and only then answers. No identity, no linking, no log, no referral.

    python -m benchmarks.bounds.mllp_intake PORT URL      sqlite:///FILE or postgresql://...
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.mllp import END, START

Keep = Callable[[str, bytes], Awaitable[None]]
_TABLE = "CREATE TABLE bound_messages (id TEXT PRIMARY KEY, sealed {bytes} NOT NULL)"
_POOL = 16


@asynccontextmanager
async def _sqlite(path: str) -> AsyncIterator[Keep]:
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(_TABLE.format(bytes="BLOB"))

    async def keep(name: str, sealed: bytes) -> None:
        # A statement outside a transaction is one: it commits when it ends.
        connection.execute("INSERT INTO bound_messages VALUES (?, ?)", (name, sealed))

    yield keep
    connection.close()


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[Keep]:
    async with asyncpg.create_pool(url, min_size=_POOL, max_size=_POOL) as pool:
        await pool.execute(_TABLE.format(bytes="BYTEA"))

        async def keep(name: str, sealed: bytes) -> None:
            await pool.execute("INSERT INTO bound_messages VALUES ($1, $2)", name, sealed)

        yield keep


async def serve(port: int, url: str) -> None:
    """Take messages until told to stop."""
    key = AESGCM(AESGCM.generate_key(256))
    store = _sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else _postgres(url)
    async with store as keep:

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                try:
                    frame = await reader.readuntil(END)
                except asyncio.IncompleteReadError:
                    break
                message = frame.removeprefix(START).removesuffix(END)
                segments = [segment.split("|") for segment in message.decode("latin-1").split("\r")]
                name, nonce = segments[0][9], os.urandom(12)
                await keep(name, nonce + key.encrypt(nonce, message, name.encode()))
                writer.write(START + f"MSH|^~\\&|||||||ACK|{name}|P|2.4\rMSA|AA|{name}\r".encode() + END)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", port, limit=1_000_000)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
