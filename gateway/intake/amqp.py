"""What comes in over the broker: notifications of feeds that use it, and agencies' answers.

Who sent a message is its ``user_id``, which the broker checks against the connection that published it. A message is
acknowledged once its fate is stored; while the store is away it goes back to the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aio_pika.abc import AbstractIncomingMessage

from gateway.agencies import Agencies
from gateway.casework.answers import AnswerDesk
from gateway.delivery.broker import Broker
from gateway.intake.intake import Feed, Intake
from gateway.intake.refusals import Refusals
from gateway.store import Store
from gateway.store.records import ClientRow
from schemas.errors import MashError, TooLarge, Unavailable

Take = Callable[[AbstractIncomingMessage], Awaitable[None]]
_PAUSE = 1.0
_logger = structlog.get_logger(__name__)


class AmqpIntake:
    """Consumes the intake queues."""

    def __init__(
        self,
        *,
        broker: Broker,
        store: Store,
        intake: Intake,
        answers: AnswerDesk,
        refusals: Refusals,
        feeds: Sequence[Feed],
        agencies: Agencies,
        owners: Sequence[str],
        limit: int,
    ) -> None:
        self._broker = broker
        self._store = store
        self._intake = intake
        self._answers = answers
        self._refusals = refusals
        self._feeds = feeds
        self._agencies = agencies
        self._owners = owners
        self._limit = limit

    async def start(self) -> None:
        """Begin to consume: the queue of every feed whose sender uses the broker, and of every agency's answers.

        All at once: a queue that the broker can't serve just now keeps no other waiting.

        Raises:
            Unavailable: a queue could not be consumed, or the broker is away; the others may be consumed already.
        """
        feeds = [feed for feed in self._feeds if feed.section.authentication == "amqp"]
        await asyncio.gather(
            *(self._broker.consume(f"feed.{feed.section.name}", self._notification(feed)) for feed in feeds),
            *(self._broker.consume(f"agency.{agency}.disclosures", self._answer(agency)) for agency in self._owners),
        )

    def _notification(self, feed: Feed) -> Take:
        async def take(message: AbstractIncomingMessage) -> None:
            async with _settled(message):
                sender = await self._sender(message, feed.section.agency, "notify")
                if sender is None or (feed.section.client and sender.client_id != feed.section.client):
                    await self._refusals.unauthenticated(f"feed.{feed.section.name}", "amqp.unknown_sender")
                    answer = self._intake.turned_away(feed, MashError("credential.invalid"))
                    await self._reply(message, feed, answer.body, answer.media_type)
                    await message.reject(requeue=False)
                    return
                if len(message.body) > self._limit:
                    error = TooLarge("message.too_large", "send a smaller message")
                    answered = await self._intake.refuse(feed, error, sender.client_id)
                else:
                    answered = await self._intake.receive(feed, message.body, sender.client_id)
                if answered.answer.status == 503:
                    raise Unavailable("store.unavailable")
                await message.ack()
                await self._reply(message, feed, answered.answer.body, answered.answer.media_type)

        return take

    def _answer(self, agency: str) -> Take:
        async def take(message: AbstractIncomingMessage) -> None:
            async with _settled(message):
                sender = await self._sender(message, agency, "disclose")
                if sender is None:
                    await self._refusals.unauthenticated(f"agency.{agency}.disclosures", "amqp.unknown_sender")
                    await message.reject(requeue=False)
                    return
                request = (message.headers or {}).get("request")
                try:
                    await self._answers.receive(sender, str(request), message.body[: self._limit])
                except Unavailable:
                    raise
                except MashError as error:
                    # It is in the log with its reason; the message itself goes to the dead letters.
                    _logger.warning("answer.refused", agency=agency, code=error.code)
                    await message.reject(requeue=False)
                    return
                await message.ack()

        return take

    async def _sender(self, message: AbstractIncomingMessage, agency: str, grant: str) -> ClientRow | None:
        if not message.user_id:
            return None
        async with self._store.reading() as work:
            client = await self._agencies.amqp_client(work, message.user_id)
        return client if client and client.agency == agency and grant in client.grants else None

    async def _reply(self, message: AbstractIncomingMessage, feed: Feed, body: bytes, media_type: str) -> None:
        if message.reply_to and body:  # a sender may want to hear nothing
            if not self._broker.names.may_answer(message.reply_to, feed.section.agency):
                _logger.warning("reply.not_yours", feed=feed.section.name)
                return
            try:
                await self._broker.answer(
                    message.reply_to, body, message.correlation_id or message.message_id, media_type
                )
            except MashError:
                _logger.warning("reply.lost")


class _settled:  # noqa: N801 - read as a word where it is used
    """Whatever happens, the message is settled: put back while something is away, dead-lettered for a bug."""

    def __init__(self, message: AbstractIncomingMessage) -> None:
        self._message = message

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if error is None or isinstance(error, asyncio.CancelledError):
            return False
        if isinstance(error, Unavailable):
            await asyncio.sleep(_PAUSE)
            await self._message.nack(requeue=True)
            return True
        _logger.error("amqp.bug", kind=kind.__name__ if kind else "")
        await self._message.reject(requeue=False)
        return True
