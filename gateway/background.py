"""What a serving gateway does beside its doors because a feed asks for it: poll a mailbox, complete thin messages."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp

from gateway.bootstrap import Gateway
from gateway.console.parts import SWEEP_EVERY
from gateway.intake.detail_call import DetailCall
from gateway.intake.details import Details
from gateway.intake.mesh import MeshIntake
from gateway.intake.mesh_mailbox import MeshMailbox
from gateway.settings import detail_variable
from schemas.errors import Rejected
from schemas.hub import MeshSection

_LOOK_EVERY = 1.0
_WITNESS_EVERY = 2.0


@dataclass(frozen=True, kw_only=True)
class Chore:
    """A step that is done again and again, so many seconds apart."""

    name: str
    seconds: float
    step: Callable[[], Awaitable[object]]


@asynccontextmanager
async def chores(gateway: Gateway, over: asyncio.Event) -> AsyncIterator[list[Chore]]:
    """What this gateway's file asks for; connections are let go when the block ends.

    Raises:
        Rejected: a secret is missing, or a certificate can't be read.
    """
    async with AsyncExitStack() as stack:
        found = []
        mesh = await _mesh(gateway, stack)
        if mesh is not None:
            seconds = min(_LOOK_EVERY, mesh.every.total_seconds())
            found.append(Chore(name="mesh", seconds=seconds, step=lambda: mesh.round(over)))
        if gateway.hub.witnesses:
            found.append(Chore(name="witnesses", seconds=_WITNESS_EVERY, step=gateway.witnessing.once))
        if gateway.console is not None:
            found.append(Chore(name="console", seconds=SWEEP_EVERY, step=gateway.console.sweep))
        details = _details(gateway, stack)
        if details is not None:
            found.append(Chore(name="details", seconds=_LOOK_EVERY, step=details.once))
        yield found


async def _mesh(gateway: Gateway, stack: AsyncExitStack) -> MeshIntake | None:
    section = gateway.hub.mesh
    feeds = [feed for feed in gateway.feeds.values() if feed.section.authentication == "mesh"]
    if section is None or not feeds:
        return None
    secrets = gateway.settings.mesh
    if secrets is None:
        raise Rejected(
            "config.secret", "set MASH_MESH_PASSWORD and MASH_MESH_SHARED_KEY, or each with _FILE", at="mesh"
        )
    connector = aiohttp.TCPConnector(ssl=client_tls(section, gateway.settings.directory), limit=4)
    session = await stack.enter_async_context(
        aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
    )
    return MeshIntake(
        world=gateway.world,
        store=gateway.store,
        log=gateway.log,
        intake=gateway.intake,
        mailbox=MeshMailbox(
            url=section.url,
            mailbox=section.mailbox,
            password=secrets.password,
            shared_key=secrets.shared_key,
            session=session,
            world=gateway.world,
            seconds=section.seconds,
        ),
        feeds=feeds,
        limit=gateway.hub.limits.message_bytes,
        every=timedelta(seconds=section.poll_seconds),
        worker=gateway.world.random(8).hex(),
    )


def client_tls(section: MeshSection, directory: Path) -> ssl.SSLContext:
    """How the hub proves itself to MESH, and whom it takes for MESH.

    Raises:
        Rejected: a file can't be read or is no PEM.
    """
    try:
        context = ssl.create_default_context(cafile=str(directory / section.ca) if section.ca else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if section.certificate:
            context.load_cert_chain(directory / section.certificate, directory / section.private_key)
    except (OSError, ssl.SSLError) as error:
        raise Rejected("config.tls", "name readable PEM files", at="mesh.certificate") from error
    return context


def _details(gateway: Gateway, stack: AsyncExitStack) -> Details | None:
    calls: dict[str, DetailCall] = {}
    for name, feed in gateway.feeds.items():
        if feed.section.detail is None:
            continue
        secret = gateway.settings.detail_secrets.get(name)
        if secret is None:
            variable = detail_variable(name)
            raise Rejected("config.secret", f"set {variable} or {variable}_FILE", at=f"feeds.{name}.detail")
        calls[name] = DetailCall(feed.section.detail, secret, gateway.world)
        stack.push_async_callback(calls[name].close)
    if not calls:
        return None
    return Details(
        world=gateway.world,
        store=gateway.store,
        vault=gateway.vault,
        log=gateway.log,
        intake=gateway.intake,
        feeds=gateway.feeds,
        calls=calls,
        worker=gateway.world.random(8).hex(),
    )
