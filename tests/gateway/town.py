"""A hub of the tests' own, in this process: what stays while gateways come and go, and one gateway that serves."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import aiohttp
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue

from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.serving import Listening, serving
from gateway.world import World
from sandbox import borough as sandbox_borough
from sandbox import mllp
from sandbox.agency import Agency, Client, Opened
from sandbox.disclosure import Group, Reply
from sandbox.door import Door, exchange
from sandbox.door import Reply as Answer
from sandbox.hub import Hub, free_ports, write_secret
from sandbox.hub_keys import HubKeys
from sandbox.identity_provider import IdentityProvider
from sandbox.inbox import BrokerInbox, Delivery, Inbox, MailboxInbox
from sandbox.keys import AgencyKeys, ClientKeys
from sandbox.natives.police import MEDIA_TYPE as XML
from sandbox.person import CLIENT, REDIRECT, Person
from sandbox.scenarios.stage import Case, Stage
from sandbox.transcript import Transcript
from tests.gateway import borough
from tests.gateway.clock import Clock

HL7 = "application/hl7-v2+er7"
SECONDS = 20.0


@dataclass(kw_only=True)
class Ground:
    """What stays while gateways come and go: the directory, the database, the broker's names, the sign-in provider."""

    directory: Path
    database_url: str = field(repr=False)
    broker_url: str | None = field(repr=False)
    prefix: str
    clock: Clock
    provider: IdentityProvider
    ports: tuple[int, int]

    @property
    def url(self) -> str:
        """The hub's public URL."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def channel(self) -> borough.Channel:
        """What the recipients of this hub are reached over."""
        return "amqp" if self.broker_url else "mailbox"

    @property
    def config(self) -> Path:
        """The hub's file."""
        return self.directory / "hub.toml"

    def document(self) -> borough.Document:
        """The hub's file as a document that a test may change."""
        http, mllp_port = self.ports
        return borough.document(
            http=http, mllp=mllp_port, issuer=self.provider.issuer, channel=self.channel, prefix=self.prefix
        )

    def settings(self, change: borough.Change | None = None) -> settings.Settings:
        """Write the hub's file, changed, and load it as a start does."""
        made = self.document()
        if change is not None:
            change(made)
        self.config.write_text(borough.text(made), encoding="utf-8")
        return settings.load(self.config, self.environment())

    def environment(self) -> Mapping[str, str]:
        """The variables of a gateway on this ground."""
        told = {"MASH_CONFIG": str(self.config), "MASH_DATABASE_URL": self.database_url}
        return told | ({"MASH_BROKER_URL": self.broker_url} if self.broker_url else {})

    def command_line(self) -> Hub:
        """The same hub for the gateway's own commands, as processes."""
        place = sandbox_borough.Place(
            http_port=self.ports[0],
            mllp_port=self.ports[1],
            issuer=self.provider.issuer,
            channel=self.channel,
            broker_prefix=self.prefix,
        )
        return Hub(directory=self.directory, place=place, database_url=self.database_url, broker_url=self.broker_url)


@asynccontextmanager
async def ground(
    directory: Path, clock: Clock, *, database_url: str, broker_url: str | None = None, prefix: str = ""
) -> AsyncIterator[Ground]:
    """Lay a hub out: ports that are free, a master key, a sign-in provider that listens."""
    http, mllp_port, identity = free_ports(3)
    write_secret(directory / "secrets" / "master.key", base64.b64encode(os.urandom(32)).decode())
    provider = IdentityProvider(audience=f"http://127.0.0.1:{http}", users=borough.users(), clients={CLIENT: REDIRECT})
    await provider.start(identity)
    try:
        yield Ground(
            directory=directory,
            database_url=database_url,
            broker_url=broker_url,
            prefix=prefix,
            clock=clock,
            provider=provider,
            ports=(http, mllp_port),
        )
    finally:
        await provider.stop()


@dataclass(kw_only=True)
class Town:
    """A gateway that serves, with the agencies' systems and the people who call it."""

    ground: Ground
    gateway: Gateway
    listening: Listening
    session: aiohttp.ClientSession
    stage: Stage
    connection: AbstractConnection | None

    @property
    def clock(self) -> Clock:
        """The time here."""
        return self.ground.clock

    @property
    def url(self) -> str:
        """The hub's public URL."""
        return self.ground.url

    @property
    def manager(self) -> Person:
        """The social work manager."""
        return self.stage.people["manager"]

    def client(self, client_id: str) -> Client:
        """An agency's system, such as ``police.desk``."""
        return self.stage.client(client_id)

    def person(self, name: str) -> Person:
        """Somebody who signs in, by the name in ``borough.PEOPLE``."""
        return self.stage.people[name]

    async def plain(
        self, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """A call without any credential but what ``headers`` hold."""
        return await exchange(self.session, method, self.url + path, body=body, headers=headers)

    async def notify(self, message: bytes, *, feed: str = "police-ppn", client: str = "police.desk") -> Answer:
        """Push native bytes over HTTP."""
        media_type = HL7 if feed.startswith("health") else XML
        return await self.client(client).notify(feed, message, media_type)

    async def send_mllp(self, message: bytes) -> bytes:
        """Push an HL7 message over MLLP; the acknowledgement."""
        return await mllp.send("127.0.0.1", self.ground.ports[1], message)

    async def referral(self, message: bytes) -> Case:
        """Notify, and return the referral that the message belongs to, for its manager to work on."""
        message_id = (await self.notify(message)).expect("a notification", 202).headers["Mash-Message-Id"]
        async with self.gateway.store.reading() as work:
            items = await work.messages.items(message_id)
        return self.case(str(items[0].referral_id))

    def case(self, referral: str) -> Case:
        """A referral as its manager works on it."""
        return Case(
            stage=self.stage,
            id=referral,
            purpose="To decide whether this child needs protection",
            legal_ground="children_act_2004_s10",
            necessity="The referrer knows little",
        )

    async def disclosed(self, case: Case, reply: Reply | None = None, *, agency: str = "health") -> Opened:
        """Rate, ask one agency, let its lead answer; the disclosure as the manager's system opened it."""
        if not (await case.shown())["rating"]:
            await case.rate("amber", 2, "A reason")
        made = await case.ask({agency: ("health_history", "health_mental")}, "What do you know?")
        await case.answer(agency, made[0]["id"], reply or HELD)
        return await case.disclosed()

    async def decided(self, case: Case) -> None:
        """Decide on all that was disclosed."""
        shown = await case.shown()
        body = {
            "outcomes": ["section_17_assessment"],
            "rationale": "A rationale",
            "evidence": [row["disclosure"] for row in shown["requests"] if row["disclosure"]],
            "missing_acknowledged": [row["id"] for row in shown["requests"] if row["state"] != "answered"],
        }
        await self.manager.post(f"/v1/referrals/{case.id}/decisions", body)

    async def send_product(self, case: Case, *parts: dict[str, Any]) -> Answer:
        """Ask for a product to the assessment team; the hub's answer, whatever it is."""
        body = {"recipient": "council.assessment-team", "summary": "A summary", "parts": list(parts)}
        return await self.manager.call("POST", f"/v1/referrals/{case.id}/products", body)

    async def product(self, case: Case, *groups: str) -> Delivery:
        """Decide, send a product with these groups of the last answer (``history`` where none is named), and return it
        as it reached the assessment team, unopened."""
        await self.decided(case)
        (await self.send_product(case, part(case, *(groups or ("history",))))).expect("a product", 201)
        return await self.client("council.assessment-team").next("product")

    async def channel(self) -> AbstractChannel:
        """A channel of the agencies' connection to the broker."""
        if self.connection is None:
            raise AssertionError("this hub has no broker")
        return await self.connection.channel()

    async def first_of(self, queue: AbstractQueue) -> AbstractIncomingMessage:
        """The first message of a queue, once it is there."""
        async with asyncio.timeout(SECONDS):
            while (message := await queue.get(fail=False)) is None:
                await asyncio.sleep(0.05)
        return message

    async def events(self, *, referral: str = "") -> list[dict[str, Any]]:
        """The log's entries, in the order of the tree, of one referral or all."""
        await self.gateway.log.sequence()
        async with self.gateway.store.reading() as work:
            found = await work.log.entries(0, await work.log.size())
        entries = [json.loads(one.entry) for one in found]
        return [one for one in entries if not referral or one["referral"] == referral]

    async def event_names(self, *, referral: str = "") -> list[str]:
        """The names of those entries."""
        return [one["event"] for one in await self.events(referral=referral)]

    async def refused_strangers(self) -> list[dict[str, Any]]:
        """What the log tells of callers without a credential: the minute is over, the counts are written."""
        await self.gateway.refusals.flush(everything=True)
        return [one["detail"] for one in await self.events() if one["event"] == "caller.refused"]

    async def counts(self, feed: str) -> dict[str, Any]:
        """A feed's counts, as the integration engineer is shown them."""
        rows = (await self.person("engineer").get("/v1/feeds"))["feeds"]
        return next(row for row in rows if row["feed"] == feed)


def part(case: Case, *groups: str) -> dict[str, Any]:
    """A part of a product: these groups of the case's last answer, by name."""
    given = case.given[-1]
    return {"disclosure": given.disclosure, "digests": [given.answer.digests[name] for name in groups]}


HELD = Reply(
    decision="disclose",
    groups=(
        Group(
            name="history",
            category="health_history",
            items=(("A history that health holds.", "record", "2026-05-01"),),
            audiences=("social_work_manager", "receiving_team"),
        ),
        Group(
            name="mental",
            category="health_mental",
            items=(("Something that health keeps to the manager.", "record", "2026-05-02"),),
            audiences=("social_work_manager",),
        ),
    ),
)
"""What health discloses unless a test says otherwise: one group for manager and team, one for the manager alone."""


@asynccontextmanager
async def town(
    place: Ground, change: borough.Change | None = None, *, enrol: bool = True, listen: int | None = None
) -> AsyncIterator[Town]:
    """A gateway on this ground that serves until the block ends. ``listen`` is a port of a replica's own."""
    loaded = place.settings(_listening(change, listen))
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(bootstrap(loaded, World(now=place.clock)))
        if enrol:
            for agency in borough.AGENCIES:
                enrolment = json.dumps(borough.keys_of(agency).enrolment()).encode()
                await gateway.agencies.enrol(enrolment, place.clock())
        listening = await stack.enter_async_context(serving(gateway))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)))
        connection = None
        if place.broker_url:
            connection = await stack.enter_async_context(await aio_pika.connect(place.broker_url))
            await _declared(connection, place)
        yield Town(
            ground=place,
            gateway=gateway,
            listening=listening,
            session=session,
            stage=_stage(place, session, connection),
            connection=connection,
        )


def _listening(change: borough.Change | None, listen: int | None) -> borough.Change:
    def changed(made: borough.Document) -> None:
        if change is not None:
            change(made)
        if listen is not None:
            made["http"]["port"] = listen
            del made["mllp"]

    return changed


async def _declared(connection: AbstractConnection, place: Ground) -> None:
    """Wait until the gateway has declared its queues: it connects to the broker beside its start."""
    queue = f"{place.prefix}agency.{borough.AGENCIES[-1]}.disclosures"
    async with asyncio.timeout(SECONDS):
        while True:
            channel = await connection.channel()
            try:
                await channel.get_queue(queue, ensure=True)
            except aio_pika.exceptions.ChannelNotFoundEntity:
                await asyncio.sleep(0.05)
            else:
                await channel.close()
                return


def _stage(place: Ground, session: aiohttp.ClientSession, connection: AbstractConnection | None) -> Stage:
    hub_keys = HubKeys(session, place.url)
    names = dict(zip(borough.PEOPLE, place.provider.users.values(), strict=True))
    return Stage(
        hub=place.command_line(),
        hub_keys=hub_keys,
        agencies={
            agency: _agency(place, borough.keys_of(agency), hub_keys, session, connection)
            for agency in borough.AGENCIES
        },
        people={
            name: Person(session, user, issuer=place.provider.issuer, hub_url=place.url) for name, user in names.items()
        },
    )


def _agency(
    place: Ground,
    keys: AgencyKeys,
    hub_keys: HubKeys,
    session: aiohttp.ClientSession,
    connection: AbstractConnection | None,
) -> Agency:
    clients = {
        client_id.partition(".")[2]: system(place.url, own, keys, hub_keys, session, connection, place.prefix)
        for client_id, own in keys.clients.items()
    }
    return Agency(keys=keys, clients=clients, spokesman="a professional lead")


def system(
    url: str,
    own: ClientKeys,
    keys: AgencyKeys,
    hub_keys: HubKeys,
    session: aiohttp.ClientSession,
    connection: AbstractConnection | None,
    prefix: str,
) -> Client:
    """One system of an agency, calling the hub at this URL."""
    door = Door(session, url, own, Transcript())
    inbox: Inbox = MailboxInbox(door)
    if connection is not None and own.recipient is not None:
        inbox = BrokerInbox(connection, f"{prefix}recipient.{own.client_id}.inbox", door.transcript)
    return Client(own, keys, door, hub_keys, inbox)


def fresh_reference() -> str:
    """A sender's own id that was never used before."""
    return f"T-{secrets.token_hex(6).upper()}"
