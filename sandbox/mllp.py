"""HL7 over TCP with minimal lower layer framing. Source: HL7 v2 transport specification, MLLP release 1."""

from __future__ import annotations

import asyncio

START = b"\x0b"
END = b"\x1c\r"
SECONDS = 15.0
LIMIT = 1_000_000


async def send(host: str, port: int, message: bytes) -> bytes:
    """Send one message over a connection of its own and return the acknowledgement, without its frame.

    Raises:
        TimeoutError: no whole acknowledgement came in time.
        asyncio.IncompleteReadError: the peer closed before it had answered.
    """
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection(host, port, limit=LIMIT)
        try:
            writer.write(START + message + END)
            await writer.drain()
            framed = await reader.readuntil(END)
        finally:
            writer.close()
            await writer.wait_closed()
    return framed.removesuffix(END).removeprefix(START)
