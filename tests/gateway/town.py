"""One gateway that serves in this process, with the agencies' systems and the people who call it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
import aiohttp
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue

from gateway.bootstrap import Gateway, bootstrap
from gateway.serving import Listening, serving
from gateway.world import World
from sandbox import mllp
from sandbox.agency import Client, Opened
from sandbox.disclosure import Group, Reply
from sandbox.door import Reply as Answer
from sandbox.door import exchange
from sandbox.inbox import Delivery
from sandbox.natives.police import MEDIA_TYPE as XML
from sandbox.person import Person
from sandbox.scenarios.stage import Case, Stage
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.ground import Ground
from tests.gateway.systems import stage

HL7 = "application/hl7-v2+er7"
SECONDS = 20.0


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
        taken: list[AbstractIncomingMessage] = []

        async def took() -> bool:
            message = await queue.get(fail=False)
            taken.extend([message] if message else [])
            return bool(taken)

        await until(took)
        return taken[0]

    async def sent(self) -> None:
        """Wait until the relay has sent all that is due."""

        async def empty() -> bool:
            async with self.gateway.store.reading() as work:
                return not await work.outbox.pending()

        await until(empty)

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
                enrolment = borough.keys_of(agency).enrolment_file(borough.HUB, place.clock())
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
            stage=stage(place, session, connection),
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


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until this holds, for a while.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(SECONDS):
        while not await holds():  # noqa: ASYNC110 - it asks a database or a broker, which set no event
            await asyncio.sleep(0.05)


def fresh_reference() -> str:
    """A sender's own id that was never used before."""
    return f"T-{secrets.token_hex(6).upper()}"
