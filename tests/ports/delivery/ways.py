"""The two ways to a recipient behind one face: what a test cuts, and what the recipient's system finds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from gateway.bootstrap import Gateway
from gateway.casework.office import Office
from gateway.delivery.broker import Broker
from gateway.delivery.relay import Relay
from gateway.delivery.sealing import Parcel, digest
from gateway.store import Work
from gateway.store.records import EnvelopeRecord
from schemas.envelope import FeedbackContent
from tests.gateway.natives import notice

CLIENT = "police.desk"


@dataclass(frozen=True, kw_only=True)
class Found:
    """An envelope as the recipient's system finds it."""

    id: str
    headers: Mapping[str, str]
    body: bytes


class Way(Protocol):
    """A way to the recipient ``CLIENT``."""

    async def deliver(self) -> None:
        """Let whatever was committed arrive."""

    async def waiting(self) -> list[Found]:
        """What waits for the recipient, oldest first. Looking takes nothing away."""

    async def take(self, name: str) -> None:
        """The recipient takes one off."""


@dataclass(kw_only=True)
class MailboxWay:
    """Over the HTTPS mailbox."""

    gateway: Gateway

    async def deliver(self) -> None:
        """What was committed is there already."""

    async def waiting(self) -> list[Found]:
        """What waits for the recipient."""
        client = await self.gateway.agencies.standing(CLIENT)
        assert client is not None
        page = await self.gateway.mailbox.page(client, 50)
        return [Found(id=one.id, headers=one.headers, body=one.body) for one in page.messages]

    async def take(self, name: str) -> None:
        """Acknowledge it."""
        client = await self.gateway.agencies.standing(CLIENT)
        assert client is not None
        await self.gateway.mailbox.acknowledge(client, name)


@dataclass(kw_only=True)
class BrokerWay:
    """Over RabbitMQ: the relay publishes, the recipient reads its queue."""

    gateway: Gateway
    broker: Broker
    relay: Relay
    connection: AbstractConnection
    channel: AbstractChannel

    @property
    def key(self) -> str:
        """The recipient's routing key."""
        return f"recipient.{CLIENT}.inbox"

    async def deliver(self) -> None:
        """Relay what is due."""
        await self.relay.once()

    async def messages(self, queue: str = "") -> list[AbstractIncomingMessage]:
        """What is in a queue, each put back when the channel closes."""
        found = await self.channel.get_queue(queue or self.broker.names.queue(self.key), ensure=False)
        taken: list[AbstractIncomingMessage] = []
        # What was put back or published a moment ago may not be ready yet: an empty answer is asked for again.
        for _ in range(10):
            while (message := await found.get(fail=False)) is not None:
                taken.append(message)
            if taken:
                break
            await asyncio.sleep(0.1)
        for message in taken:
            await message.nack(requeue=True)
        return taken

    async def waiting(self) -> list[Found]:
        """What waits in the recipient's queue."""
        return [Found(id=str(one.message_id), headers=_ours(one), body=one.body) for one in await self.messages()]

    async def take(self, name: str) -> None:
        """Take it from the queue."""
        queue = await self.channel.get_queue(self.broker.names.queue(self.key), ensure=False)
        while (message := await queue.get(fail=False)) is not None:
            if message.message_id == name:
                await message.ack()
                return
        raise AssertionError(name)


def _ours(message: AbstractIncomingMessage) -> dict[str, str]:
    """The headers but for those that the broker adds."""
    return {name: str(value) for name, value in message.headers.items() if not name.startswith("x-")}


async def referral_of(gateway: Gateway) -> str:
    """A referral that a notice of the police opened."""
    answered = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(), CLIENT)
    async with gateway.store.reading() as work:
        items = await work.messages.items(answered.message_id)
    return str(items[0].referral_id)


async def cut(gateway: Gateway, work: Work, referral: str, text: str = "Words.") -> EnvelopeRecord:
    """Cut an envelope for the recipient within ``work``, which the test commits or not."""
    office: Office = gateway.revoking._office
    client = await gateway.agencies.client(work, CLIENT)
    assert client is not None
    parcel = Parcel(
        client=client,
        content=FeedbackContent(message="msg_of_this_test", outcomes=(), text=text),
        referral=referral,
        scope=referral,
        reference=office.pseudonym(client.agency, referral),
        subject=referral,
        policy=b'{"groups":[],"replies":[]}',
        request_digest=digest(b"nothing was asked"),
    )
    return await office.sealer.cut(work, parcel, actor="hub")


async def sent(gateway: Gateway, referral: str, text: str = "Words.") -> EnvelopeRecord:
    """Cut an envelope and commit."""
    async with gateway.store.work() as work:
        record = await cut(gateway, work, referral, text)
        await work.commit()
    return record
