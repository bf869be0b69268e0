"""The broker's users as a first day lays them out: each reads its own queue and writes to its own doors alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import aiormq.exceptions
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from click.testing import CliRunner

from gateway.cli.init import init
from gateway.delivery.broker import Broker
from gateway.settings import read_hub
from tests.services.broker import PrivateBroker
from tests.services.plugin import BrokerMaker

VHOST = "mash"
HEALTH_INBOX = "recipient.health.lead.inbox"
POLICE_INBOX = "recipient.police.lead.inbox"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub as ``mash init DIR --broker`` lays it out."""
    folder = tmp_path_factory.mktemp("first-day") / "hub"
    ran = CliRunner().invoke(init, [str(folder), "--broker", f"amqp://127.0.0.1:5672/{VHOST}"])
    assert ran.exit_code == 0, ran.output
    return folder


@pytest.fixture(scope="module")
def broker(private_broker: BrokerMaker, hub: Path) -> Iterator[PrivateBroker]:
    """A broker with that hub's users and nobody else."""
    made = private_broker(hub / "broker" / "definitions.json")
    yield made
    made.close()


def url(broker: PrivateBroker, hub: Path, user: str) -> str:
    """The URL of one user, with the password that the first day wrote for it."""
    password = (hub / "secrets" / "broker" / f"{user}.password").read_text()
    return broker.url(user, password, VHOST)


@pytest.fixture
async def serving(broker: PrivateBroker, hub: Path) -> AsyncIterator[Broker]:
    """The gateway's own connection, its queues declared."""
    made = await Broker.connect(url(broker, hub, "gateway"), read_hub(hub / "hub.toml")[0])
    yield made
    await made.close()


@asynccontextmanager
async def as_user(broker: PrivateBroker, hub: Path, user: str) -> AsyncIterator[AbstractChannel]:
    """A channel of one user, which learns what the broker does with its messages."""
    connection = await aio_pika.connect(url(broker, hub, user))
    async with connection:
        yield await connection.channel(publisher_confirms=True, on_return_raises=True)


async def put(channel: AbstractChannel, exchange: str, key: str, *, user: str | None = None) -> None:
    """Publish, and wait for the broker's word."""
    target = await channel.get_exchange(exchange, ensure=False)
    await target.publish(aio_pika.Message(b"words", user_id=user), key, mandatory=True, timeout=10)


async def unread(_: AbstractIncomingMessage) -> None:
    """Nothing comes this far."""
    raise AssertionError("a message of somebody else")


async def test_a_recipient_reads_its_own_queue_and_no_other(serving: Broker, broker: PrivateBroker, hub: Path) -> None:
    await serving.publish(POLICE_INBOX, b"for the police", {}, "env_1")
    await serving.publish(HEALTH_INBOX, b"for health", {}, "env_2")
    async with as_user(broker, hub, "police-lead") as channel:
        own = await channel.get_queue(POLICE_INBOX, ensure=False)
        message = await own.get(timeout=10)
        assert message is not None
        assert message.body == b"for the police"
        await message.ack()
    for name in (HEALTH_INBOX, "recipient.police.desk.inbox", "mash.dead", "agency.police.disclosures"):
        async with as_user(broker, hub, "police-lead") as channel:
            other = await channel.get_queue(name, ensure=False)
            with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
                await other.get(timeout=10)
        async with as_user(broker, hub, "police-lead") as channel:
            other = await channel.get_queue(name, ensure=False)
            with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
                await other.consume(unread)
    async with as_user(broker, hub, "health-lead") as channel:
        message = await (await channel.get_queue(HEALTH_INBOX, ensure=False)).get(timeout=10)
        assert message is not None
        await message.ack()


async def test_an_agency_writes_to_its_own_door_and_no_other(serving: Broker, broker: PrivateBroker, hub: Path) -> None:
    assert serving.user == "gateway"
    async with as_user(broker, hub, "police-lead") as channel:
        await put(channel, "mash.in", "agency.police.disclosures", user="police-lead")
    for exchange, key in (
        ("mash.in", "agency.health.disclosures"),
        ("mash.in", "feed.health-hl7"),
        ("mash.in", "agency.police.disclosures.more"),
        ("mash.out", POLICE_INBOX),
        ("mash.out", HEALTH_INBOX),
        ("mash.dead", "words"),
        ("amq.topic", "words"),
    ):
        async with as_user(broker, hub, "police-lead") as channel:
            with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
                await put(channel, exchange, key)


async def test_nobody_publishes_in_the_name_of_another(serving: Broker, broker: PrivateBroker, hub: Path) -> None:
    assert serving.user == "gateway"
    for name in ("health-lead", "gateway"):
        async with as_user(broker, hub, "police-lead") as channel:
            with pytest.raises(aiormq.exceptions.ChannelPreconditionFailed):
                await put(channel, "mash.in", "agency.police.disclosures", user=name)


async def test_a_recipient_declares_binds_and_deletes_nothing(
    serving: Broker, broker: PrivateBroker, hub: Path
) -> None:
    assert serving.user == "gateway"
    refused = pytest.raises(aiormq.exceptions.ChannelAccessRefused)
    async with as_user(broker, hub, "police-lead") as channel:
        with refused:
            await channel.declare_queue("of-my-own")
    async with as_user(broker, hub, "police-lead") as channel:
        own = await channel.get_queue(POLICE_INBOX, ensure=False)
        with refused:
            await own.bind("mash.out", "#")
    for name in (POLICE_INBOX, HEALTH_INBOX):
        async with as_user(broker, hub, "police-lead") as channel:
            with refused:
                await channel.queue_delete(name)


async def test_a_password_of_nobody_opens_nothing(broker: PrivateBroker) -> None:
    for user, password in (("guest", "guest"), ("police-lead", "guess"), ("gateway", "")):
        with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
            await aio_pika.connect(broker.url(user, password, VHOST))


def test_no_password_stands_in_the_definitions(hub: Path) -> None:
    definitions = (hub / "broker" / "definitions.json").read_text()
    passwords = [path.read_text() for path in (hub / "secrets" / "broker").iterdir()]
    assert passwords
    assert not [one for one in passwords if one in definitions]
