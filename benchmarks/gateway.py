"""The gateway as it is installed: laid out, enrolled, started as a process on a database of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aiormq
from aiormq.abc import AbstractConnection

from benchmarks.arrivals import ARRIVALS, Queue, delete
from benchmarks.load.order import Credential
from benchmarks.subject import Subject
from sandbox import servers, toml
from sandbox.borough import Place
from sandbox.failures import HubFailed
from sandbox.hub import Hub, free_ports, mash
from sandbox.keys import AgencyKeys, ClientKeys, agency_keys, client_keys
from sandbox.publisher import user_of
from schemas.hub import BrokerSection

HTTP_FEED, AMQP_FEED = "health-hl7", "health-amqp"
_CLIENT = "health.gp"
_START_SECONDS = 45.0
_STOP_SECONDS = 15.0
_POLL = 0.005
_BROKER_POLL = 0.1


def announces() -> bool:
    """Whether this gateway can announce what arrived on a queue."""
    return "arrivals" in BrokerSection.model_fields


class Gateway:
    """A hub with its keys, and the process while it runs."""

    def __init__(self, hub: Hub, keys: AgencyKeys, *, server: str | None) -> None:
        self.hub = hub
        self.keys = keys
        self.server = server
        self.started_in = 0.0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self, *arguments: str, broker: str | None = None) -> None:
        """Start it and wait until it says that it is ready; ``started_in`` is the seconds that this took.

        Raises:
            HubFailed: it ended, or was not ready in time.
        """
        environment = {name: value for name, value in self.hub.environment().items() if name != "MASH_BROKER_URL"}
        environment |= {"MASH_BROKER_URL": broker} if broker else {}
        began = time.monotonic()
        with self.hub.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *mash("serve", "--config", str(self.hub.config), "--log-level", "WARNING", *arguments),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        while not await _ready(self.hub.place.http_port):
            if self._process.returncode is not None or time.monotonic() > began + _START_SECONDS:
                raise HubFailed(f"the gateway did not start: {self.hub.log_file.read_text('utf-8', 'replace')[-1500:]}")
            await asyncio.sleep(_POLL)
        self.started_in = time.monotonic() - began

    async def stop(self) -> None:
        """End it in order; what does not end is killed."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    def subject(self, connection: AbstractConnection | None = None, broker: str = "") -> Subject:
        """It, as something to be measured. With a connection to the broker its notices are counted."""
        prefix, client = self.hub.place.broker_prefix, self.keys.clients[_CLIENT]
        queue = Queue(connection, prefix + ARRIVALS) if connection is not None and announces() else None
        return Subject(
            name="ours",
            pid=self.pid,
            database=self.hub.database_url,
            ports={"mllp": self.hub.place.mllp_port, "http": self.hub.place.http_port, "amqp": 0},
            queue=queue,
            path=f"/v1/feeds/{HTTP_FEED}/notifications",
            credential=credential(self.hub, client),
            broker=broker,
            exchange=f"{prefix}mash.in",
            feed=AMQP_FEED,
            user=user_of(broker) if broker else "",
        )

    async def connected(self, connection: AbstractConnection | None) -> None:
        """Wait until it has declared its queues on the broker.

        Raises:
            HubFailed: it does not, in time.
        """
        if connection is None:
            return
        queue = Queue(connection, f"{self.hub.place.broker_prefix}feed.{AMQP_FEED}")
        until = time.monotonic() + _START_SECONDS
        while await queue.depth() is None:
            if time.monotonic() > until:
                raise HubFailed("the gateway did not come to the broker")
            await asyncio.sleep(_BROKER_POLL)

    def names(self) -> tuple[list[str], list[str]]:
        """The queues and exchanges that it declares on a broker."""
        prefix, told = self.hub.place.broker_prefix, tomllib.loads(self.hub.config.read_text("utf-8"))
        agencies = [agency["id"] for agency in told["agencies"]]
        recipients = [(agency["id"], one["name"]) for agency in told["agencies"] for one in agency["recipients"]]
        queues = [ARRIVALS, "mash.dead", f"feed.{AMQP_FEED}"]
        queues += [f"agency.{agency}.disclosures" for agency in agencies]
        queues += [f"recipient.{agency}.{name}.inbox" for agency, name in recipients]
        return [prefix + queue for queue in queues], [prefix + exchange for exchange in servers.EXCHANGES]


def credential(hub: Hub, client: ClientKeys) -> Credential:
    """How this client shows the hub who it is."""
    return Credential(
        hub=hub.place.url,
        dpop=client.dpop.as_pem(private=True).decode("ascii"),
        client_id=client.client_id,
        kid=str(client.authentication.kid),
        authentication=client.authentication.as_pem(private=True).decode("ascii"),
    )


@asynccontextmanager
async def gateway(server: str | None, *, broker: str = "", more: Sequence[ClientKeys] = ()) -> AsyncIterator[Gateway]:
    """A gateway laid out with one agency enrolled, not started: on SQLite, or on a database of its own at ``server``.

    ``broker`` is whose user may publish to the feed over AMQP.

    Raises:
        HubFailed: the database can't be reached, or something was not taken.
    """
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-bench-")))
        database = f"sqlite:///{directory / 'hub.sqlite3'}"
        if server is not None:
            database = await servers.create_database(server)
            stack.push_async_callback(servers.drop_database, server, database)
        http, mllp = free_ports(2)
        place = Place(
            http_port=http,
            mllp_port=mllp,
            issuer="http://127.0.0.1:9",  # nobody signs in while this is measured
            channel="mailbox",
            broker_prefix=f"bench-{secrets.token_hex(4)}.",
        )
        hub = Hub(directory=directory, place=place, database_url=database, broker_url=None)
        await hub.lay_out()
        hub.config.write_text(_widened(hub.config.read_text("utf-8")), encoding="utf-8")
        sender = client_keys(
            "health", "gp", recipient=True, grants=("notify",), amqp_user=user_of(broker) if broker else ""
        )
        keys = agency_keys("health", [sender, *more])
        await hub.enrol(keys)
        made = Gateway(hub, keys, server=server)
        stack.push_async_callback(_cleared, made, broker)
        stack.push_async_callback(made.stop)
        yield made


def _widened(text: str) -> str:
    """The hub's file with a feed over AMQP, and with notices of what arrived where this gateway has them."""
    told: dict[str, Any] = tomllib.loads(text)
    told["feeds"].append(
        {"name": AMQP_FEED, "agency": "health", "adapter": "nhs.hl7v2", "authentication": "amqp", "client": _CLIENT}
    )
    if announces():
        told["broker"]["arrivals"] = True
    return toml.render(told)


async def _cleared(made: Gateway, broker: str) -> None:
    if broker:
        connection = await aiormq.connect(broker)
        try:
            await delete(connection, *made.names())
        finally:
            await connection.close()


async def _ready(port: int) -> bool:
    try:
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def postgres() -> str:
    """The PostgreSQL server that is measured on, where it can be reached."""
    return os.environ.get("MASH_TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"


def rabbitmq() -> str:
    """The RabbitMQ that is measured on, where it can be reached."""
    return os.environ.get("MASH_TEST_AMQP_URL") or "amqp://guest:guest@127.0.0.1:5672/"
