"""A gateway on SQLite whose recipients are reached over the mailbox, then over RabbitMQ."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aio_pika
import pytest

from adapters import registry
from gateway.bootstrap import Gateway
from gateway.delivery.broker import Broker
from gateway.delivery.relay import Relay
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.fixtures import clock, hub_pairs
from tests.ports.delivery.ways import BrokerWay, MailboxWay, Way
from tests.unit.gateway.whole import document, put_together

__all__ = ["clock", "hub_pairs"]

ISSUER = "https://id.example"
BOTH = [pytest.param("mailbox", marks=pytest.mark.mailbox), pytest.param("broker", marks=pytest.mark.rabbitmq)]


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch, hub_pairs: None) -> None:
    """The adapter of a feed of the borough, where the registry finds it."""
    assert hub_pairs is None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")


@asynccontextmanager
async def over_broker(directory: Path, clock: Clock, url: str, prefix: str) -> AsyncIterator[BrokerWay]:
    """The way over this broker, under this prefix."""
    made = document(ISSUER, channel="amqp", prefix=prefix)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(
            put_together(directory, clock, made, database_url=f"sqlite:///{directory / 'hub.sqlite3'}", broker_url=url)
        )
        broker = await Broker.connect(url, gateway.hub)
        stack.push_async_callback(broker.close)
        connection = await stack.enter_async_context(await aio_pika.connect(url))
        yield BrokerWay(
            gateway=gateway,
            broker=broker,
            relay=relay_of(gateway, broker, "first"),
            connection=connection,
            channel=await connection.channel(),
        )


def relay_of(gateway: Gateway, broker: Broker, worker: str) -> Relay:
    """A relay of this gateway."""
    return Relay(
        world=gateway.world,
        store=gateway.store,
        broker=broker,
        progress=gateway.progress,
        log=gateway.log,
        worker=worker,
    )


@pytest.fixture
async def broker_way(
    tmp_path: Path, clock: Clock, mended: None, amqp_url: str, broker_prefix: str
) -> AsyncIterator[BrokerWay]:
    assert mended is None
    async with over_broker(tmp_path, clock, amqp_url, broker_prefix) as made:
        yield made


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def way(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, mended: None
) -> AsyncIterator[Way]:
    """The way to the recipient: each of both."""
    assert mended is None
    async with AsyncExitStack() as stack:
        if kind == "broker":
            url, prefix = request.getfixturevalue("amqp_url"), request.getfixturevalue("broker_prefix")
            yield await stack.enter_async_context(over_broker(tmp_path, clock, url, prefix))
        else:
            database = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
            gateway = await stack.enter_async_context(
                put_together(tmp_path, clock, document(ISSUER), database_url=database)
            )
            yield MailboxWay(gateway=gateway)
