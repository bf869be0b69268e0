"""The broker: its topology, and publishes that count only when it has confirmed and routed them.

Source: RabbitMQ, publisher confirms, mandatory, quorum queues, dead letter exchanges.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
    AbstractRobustConnection,
)
from yarl import URL

from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.delivery.pipeline import Pipeline
from schemas.errors import Unavailable
from schemas.hub import Hub

_CONFIRM_WITHIN = 10.0
_LARGEST_QUEUE = 100_000
_MOST_NOTICES = 1_000_000
TOKEN_HEADER = "access-token"  # noqa: S105 - a name, not a secret
REASON_HEADER = "mash-reason"
ARRIVALS = "hub.arrivals"
"""The routing key of notices to the hub's own systems."""


class Unroutable(Exception):
    """The broker has no queue for this key: trying again soon does not help."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of the interface, with the hub's prefix."""

    prefix: str

    @property
    def incoming(self) -> str:
        """Notifications and disclosures come in here."""
        return f"{self.prefix}mash.in"

    @property
    def outgoing(self) -> str:
        """Envelopes leave here."""
        return f"{self.prefix}mash.out"

    @property
    def dead(self) -> str:
        """What could not be delivered, with its reason."""
        return f"{self.prefix}mash.dead"

    def may_answer(self, reply_to: str, agency: str) -> bool:
        """Whether an answer to this agency may go to a queue of this name: one of its own, and none that others read.

        Direct reply-to, a queue that the broker named, or ``reply.{agency}.`` and more. Anything else would let a
        sender have the gateway write where only the gateway may.
        """
        return reply_to.startswith(("amq.rabbitmq.reply-to.", "amq.gen-", self.queue(f"reply.{agency}.")))

    def queue(self, key: str) -> str:
        """The queue of a routing key."""
        return f"{self.prefix}{key}"


class Broker:
    """One connection that mends itself, with a channel for publishes, one for answers and one for each consumer.

    ``user`` is who the gateway is to the broker, which validates every message's ``user_id`` against it.
    """

    def __init__(self, connection: AbstractRobustConnection, hub: Hub, user: str) -> None:
        self.user = user
        self._connection = connection
        self._hub = hub
        self.names = Names(prefix=hub.broker.prefix)
        self._pipeline = Pipeline(connection)
        self._answers: AbstractChannel | None = None

    @classmethod
    async def connect(cls, url: str, hub: Hub) -> Broker:
        """Connect and declare the topology.

        Raises:
            Unavailable: the broker is not there.
        """
        try:
            connection = await aio_pika.connect_robust(url, timeout=10)
            broker = cls(connection, hub, URL(url).user or "guest")
            await broker.declare()
        except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
            raise Unavailable("broker.connection", "the broker can't be reached", at="MASH_BROKER_URL") from error
        return broker

    async def close(self) -> None:
        """Close the connection."""
        await self._pipeline.close()
        await self._connection.close()

    async def follow(self, hub: Hub) -> None:
        """Declare what recipients need that ``hub`` names now; nothing where they are the same.

        Raises:
            Unavailable: the broker is not there.
        """
        before, self._hub = self.inboxes(), hub
        if self.inboxes() != before:
            try:
                await self.declare()
            except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
                raise Unavailable("broker.connection", "the broker can't be reached", at="MASH_BROKER_URL") from error

    async def declare(self) -> None:
        """Exchanges, dead letters, and quorum queues: one per recipient, per feed and per agency's answers."""
        channel = await self._connection.channel()
        try:
            dead = await channel.declare_exchange(self.names.dead, aio_pika.ExchangeType.TOPIC, durable=True)
            outgoing = await channel.declare_exchange(self.names.outgoing, aio_pika.ExchangeType.TOPIC, durable=True)
            incoming = await channel.declare_exchange(self.names.incoming, aio_pika.ExchangeType.TOPIC, durable=True)
            letters = await channel.declare_queue(self.names.dead, durable=True, arguments={"x-queue-type": "quorum"})
            await letters.bind(dead, "#")
            for key in self.inboxes():
                await self._queue(channel, outgoing, key, ttl=timedelta(hours=self._hub.broker.queue_hours))
            for key in self.intakes():
                await self._queue(channel, incoming, key, ttl=None)
            if self._hub.broker.arrivals:
                await self._arrivals(channel, outgoing)
        finally:
            await channel.close()

    def inboxes(self) -> list[str]:
        """The routing keys of recipients on the broker."""
        return [
            f"recipient.{agency.id}.{recipient.name}.inbox"
            for agency in self._hub.agencies
            for recipient in agency.recipients
            if recipient.channel == "amqp"
        ]

    def intakes(self) -> list[str]:
        """The routing keys that come in: one per feed that uses the broker, one per agency's answers."""
        feeds = [f"feed.{feed.name}" for feed in self._hub.feeds if feed.authentication == "amqp"]
        return feeds + [f"agency.{agency.id}.disclosures" for agency in self._hub.agencies]

    async def publish_all(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish to queues of ``mash.out``, all under way at once; one outcome for each, in their order.

        Nothing fails a batch: a message counts as sent once the broker has confirmed it and routed it.
        """
        return await self._publish(self.names.outgoing, messages)

    async def publish(self, key: str, body: bytes, headers: Mapping[str, str], message_id: str) -> None:
        """Publish to a recipient; returns once the broker has confirmed the message and routed it.

        Raises:
            Unroutable: no queue takes it. Unavailable: the broker is away or did not confirm in time.
        """
        message = Outgoing(key=key, body=body, headers=headers, message_id=message_id)
        _sent(key, await self._publish(self.names.outgoing, [message]))

    async def dead_letter(
        self, key: str, body: bytes, headers: Mapping[str, str], message_id: str, *, reason: str
    ) -> None:
        """Put what could not be delivered to ``key`` to the dead letters, with a code that says why.

        Without its token: nobody who looks there opens anything.

        Raises:
            Unroutable: the dead letters' queue is gone. Unavailable: as :meth:`publish`.
        """
        kept = {name: value for name, value in headers.items() if name != TOKEN_HEADER}
        message = Outgoing(key=key, body=body, headers=kept | {REASON_HEADER: reason}, message_id=message_id)
        _sent(key, await self._publish(self.names.dead, [message]))

    async def _publish(self, exchange: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        return await self._pipeline.publish_all(exchange, messages, user=self.user, within=_CONFIRM_WITHIN)

    async def consume(
        self, key: str, take: Callable[[AbstractIncomingMessage], Awaitable[None]], *, prefetch: int = 16
    ) -> None:
        """Hand every message of an intake queue to ``take``, on a channel of its own; ``take`` acknowledges it.

        Raises:
            Unavailable: the broker is away, or can't serve this queue now.
        """
        try:
            channel = await self._connection.channel()
            await channel.set_qos(prefetch_count=prefetch)
            # Declared, and not just named: only what the channel declared is consumed again after a reconnection.
            queue = await channel.declare_queue(self.names.queue(key), passive=True)
            await queue.consume(take)
        except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError) as error:
            raise Unavailable("broker.consume", "the broker does not serve a queue of the intake") from error

    async def answer(self, reply_to: str, body: bytes, correlation: str | None, content_type: str) -> None:
        """Answer a sender on the queue that it named. A queue that is gone is the sender's own loss.

        Raises:
            Unavailable: the broker is away or did not take it.
        """
        channel = await self._answering()
        message = aio_pika.Message(body, correlation_id=correlation, content_type=content_type, user_id=self.user)
        try:
            await channel.default_exchange.publish(message, reply_to, mandatory=False, timeout=_CONFIRM_WITHIN)
        except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError) as error:
            raise Unavailable("broker.refused", "the broker did not take the answer") from error

    async def _answering(self) -> AbstractChannel:
        if self._answers is None or self._answers.is_closed:
            try:
                self._answers = await self._connection.channel(publisher_confirms=True)
            except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError) as error:
                raise Unavailable("broker.connection", "the broker can't be reached") from error
        return self._answers

    async def _arrivals(self, channel: AbstractChannel, exchange: AbstractExchange) -> None:
        """A queue that nobody needs to read: it loses its oldest, and never holds up what is published."""
        arguments: dict[str, object] = {
            "x-queue-type": "quorum",
            "x-max-length": _MOST_NOTICES,
            "x-overflow": "drop-head",
            "x-message-ttl": self._hub.broker.queue_hours * 3_600_000,
        }
        queue = await channel.declare_queue(self.names.queue(ARRIVALS), durable=True, arguments=arguments)  # type: ignore[arg-type]
        await queue.bind(exchange, ARRIVALS)

    async def _queue(
        self, channel: AbstractChannel, exchange: AbstractExchange, key: str, *, ttl: timedelta | None
    ) -> AbstractQueue:
        arguments: dict[str, object] = {
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": self.names.dead,
            "x-max-length": _LARGEST_QUEUE,
            "x-overflow": "reject-publish",
        }
        if ttl is not None:
            # Shorter than a token's life, so that nothing is fetched from a queue that can't be opened any more.
            arguments["x-message-ttl"] = int(ttl.total_seconds() * 1000)
        queue = await channel.declare_queue(self.names.queue(key), durable=True, arguments=arguments)  # type: ignore[arg-type]
        await queue.bind(exchange, key)
        return queue


def _sent(key: str, outcomes: Sequence[Outcome]) -> None:
    (outcome,) = outcomes
    if outcome is Outcome.UNROUTABLE:
        raise Unroutable(key)
    if outcome is Outcome.AWAY:
        raise Unavailable("broker.connection", "the broker can't be reached, or did not take the message")
