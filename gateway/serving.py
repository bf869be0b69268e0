"""A gateway that serves: HTTP, MLLP, the broker, the relay and the watch, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from gateway.api.app import make_app
from gateway.background import Chore, chores
from gateway.bootstrap import Gateway, note_start
from gateway.delivery.broker import Broker
from gateway.delivery.relay import Relay
from gateway.doors import Doors
from gateway.intake.amqp import AmqpIntake
from gateway.intake.mllp import MllpServer
from gateway.stopping import ended
from schemas.errors import MashError, Rejected, Unavailable
from schemas.hub import Listen

_SEQUENCE_EVERY = 0.25
_RELAY_EVERY = 0.1
_KEYS_EVERY = 2.0
_CONFIGURATION_EVERY = 2.0
_BROKER_AGAIN = 2.0
_IDLE_SECONDS = 75.0
_LINGER_SECONDS = 5.0
_STEP_SECONDS = 2.0
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where a serving gateway can be reached: ports as bound, ``mllp`` None where it does not listen."""

    http: int
    mllp: int | None


@asynccontextmanager
async def serving(gateway: Gateway, doors: Doors | None = None) -> AsyncIterator[Listening]:
    """Serve until the block ends. What was being stored when it ends is stored; the rest is refused.

    ``doors`` are those to listen at, where they are open already.

    Raises:
        Rejected: a certificate can't be read, or a secret is missing.
    """
    over = asyncio.Event()
    async with chores(gateway, over) as asked, _serving(gateway, doors, over, asked) as listening:
        yield listening


@asynccontextmanager
async def _serving(
    gateway: Gateway, doors: Doors | None, over: asyncio.Event, asked: Sequence[Chore]
) -> AsyncIterator[Listening]:
    await note_start(gateway)
    tasks = [
        asyncio.create_task(_repeat("sequence", _SEQUENCE_EVERY, gateway.log.sequence, over)),
        asyncio.create_task(_repeat("keys", _KEYS_EVERY, gateway.keys.refresh, over)),
        asyncio.create_task(_repeat("configuration", _CONFIGURATION_EVERY, lambda: _follow(gateway), over)),
        asyncio.create_task(_repeat("watch", gateway.hub.clocks.watch_seconds, gateway.watch.round, over)),
        *(asyncio.create_task(_repeat(chore.name, chore.seconds, chore.step, over)) for chore in asked),
    ]
    if gateway.settings.broker_url is not None:
        url = gateway.settings.broker_url
        # Again, whatever ends it: nothing else would carry what waits.
        tasks.append(
            asyncio.create_task(_repeat("broker", _BROKER_AGAIN, lambda: _on_the_broker(gateway, url, over), over))
        )
    mllp = _mllp(gateway)
    runner = web.AppRunner(
        make_app(gateway),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=_IDLE_SECONDS,
        lingering_time=_LINGER_SECONDS,
    )
    await runner.setup()
    try:
        section = gateway.hub.http
        context = tls(section, gateway.settings.directory, optional=True)
        site: web.BaseSite = (
            web.TCPSite(runner, section.host, section.port, ssl_context=context)
            if doors is None
            else web.SockSite(runner, doors.http, ssl_context=context)
        )
        await site.start()
        http_port = int(runner.addresses[0][1])
        mllp_port = None
        if mllp is not None and gateway.hub.mllp is not None:
            context = tls(gateway.hub.mllp, gateway.settings.directory)
            door = doors.mllp if doors is not None else None
            mllp_port = await mllp.start(gateway.hub.mllp.host, gateway.hub.mllp.port, context, door=door)
        yield Listening(http=http_port, mllp=mllp_port)
    finally:
        if mllp is not None:
            await mllp.stop()
        await runner.cleanup()
        # Between two steps, where there is time: what is cancelled while it waits for the store's one connection may
        # take that connection along.
        over.set()
        _ = await asyncio.wait(tasks, timeout=_STEP_SECONDS)
        await ended(tasks)
        await _last(gateway)


def tls(section: Listen, directory: Path, *, optional: bool = False) -> ssl.SSLContext | None:
    """The TLS context of a listener, or None where it has no certificate.

    With client CAs, a client must show a certificate of theirs; ``optional``: it may, and another's ends the call.

    Raises:
        Rejected: a file can't be read or is no PEM.
    """
    if not section.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(directory / section.certificate, directory / section.private_key)
        if section.client_ca:
            context.load_verify_locations(directory / section.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL if optional else ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise Rejected("config.tls", "name readable PEM files", at="certificate") from error
    return context


def _mllp(gateway: Gateway) -> MllpServer | None:
    feeds = [feed for feed in gateway.feeds.values() if feed.section.authentication in {"mllp-tls", "loopback"}]
    if gateway.hub.mllp is None or not feeds:
        return None
    return MllpServer(
        intake=gateway.intake, refusals=gateway.refusals, feeds=feeds, limit=gateway.hub.limits.message_bytes
    )


async def _follow(gateway: Gateway) -> None:
    """Take up the configuration in force, and say what of it waits for a restart."""
    if await gateway.versions.refresh():
        configuration = gateway.configuration
        _logger.info(
            "configuration",
            version=configuration.version,
            digest=configuration.digest,
            needs_restart=list(configuration.restart),
        )


async def _on_the_broker(gateway: Gateway, url: str, over: asyncio.Event) -> None:
    """Connect (again and again while the broker is away), consume what comes in, relay what goes out."""
    broker = await _connected(gateway, url, over)
    if broker is None:
        return
    try:
        intake = AmqpIntake(
            broker=broker,
            store=gateway.store,
            intake=gateway.intake,
            answers=gateway.answers,
            refusals=gateway.refusals,
            feeds=tuple(gateway.feeds.values()),
            agencies=gateway.agencies,
            owners=[agency.id for agency in gateway.hub.agencies],
            limit=gateway.hub.limits.message_bytes,
        )
        relay = Relay(
            world=gateway.world,
            store=gateway.store,
            broker=broker,
            progress=gateway.progress,
            log=gateway.log,
            worker=gateway.world.random(8).hex(),
        )
        # Beside each other: what leaves does not wait for a queue that the broker can't serve, nor the other way round.
        following = _repeat("recipients", _CONFIGURATION_EVERY, lambda: broker.follow(gateway.hub), over)
        leaving = [
            asyncio.create_task(_repeat("relay", _RELAY_EVERY, relay.once, over)),
            asyncio.create_task(following),
        ]
        if gateway.notices.on:
            announcing = _repeat("notices", _RELAY_EVERY, lambda: gateway.notices.run(broker), over)
            leaving.append(asyncio.create_task(announcing))
        try:
            await intake.start()
            _ = await asyncio.wait(leaving, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended(leaving)
    finally:
        await broker.close()


async def _connected(gateway: Gateway, url: str, over: asyncio.Event) -> Broker | None:
    while not over.is_set():
        try:
            return await Broker.connect(url, gateway.hub)
        except Unavailable as error:
            _logger.warning("broker.away", code=error.code)
            await _pause(_BROKER_AGAIN, over)
    return None


async def _repeat(name: str, seconds: float, step: Callable[[], Awaitable[object]], over: asyncio.Event) -> None:
    """Run ``step`` again and again until it is over; what fails is tried again, a bug is said and stops nothing."""
    while not over.is_set():
        try:
            await step()
        except MashError as error:
            _logger.warning("background", task=name, code=error.code)
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            # Without its text: what an exception says may be somebody's data.
            _logger.error("background.bug", task=name, kind=type(error).__name__)  # noqa: TRY400 - without the exception text, which may be somebody's data
        await _pause(seconds, over)


async def _pause(seconds: float, over: asyncio.Event) -> None:
    """Wait so long, or until it is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()


async def _last(gateway: Gateway) -> None:
    """What a stopping process still owes: the counts it holds, and the sequence of what it committed."""
    try:
        await gateway.notices.flush()
        await gateway.refusals.flush(everything=True)
        await gateway.log.sequence()
    except MashError as error:
        _logger.warning("background", task="last", code=error.code)
