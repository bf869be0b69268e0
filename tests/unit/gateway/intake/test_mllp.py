"""HL7 over MLLP: frames however they come, and limits of size, of time and of connections."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from gateway.bootstrap import Gateway
from gateway.intake.framing import END, START
from gateway.intake.mllp import Patience
from tests.gateway.natives import child, registration
from tests.unit.gateway.intake.lines import (
    FEED,
    LIMIT,
    QUICK,
    SECONDS,
    Line,
    fates,
    frame,
    line,
    listening,
    reasons,
    said,
)
from tests.unit.gateway.whole import entries


async def test_several_frames_in_one_packet_are_answered_in_their_order(gateway: Gateway) -> None:
    names = [f"CONTROL{number}" for number in range(3)]
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(b"".join(frame(registration(child(), control_id=name)) for name in names))
        answers = [await sender.answer() for _ in names]
    assert [said(answer) for answer in answers] == ["AA"] * 3
    assert [name.encode() in answer for name, answer in zip(names, answers, strict=True)] == [True] * 3
    assert await fates(gateway) == (3, 0, 0)


async def test_a_frame_that_comes_byte_by_byte_is_one_message(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        for byte in frame(registration()):
            await sender.send(bytes([byte]))
            await asyncio.sleep(0)
        assert said(await sender.answer()) == "AA"
    assert await fates(gateway) == (1, 0, 0)


async def test_an_end_that_is_cut_in_two_is_an_end(gateway: Gateway) -> None:
    whole = frame(registration())
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(whole[:-1])
        await asyncio.sleep(0.05)
        await sender.send(whole[-1:])
        assert said(await sender.answer()) == "AA"


async def test_noise_before_a_start_byte_is_skipped(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(b"\r\n noise " * 10 + frame(registration()) + b"\n" + frame(registration()))
        assert [said(await sender.answer()) for _ in range(2)] == ["AA", "AA"]


async def test_half_a_frame_is_no_message(gateway: Gateway) -> None:
    async with listening(gateway) as port:
        async with line(port) as sender:
            await sender.send(frame(registration())[:-2])
            sender.writer.write_eof()
            assert await sender.hung_up() == b""
        assert await fates(gateway) == (0, 0, 0)


async def test_an_empty_frame_is_answered_and_kept_aside(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(frame(b""))
        assert said(await sender.answer()) in {"AE", "AR"}
    assert await fates(gateway) == (0, 1, 0)


async def test_too_much_noise_is_refused_natively_and_ends_the_connection(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(b"n" * 200_000)
        assert said(await sender.answer()) == "AR"
        assert await sender.hung_up() == b""
    assert await fates(gateway) == (0, 0, 1)
    (entry,) = await entries(gateway, "message.refused")
    assert entry["detail"] == {"feed": FEED, "code": "mllp.noise"}


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 2, 4_000_000])
async def test_a_message_over_the_limit_is_refused_natively_even_while_it_is_still_sent(
    gateway: Gateway, size: int
) -> None:
    async with listening(gateway) as port, line(port) as sender:
        sending = asyncio.create_task(sender.send(frame(b"M" * size)))
        assert said(await sender.answer()) == "AR"
        await asyncio.gather(sending, return_exceptions=True)
    assert await fates(gateway) == (0, 0, 1)
    (entry,) = await entries(gateway, "message.refused")
    assert entry["detail"] == {"feed": FEED, "code": "message.too_large"}


async def test_a_sender_that_reads_only_after_it_has_sent_everything_is_told_too(gateway: Gateway) -> None:
    def send_then_read(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as sender:
            sender.sendall(START)
            for _ in range(4):
                # Over the limit with the first: the hub has refused it while the sender goes on.
                sender.sendall(b"M" * LIMIT * 2)
                time.sleep(0.2)
            sender.sendall(END)
            return sender.recv(65536)

    async with listening(gateway) as port:
        answer = await asyncio.to_thread(send_then_read, port)
    assert said(answer) == "AR"


async def test_a_sender_that_never_stops_is_hung_up_on(gateway: Gateway) -> None:
    async def pour(sender: Line) -> None:
        while True:
            await sender.send(b"M" * 10_000)
            await asyncio.sleep(0.01)

    async with listening(gateway, patience=QUICK) as port, line(port) as sender:
        await sender.send(START)
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(SECONDS):
                await pour(sender)


async def test_a_message_of_just_the_limit_is_taken(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        message = registration()
        await sender.send(frame(message + b"\rNTE|1||" + b"x" * (LIMIT - len(message) - 8)))
        assert said(await sender.answer()) == "AA"


async def test_who_says_nothing_for_too_long_is_hung_up_on(gateway: Gateway) -> None:
    async with listening(gateway, patience=QUICK) as port, line(port) as sender:
        assert await sender.hung_up() == b""
    assert await fates(gateway) == (0, 0, 0)


async def test_who_takes_too_long_over_a_frame_is_hung_up_on(gateway: Gateway) -> None:
    patience = Patience(idle=30, frame=0.3)
    async with listening(gateway, patience=patience) as port, line(port) as sender:
        await sender.send(START + b"MSH|")
        assert await sender.hung_up() == b""
    assert await fates(gateway) == (0, 0, 0)


async def test_who_dribbles_is_hung_up_on_too(gateway: Gateway) -> None:
    async def dribble(sender: Line) -> None:
        while True:
            await sender.send(b"x")
            await asyncio.sleep(0.05)

    patience = Patience(idle=30, frame=0.4)
    async with listening(gateway, patience=patience) as port, line(port) as sender:
        await sender.send(START)
        dribbling = asyncio.create_task(dribble(sender))
        assert await sender.hung_up() == b""
        dribbling.cancel()
        await asyncio.gather(dribbling, return_exceptions=True)


async def test_a_connection_over_the_most_is_turned_away_and_the_others_go_on(gateway: Gateway) -> None:
    async with listening(gateway, most=2) as port, line(port) as first, line(port) as second:
        for sender in (first, second):
            await sender.send(frame(registration()))
            assert said(await sender.answer()) == "AA"
        async with line(port) as third:
            assert await third.hung_up() == b""
        await first.send(frame(registration()))
        assert said(await first.answer()) == "AA"
        first.close()
        await first.writer.wait_closed()
        await asyncio.sleep(0.1)
        async with line(port) as fourth:
            await fourth.send(frame(registration()))
            assert said(await fourth.answer()) == "AA"
    assert await reasons(gateway) == ["mllp.too_many_connections"]


async def test_many_at_once_are_all_answered(gateway: Gateway) -> None:
    async def one(port: int, number: int) -> str:
        async with line(port) as sender:
            await sender.send(frame(registration(child(number), control_id=f"MANY{number}")))
            return said(await sender.answer())

    async with listening(gateway) as port:
        answers = await asyncio.gather(*(one(port, number) for number in range(1, 21)))
    assert answers == ["AA"] * 20
    assert await fates(gateway) == (20, 0, 0)


async def test_stopping_hangs_up(gateway: Gateway) -> None:
    async with listening(gateway) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(SECONDS):
        assert await reader.read() == b""
    writer.close()
