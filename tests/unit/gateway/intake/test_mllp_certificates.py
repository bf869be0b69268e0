"""Senders of HL7 over TLS are known by their certificates, wherever they call from."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crypto import certificates
from crypto.certificates import Issued
from gateway.bootstrap import Gateway
from gateway.intake.intake import Feed
from gateway.serving import tls
from schemas.errors import Rejected
from schemas.hub import Listen
from tests.gateway.natives import registration
from tests.unit.gateway.intake.lines import FEED, frame, line, listening, reasons, said
from tests.unit.gateway.whole import entries


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


async def test_who_shows_a_certificate_of_nobody_known_is_not_taken_for_this_host(
    gateway: Gateway, authority: Authority
) -> None:
    feeds = (gateway.feeds[FEED], known(gateway, "first", "health.first"))
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
