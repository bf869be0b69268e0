"""A run of the sandbox: a hub of its own, its agencies and people, both stories, the log verified at the end."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aio_pika.abc import AbstractConnection

from sandbox import servers
from sandbox.agency import Agency, Client
from sandbox.borough import CONSOLE, FEEDS, LEAD, PARTNERS, Partner, Place, people
from sandbox.door import Door
from sandbox.failures import HubFailed, HubRefused, NothingArrived, NotTrusted
from sandbox.hub import Hub, free_ports
from sandbox.hub_keys import HubKeys
from sandbox.identity_provider import IdentityProvider
from sandbox.inbox import BrokerInbox, Inbox, MailboxInbox
from sandbox.keys import AgencyKeys, agency_keys, client_keys
from sandbox.person import CLIENT, REDIRECT, Person
from sandbox.publisher import Publisher, user_of
from sandbox.scenarios import background, drugs_warrant, unborn_baby
from sandbox.scenarios.drugs_warrant import DrugsWarrant
from sandbox.scenarios.expectation import Audience, Record, Silence
from sandbox.scenarios.stage import Stage
from sandbox.scenarios.unborn_baby import UnbornBaby
from sandbox.transcript import Transcript

TIMEOUT_SECONDS = 30.0
POSTS: Mapping[str, str] = {
    "manager": "m.adeyemi", "screener": "s.whitlock", "coordinator": "c.barlow", "police_lead": "d.prior",
    "engineer": "e.sandhu", "security": "k.moss", "auditor": "a.lindqvist", "analyst": "r.osei",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run showed. ``conformance`` is what the gateway says of its core components, or nothing."""

    records: Sequence[Record]
    traffic: Record
    log_entries: int
    log_verified: bool
    conformance: object
    database: str
    broker: str
    seconds: float

    @property
    def held(self) -> bool:
        """Whether every expectation held and the log verified."""
        return self.log_verified and all(record.held for record in (self.traffic, *self.records))

    def json(self) -> dict[str, Any]:
        """As ``mash demo --json`` writes it."""
        return {
            "scenarios": [record.json() for record in self.records],
            "traffic": self.traffic.json(),
            "log": {"entries": self.log_entries, "verified": self.log_verified},
            "database": self.database,
            "broker": self.broker,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to run on: server URLs, or nothing for the embedded defaults; ``directory`` None means a temporary one.

    ``keep`` leaves database and queues as they are at the end.
    """

    database: str | None = field(default=None, repr=False)
    broker: str | None = field(default=None, repr=False)
    directory: Path | None = None
    keep: bool = False


Linger = Callable[[Outcome, Stage, IdentityProvider], Awaitable[None]]


async def run_demo(wanted: Wanted, audience: Audience | None = None, *, linger: Linger | None = None) -> Outcome:
    """Play everything on a hub of its own; ``linger`` is awaited at the end, while the hub still runs.

    Raises:
        HubFailed: the hub could not be laid out or started. What a story did not get is in its record instead.
    """
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        stage, provider = await stack.enter_async_context(_stage(wanted))
        traffic, warrant, baby = (
            Record(name=name, audience=audience or Silence())
            for name in (background.NAME, drugs_warrant.NAME, unborn_baby.NAME)
        )
        await _told(traffic, background.play(stage, traffic))
        await _told(warrant, DrugsWarrant(stage=stage, record=warrant).play())
        await _told(baby, UnbornBaby(stage=stage, record=baby).play())
        log, conformance = await asyncio.gather(
            stage.hub.run("log", "verify", "--json"), stage.hub.run("conformance", "--json")
        )
        verified = log.json()
        outcome = Outcome(
            records=(warrant, baby),
            traffic=traffic,
            log_entries=int(verified.get("entries", 0)) if isinstance(verified, dict) else 0,
            log_verified=log.code == 0 and isinstance(verified, dict) and verified.get("verified") is True,
            conformance=conformance.json(),
            database="postgresql" if wanted.database else "sqlite",
            broker="rabbitmq" if wanted.broker else "mailbox",
            seconds=time.monotonic() - started,
        )
        if linger is not None:
            await linger(outcome, stage, provider)
    return outcome


async def _told(record: Record, story: Awaitable[None]) -> None:
    """Play a story to its end. One that breaks off has not held, and says where."""
    try:
        await story
    except (HubRefused, NothingArrived, NotTrusted, HubFailed, aiohttp.ClientError, OSError, EOFError) as error:
        record.expect(f"the story runs to its end (it broke off: {type(error).__name__}: {error})", held=False)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        record.expect(f"the hub's answers have the wire's shape (not so: {type(error).__name__}: {error})", held=False)


@asynccontextmanager
async def _stage(wanted: Wanted) -> AsyncIterator[tuple[Stage, IdentityProvider]]:
    async with AsyncExitStack() as stack:
        directory = wanted.directory or Path(tempfile.mkdtemp(prefix="mash-demo-"))
        if wanted.directory is None:
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
        hub, provider = await _prepare(stack, wanted, directory)
        user = user_of(wanted.broker) if wanted.broker else ""
        making = asyncio.to_thread(lambda: {partner.id: _keys(partner, user) for partner in PARTNERS})
        keys, _ = await asyncio.gather(making, hub.lay_out())
        stack.push_async_callback(hub.stop)
        await hub.open(keys.values())
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        connection = None
        if wanted.broker:
            connection = await stack.enter_async_context(await servers.connect(wanted.broker))
        hub_keys = HubKeys(session, hub.place.url)
        agencies = {
            partner.id: _agency(partner, keys[partner.id], hub, hub_keys, session, connection) for partner in PARTNERS
        }
        yield (
            Stage(
                hub=hub,
                hub_keys=hub_keys,
                agencies=agencies,
                people={
                    post: Person(session, provider.users[name], issuer=provider.issuer, hub_url=hub.place.url)
                    for post, name in POSTS.items()
                },
            ),
            provider,
        )


async def _prepare(stack: AsyncExitStack, wanted: Wanted, directory: Path) -> tuple[Hub, IdentityProvider]:
    """The provider listening, the database made, the hub described; each undone at the end."""
    http, mllp, identity = free_ports(3)
    issuer = f"http://127.0.0.1:{identity}"
    place = Place(
        http_port=http,
        mllp_port=mllp,
        issuer=issuer,
        channel="amqp" if wanted.broker else "mailbox",
        broker_prefix=servers.broker_prefix() if wanted.broker else "",
    )
    clients = {CLIENT: REDIRECT, CONSOLE: place.signed_in}
    provider = IdentityProvider(audience=place.url, users=people(), clients=clients)
    await provider.start(identity)
    stack.push_async_callback(provider.stop)
    database = f"sqlite:///{directory / 'hub.sqlite3'}"
    if wanted.database:
        database = await servers.create_database(wanted.database)
        if not wanted.keep:
            stack.push_async_callback(servers.drop_database, wanted.database, database)
    if wanted.broker and not wanted.keep:
        stack.push_async_callback(servers.clear_broker, wanted.broker, place.broker_prefix, queues())
    return Hub(directory=directory, place=place, database_url=database, broker_url=wanted.broker), provider


def queues() -> tuple[str, ...]:
    """The queues of the borough's hub, without a prefix. Source: the interface's AMQP names."""
    inboxes = tuple(f"recipient.{partner.id}.{post.name}.inbox" for partner in PARTNERS for post in partner.posts)
    answers = tuple(f"agency.{partner.id}.disclosures" for partner in PARTNERS)
    feeds = tuple(f"feed.{feed.name}" for feed in FEEDS)
    return (*inboxes, *answers, *feeds, "mash.dead")


def _keys(partner: Partner, broker_user: str) -> AgencyKeys:
    clients = []
    for post in partner.posts:
        grants = ["mailbox", "open"]
        if post.role == "professional_lead":
            grants.append("disclose")
        if post.sends:
            grants.append("notify")
        amqp_user = broker_user if post is LEAD and partner.answers_by_broker else ""
        clients.append(client_keys(partner.id, post.name, recipient=True, grants=grants, amqp_user=amqp_user))
    return agency_keys(partner.id, clients)


def _agency(  # noqa: PLR0917 - an agency's parts
    partner: Partner,
    keys: AgencyKeys,
    hub: Hub,
    hub_keys: HubKeys,
    session: aiohttp.ClientSession,
    connection: AbstractConnection | None,
) -> Agency:
    clients: dict[str, Client] = {}
    for post in partner.posts:
        own = keys.clients[f"{partner.id}.{post.name}"]
        door = Door(session, hub.place.url, own, Transcript())
        inbox: Inbox = MailboxInbox(door)
        publisher = None
        if connection is not None:
            queue = f"{hub.place.broker_prefix}recipient.{partner.id}.{post.name}.inbox"
            inbox = BrokerInbox(connection, queue, door.transcript)
            if own.amqp_user:
                publisher = Publisher(connection, prefix=hub.place.broker_prefix, user=own.amqp_user)
        clients[post.name] = Client(own, keys, door, hub_keys, inbox, publisher)
    return Agency(keys=keys, clients=clients, spokesman=partner.spokesman)
