"""HL7 over MLLP: frames however they come, limits of size and time, and senders known by their certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crypto import certificates
from crypto.certificates import Issued
from gateway.bootstrap import Gateway
from gateway.intake.intake import Feed
from gateway.intake.mllp import END, START, MllpServer, Patience
from gateway.serving import tls
from schemas.errors import Rejected
from schemas.hub import Listen
from tests.gateway.natives import child, registration
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
            sender.sendall(frame(b"M" * 4_000_000))
            time.sleep(0.2)
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


@dataclass(kw_only=True)
class Authority:
    """An authority, with files of certificates that it signed."""

    folder: Path
    issued: Issued

    def write(self, name: str, issued: Issued) -> tuple[Path, Path]:
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        certificate.write_bytes(issued.certificate)
        key.write_bytes(issued.private_key)
        return certificate, key

    def caller(self, name: str, by: Issued | None = None) -> ssl.SSLContext:
        """A context of a client that trusts this authority and shows a certificate by ``by``."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        context.load_cert_chain(*self.write(name, certificates.client(name, by or self.issued, now=datetime.now(UTC))))
        return context

    def listen(self, *, client_ca: bool) -> ssl.SSLContext:
        """The hub's context, made from its file as ``mash serve`` makes it."""
        section = Listen(
            port=0, certificate="server.pem", private_key="server-key.pem", client_ca="ca.pem" if client_ca else ""
        )
        context = tls(section, self.folder)
        assert context is not None
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    issued = certificates.authority("An authority of the tests", now=datetime.now(UTC))
    made = Authority(folder=tmp_path, issued=issued)
    made.write("ca", issued)
    made.write("server", certificates.server(["localhost"], issued, now=datetime.now(UTC)))
    return made


def known(gateway: Gateway, name: str, client: str) -> Feed:
    """A feed whose sender is known by its certificate."""
    feed = gateway.feeds[FEED]
    section = feed.section.model_copy(update={"name": name, "authentication": "mllp-tls", "client": client})
    return replace(feed, section=section, context=replace(feed.context, feed=name))


async def told(port: int, context: ssl.SSLContext) -> bytes:
    """What a sender with this context is answered."""
    async with line(port, context) as sender:
        await sender.send(frame(registration()))
        return await sender.answer()


async def test_the_clients_certificate_picks_the_feed(gateway: Gateway, authority: Authority) -> None:
    feeds = (known(gateway, "first", "health.first"), known(gateway, "second", "health.second"))
    async with listening(gateway, feeds=feeds, context=authority.listen(client_ca=True)) as port:
        assert said(await told(port, authority.caller("health.second"))) == "AA"
    (entry,) = await entries(gateway, "message.accepted")
    assert (entry["actor"], entry["detail"]["feed"]) == ("health.second", "second")


async def test_a_certificate_of_nobody_known_is_turned_away_even_on_this_host(
    gateway: Gateway, authority: Authority
) -> None:
    feeds = (known(gateway, "first", "health.first"),)
    async with (
        listening(gateway, feeds=feeds, context=authority.listen(client_ca=True)) as port,
        line(port, authority.caller("health.stranger")) as sender,
    ):
        assert await sender.hung_up() == b""
    assert await reasons(gateway) == ["mllp.unknown_sender"]


async def test_a_certificate_of_another_authority_ends_the_handshake(gateway: Gateway, authority: Authority) -> None:
    forger = certificates.authority("An authority of the tests", now=datetime.now(UTC))
    feeds = (known(gateway, "first", "health.first"),)
    async with listening(gateway, feeds=feeds, context=authority.listen(client_ca=True)) as port:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await told(port, authority.caller("health.first", forger))
    assert await entries(gateway, "message.accepted") == []


async def test_without_a_certificate_nobody_gets_in(gateway: Gateway, authority: Authority) -> None:
    feeds = (known(gateway, "first", "health.first"),)
    async with listening(gateway, feeds=feeds, context=authority.listen(client_ca=True)) as port:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await told(port, ssl.create_default_context(cafile=authority.folder / "ca.pem"))
    assert await entries(gateway, "message.accepted") == []


async def test_a_hub_that_asks_for_no_certificate_knows_nobody_by_one(gateway: Gateway, authority: Authority) -> None:
    feeds = (known(gateway, "first", "health.first"),)
    async with (
        listening(gateway, feeds=feeds, context=authority.listen(client_ca=False)) as port,
        line(port, authority.caller("health.first")) as sender,
    ):
        assert await sender.hung_up() == b""
    assert await reasons(gateway) == ["mllp.unknown_sender"]


@pytest.mark.parametrize("broken", ["missing", "no PEM"])
def test_a_certificate_that_cannot_be_read_is_said_at_the_start(tmp_path: Path, broken: str) -> None:
    section = Listen(port=0, certificate="server.pem", private_key="server-key.pem")
    if broken == "no PEM":
        (tmp_path / "server.pem").write_text("hello")
        (tmp_path / "server-key.pem").write_text("hello")
    with pytest.raises(Rejected, match=r"config\.tls"):
        tls(section, tmp_path)
