"""A sender's end of MLLP, and a server for it on a whole gateway."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.bootstrap import Gateway
from gateway.intake.framing import END, START
from gateway.intake.intake import Feed
from gateway.intake.mllp import MllpServer, Patience
from tests.unit.gateway.whole import entries

FEED = "health-mllp"
LIMIT = 20_000
QUICK = Patience(idle=0.3, frame=0.3)
SECONDS = 15.0


@dataclass(kw_only=True)
class Line:
    """A sender's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        async with asyncio.timeout(SECONDS):
            framed = await self.reader.readuntil(END)
        assert framed.startswith(START)
        return framed[1:-2]

    async def hung_up(self) -> bytes:
        """What comes until the hub hangs up."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


@asynccontextmanager
async def listening(
    gateway: Gateway,
    *,
    feeds: tuple[Feed, ...] | None = None,
    patience: Patience | None = None,
    most: int = 256,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    server = MllpServer(
        intake=gateway.intake,
        refusals=gateway.refusals,
        feeds=feeds or (gateway.feeds[FEED],),
        limit=LIMIT,
        most_connections=most,
        patience=patience,
    )
    port = await server.start("127.0.0.1", 0, context)
    try:
        yield port
    finally:
        await server.stop()


@asynccontextmanager
async def line(port: int, context: ssl.SSLContext | None = None) -> AsyncIterator[Line]:
    name = "localhost" if context else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    try:
        yield Line(reader=reader, writer=writer)
    finally:
        writer.close()


def frame(message: bytes) -> bytes:
    return START + message + END


def said(answer: bytes) -> str:
    """What an acknowledgement says: MSA-1."""
    return next(part for part in answer.decode().split("\r") if part.startswith("MSA")).split("|")[1]


async def fates(gateway: Gateway) -> tuple[int, int, int]:
    async with gateway.store.reading() as work:
        counts = await work.messages.counts(FEED)
    return counts.accepted, counts.quarantined, counts.refused


async def reasons(gateway: Gateway) -> list[str]:
    await gateway.refusals.flush(everything=True)
    return [entry["detail"]["reason"] for entry in await entries(gateway, "caller.refused")]
