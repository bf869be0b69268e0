"""Speaking to a gateway below HTTP's manners: bytes as they are, in the pieces and at the pace that a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


async def spoken(port: int, pieces: Sequence[bytes], *, pause: float = 0.2, within: float = 10.0) -> bytes:
    """Send the pieces with ``pause`` seconds between them; everything that came back until the other side closed.

    Raises:
        TimeoutError: the other side was still holding the connection after ``within`` seconds.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for position, piece in enumerate(pieces):
            if position:
                await asyncio.sleep(pause)
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(within):
            return await reader.read()
    finally:
        writer.close()
