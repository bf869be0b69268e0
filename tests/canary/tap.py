"""A recording ear on a wire: whatever goes either way between a caller and a server, byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 64 * 1024


@dataclass(kw_only=True)
class Tap:
    """What was heard: for each connection, what went to the server and what came back."""

    name: str
    port: int
    streams: list[bytearray] = field(default_factory=list)

    @property
    def heard(self) -> int:
        """How many bytes."""
        return sum(map(len, self.streams))


@asynccontextmanager
async def tap(name: str, to: int, *, listen: int = 0) -> AsyncIterator[Tap]:
    """Listen on ``listen`` (0: any port), pass everything on to the port ``to`` of this host, and record it."""
    heard = Tap(name=name, port=listen)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass(reader, back, heard), _pass(there, writer, heard))

    server = await asyncio.start_server(connected, "127.0.0.1", listen)
    heard.port = server.sockets[0].getsockname()[1]
    try:
        yield heard
    finally:
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Tap) -> None:
    stream = bytearray()
    heard.streams.append(stream)
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            stream += piece
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    writer.close()
