"""A wire passes on until it is cut, and nobody gets through after."""

import asyncio
import contextlib

import pytest

from benchmarks.wire_cut import Wire


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(100):
            writer.write(chunk)
    writer.close()


async def test_it_passes_on_until_it_is_cut() -> None:
    broker = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with broker:
        wire = Wire(f"amqp://guest:guest@127.0.0.1:{broker.sockets[0].getsockname()[1]}/")
        url = await wire.open()
        assert url.startswith("amqp://guest:guest@127.0.0.1:")
        port = int(url.rpartition(":")[2].strip("/"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"through")
        assert await reader.readexactly(7) == b"through"
        await wire.cut()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(_more(reader), 5)
        writer.close()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)


async def _more(reader: asyncio.StreamReader) -> None:
    if not await reader.read(1):
        raise ConnectionResetError
