"""The hub shows MESH its certificate, and speaks to a server of the named authority alone."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from crypto import certificates
from crypto.certificates import Issued
from gateway.background import client_tls
from gateway.intake.mesh_mailbox import MeshMailbox
from gateway.world import World
from schemas.errors import Unavailable
from schemas.hub import MeshSection


def written(folder: Path, name: str, issued: Issued) -> None:
    (folder / f"{name}.pem").write_bytes(issued.certificate)
    (folder / f"{name}-key.pem").write_bytes(issued.private_key)


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A server of one authority that lets in whom this authority certified."""
    now = datetime.now(UTC)
    ours, others = (certificates.authority(f"An authority of the tests {name}", now=now) for name in "ab")
    written(tmp_path, "ca", ours)
    written(tmp_path, "other-ca", others)
    written(tmp_path, "server", certificates.server(["localhost"], ours, now=now))
    written(tmp_path, "hub", certificates.client("hub", ours, now=now))
    written(tmp_path, "stranger", certificates.client("hub", others, now=now))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server-key.pem")

    async def welcome(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/messageexchange/MB1", welcome)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


async def handshake(folder: Path, port: int, *, hub: str, ca: str) -> None:
    section = MeshSection(
        url=f"https://localhost:{port}",
        mailbox="MB1",
        certificate=f"{hub}.pem" if hub else "",
        private_key=f"{hub}-key.pem" if hub else "",
        ca=ca,
    )
    connector = aiohttp.TCPConnector(ssl=client_tls(section, folder))
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        await MeshMailbox(
            url=section.url,
            mailbox=section.mailbox,
            password="p",
            shared_key="k",
            session=session,
            world=World(),
            seconds=5,
        ).handshake()


async def test_who_shows_the_right_certificate_is_let_in(tmp_path: Path, port: int) -> None:
    await handshake(tmp_path, port, hub="hub", ca="ca.pem")


@pytest.mark.parametrize("hub,ca", [("", "ca.pem"), ("stranger", "ca.pem"), ("hub", "other-ca.pem"), ("hub", "")])
async def test_nobody_else_is_and_no_other_server_is_spoken_to(tmp_path: Path, port: int, hub: str, ca: str) -> None:
    with pytest.raises(Unavailable):
        await handshake(tmp_path, port, hub=hub, ca=ca)
