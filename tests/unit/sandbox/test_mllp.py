from __future__ import annotations

import asyncio

import pytest

from sandbox import mllp


async def test_a_message_goes_framed_and_its_acknowledgement_comes_back_bare() -> None:
    got: list[bytes] = []

    async def acknowledge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\x1c\r"))
        # In two pieces, as networks do.
        writer.write(b"\x0bMSH|ACK\rMSA")
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(b"|AA|1\r\x1c\r")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(acknowledge, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await mllp.send("127.0.0.1", port, b"MSH|x\r") == b"MSH|ACK\rMSA|AA|1\r"
    assert got == [b"\x0bMSH|x\r\x1c\r"]


async def test_a_peer_that_closes_without_an_answer_is_an_error() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        with pytest.raises(asyncio.IncompleteReadError):
            await mllp.send("127.0.0.1", server.sockets[0].getsockname()[1], b"MSH|x\r")
