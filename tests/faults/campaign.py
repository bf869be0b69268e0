"""A campaign: traffic that never stops, a gateway that is killed at every point, and a reckoning at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import aio_pika
import aiohttp
from aio_pika.abc import AbstractConnection

from gateway.bootstrap import Gateway, bootstrap
from gateway.world import World
from sandbox.agency import Client
from sandbox.hub_keys import HubKeys
from sandbox.person import Person
from tests.faults import traffic
from tests.faults.casework import Manager
from tests.faults.holdings import Seen, holdings, last_seen
from tests.faults.patience import until_done
from tests.faults.plan import Moment, Point
from tests.faults.process import GatewayProcess
from tests.faults.readers import Bookshelf, Readers
from tests.faults.reckoning import broken
from tests.faults.senders import Ledger, Senders
from tests.faults.traffic import Letter
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.ground import Ground, ground
from tests.gateway.systems import system
from tests.services.broker import PrivateBroker

Tell = Callable[[str], None]
ROUND_SECONDS = 15.0
END_SECONDS = 150.0
"""Long enough for the lease of a relay that died with messages in hand (60 s), and for a broker that was away."""
_LOOK = 0.02


@dataclass(kw_only=True)
class Campaign:
    """One campaign on one hub. ``watcher`` is a gateway on the same store that serves nobody: it reads."""

    place: Ground
    process: GatewayProcess
    broker: PrivateBroker | None
    watcher: Gateway
    senders: Senders
    readers: Readers
    manager: Manager
    thief: Client
    tell: Tell
    seen: list[Seen] = field(default_factory=list)
    struck: int = 0

    async def run(self, seed: int, points: tuple[Point, ...]) -> list[str]:
        """Go through the points, let everything come to its end, and reckon: what does not hold."""
        letters = traffic.letters(seed, broker=self.broker is not None)
        concerns = traffic.cases(seed)
        await self._first_day()
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self.readers.read())
            work: list[asyncio.Task[None]] = []
            for point in points:
                ready = await self.process.start(point)
                work += [
                    group.create_task(self._post(one), name=f"{one.feed} {one.number}")
                    for one in islice(letters, point.letters)
                ]
                work += [
                    group.create_task(self._post(one), name=f"{one.feed} {one.number}")
                    for one in islice(concerns, point.cases)
                ]
                await self._strike(point, work, ready=ready)
            await self.process.start()
            stuck = await self._settled(work)
            if not stuck:
                await self._steal()
            reading.cancel()
        await self.process.stop()
        held = await holdings(self.watcher, self.seen)
        ledger, shelf = self.senders.ledger, self.readers.shelf
        self.tell(
            f"{len(ledger.letters)} letters sent {sum(ledger.attempts.values())} times, {ledger.answered} answers; "
            f"{len(held.messages)} messages, {len(held.envelopes)} envelopes that arrived "
            f"{shelf.arrivals.total()} times, {len(held.events)} entries in the log; "
            f"{self.struck} of {len(points)} kills at the commit that was meant"
        )
        return stuck + broken(held, ledger, shelf, self.manager.cases)

    async def _first_day(self) -> None:
        """Let a hub declare its queues, and the broker restart in order once, before anything is killed.

        RabbitMQ 3.10 that is killed soon after a queue was declared may never serve that queue again.
        """
        if self.readers.connect is None or self.broker is None:
            return
        await self.process.start()
        last = f"{self.place.prefix}agency.{borough.AGENCIES[-1]}.disclosures"
        connect = self.readers.connect

        async def declared() -> None:
            async with await connect() as connection:
                await (await connection.channel()).get_queue(last, ensure=True)

        await until_done(declared)
        await self.process.stop()
        await asyncio.to_thread(self.broker.stop)
        await asyncio.to_thread(self.broker.start)

    async def _post(self, letter: Letter) -> None:
        await self.senders.send(letter)
        if letter.case:
            await self.manager.work(self.senders.ledger.message_ids[letter.feed, letter.digest])

    async def _strike(self, point: Point, work: list[asyncio.Task[None]], *, ready: bool) -> None:
        """Wait for the strike, or strike from outside; where there is nothing left to strike at, kill all the same."""
        missed = await self._missed(point, work) if ready else ""
        self.struck += not missed
        if point.broker_away_ms and self.broker is not None:
            await asyncio.to_thread(self.broker.kill)
        await self.process.kill()
        seen = await last_seen(self.watcher)
        if seen is not None:
            self.seen.append(seen)
        self.tell(point.told() + (f" (killed from outside: {missed})" if missed else ""))
        if point.broker_away_ms and self.broker is not None:
            await asyncio.sleep(point.broker_away_ms / 1000)
            await asyncio.to_thread(self.broker.start)

    async def _missed(self, point: Point, work: list[asyncio.Task[None]]) -> str:
        """Wait for the point's moment; why it did not come, or nothing where it did."""
        nth = self.senders.ledger.answered + point.nth
        loop = asyncio.get_running_loop()
        until = loop.time() + ROUND_SECONDS
        while self.process.alive:
            if point.moment is Moment.CLOCK and self.senders.ledger.answered >= nth:
                await asyncio.sleep(point.delay_ms / 1000)
                return ""
            if all(task.done() for task in work):
                return "all work was done"
            if loop.time() > until:
                return f"it had not come after {ROUND_SECONDS:.0f} s"
            await asyncio.sleep(_LOOK)
        return ""

    async def _settled(self, work: list[asyncio.Task[None]]) -> list[str]:
        """Everything that was begun comes to its end: letters answered, cases answered, outbox and shelves empty.

        What is stuck is named, and given up.
        """
        try:
            async with asyncio.timeout(END_SECONDS):
                await asyncio.wait(work)
                while not await self._quiet():  # noqa: ASYNC110 - what other processes do has no event here
                    await asyncio.sleep(0.1)
        except TimeoutError:
            stuck = [task.get_name() for task in work if not task.done()]
            for task in work:
                task.cancel()
            return [f"stuck for {END_SECONDS:.0f} s: {', '.join(stuck) or 'envelopes'}; {self._last_refusal()}"]
        return []

    def _last_refusal(self) -> str:
        return (
            "; ".join(f"{name} waits: {why}" for name, why in self.readers.shelf.waiting.items()) or "no reader waits"
        )

    async def _quiet(self) -> bool:
        async with self.watcher.store.reading() as work:
            waiting = await work.outbox.pending()
            cases = [await work.envelopes.of_referral(case) for case in self.manager.cases]
        return waiting == 0 and all(one.id in self.readers.shelf.releases for case in cases for one in case)

    async def _steal(self) -> None:
        """Somebody else holds every message, token and all, and opens none; its own reader's retry gets the same."""
        shelf = self.readers.shelf
        for name, (client, delivery) in shelf.deliveries.items():
            again = await until_done(lambda own=client, it=delivery: own.redeem(it))  # type: ignore[misc]
            if again.status == 200:
                shelf.releases[name].append(again.body)
            if (await until_done(lambda it=delivery: self.thief.redeem(it))).status == 200:  # type: ignore[misc]
                shelf.stolen.append(name)


@asynccontextmanager
async def campaign(
    directory: Path, *, database_url: str, broker: PrivateBroker | None, tell: Tell
) -> AsyncIterator[Campaign]:
    """Lay a hub out, enrol its agencies, and put everybody in place. Nothing serves as yet."""
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(
            ground(
                directory,
                Clock(),
                database_url=database_url,
                broker_url=broker.url() if broker else None,
            )
        )
        loaded = place.settings(_change)
        watcher = await stack.enter_async_context(bootstrap(loaded, World()))
        everyone = {agency: borough.keys_of(agency) for agency in borough.AGENCIES}
        for keys in everyone.values():
            now = watcher.world.now()
            await watcher.agencies.enrol(keys.enrolment_file(borough.HUB, now), now)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        hub_keys = HubKeys(session, place.url)
        clients = {
            name: system(place.url, own, keys, hub_keys, session, None, place.prefix)
            for keys in everyone.values()
            for name, own in keys.clients.items()
        }
        process = GatewayProcess(config=place.config, http_port=place.ports[0], settings=place.environment())
        stack.push_async_callback(process.kill)
        connect = _connecting(broker) if broker else None
        yield Campaign(
            place=place,
            process=process,
            broker=broker,
            watcher=watcher,
            senders=Senders(
                ledger=Ledger(),
                mllp_port=place.ports[1],
                desk=clients["police.desk"],
                broker=connect,
                prefix=place.prefix,
            ),
            readers=Readers(
                shelf=Bookshelf(),
                hub_keys=hub_keys,
                clients=tuple(clients[post.client] for post in borough.POSTS),
                connect=connect,
                prefix=place.prefix,
            ),
            manager=Manager(
                person=Person(
                    session,
                    next(iter(place.provider.users.values())),
                    issuer=place.provider.issuer,
                    hub_url=place.url,
                ),
                store=watcher.store,
            ),
            thief=clients["police.desk"],
            tell=tell,
        )


def _change(made: borough.Document) -> None:
    # The adapter that can be mended lives in the tests' own process.
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]
    made["clocks"]["watch_seconds"] = 1.0


def _connecting(broker: PrivateBroker) -> Callable[[], Coroutine[None, None, AbstractConnection]]:
    async def connect() -> AbstractConnection:
        return await aio_pika.connect(broker.url(), timeout=5)

    return connect
