"""The senders: each keeps a letter until it is answered, and writes down every attempt and every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aio_pika

from sandbox import mllp
from sandbox.agency import Client
from sandbox.natives.police import MEDIA_TYPE
from tests.faults.patience import NotYet, until_done
from tests.faults.traffic import AMQP, HTTP, Letter, digest


@dataclass
class Ledger:
    """By feed and digest of the bytes: how often they were sent, the answers that came, and what they were.

    A broker's confirmation is an answer too: from then on the message is the hub's to lose.
    """

    attempts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[tuple[str, str], list[bytes]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[tuple[str, str], Letter] = field(default_factory=dict)
    contradictions: dict[tuple[str, str], Letter] = field(default_factory=dict)
    bodies: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    message_ids: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many answers came in all."""
        return sum(map(len, self.answers.values()))


@dataclass(kw_only=True)
class Senders:
    """Ways in to one hub. ``broker`` makes a connection to the broker, where there is one."""

    ledger: Ledger
    mllp_port: int
    desk: Client
    broker: Callable[[], Awaitable[aio_pika.abc.AbstractConnection]] | None
    prefix: str

    async def send(self, letter: Letter) -> None:
        """Send a letter until it is answered, then again as often as it says, then its contradiction."""
        self.ledger.letters[letter.feed, letter.digest] = letter
        await self._until_answered(letter.feed, letter.body)
        for _ in range(letter.again):
            await self._until_answered(letter.feed, letter.body)
        if letter.other:
            self.ledger.contradictions[letter.feed, digest(letter.other)] = letter
            await self._until_answered(letter.feed, letter.other)

    async def _until_answered(self, feed: str, body: bytes) -> None:
        key = (feed, digest(body))
        self.ledger.bodies[key] = body

        async def attempt() -> bytes:
            self.ledger.attempts[key] += 1
            return await self._attempt(feed, body, key)

        self.ledger.answers[key].append(await until_done(attempt))

    async def _attempt(self, feed: str, body: bytes, key: tuple[str, str]) -> bytes:
        if feed == AMQP:
            return await self._publish(body, key)
        if feed == HTTP:
            reply = await self.desk.notify(feed, body, MEDIA_TYPE)
            if reply.status not in {202, 409, 422}:
                raise NotYet
            self.ledger.message_ids[key] = reply.headers["Mash-Message-Id"]
            return reply.body
        answer = await mllp.send("127.0.0.1", self.mllp_port, body)
        verdict = answer.partition(b"\rMSA|")[2][:2]
        if verdict not in {b"AA", b"AE"}:
            raise NotYet
        return answer

    async def _publish(self, body: bytes, key: tuple[str, str]) -> bytes:
        if self.broker is None:
            raise NotYet
        async with await self.broker() as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(f"{self.prefix}mash.in", ensure=False)
            message = aio_pika.Message(
                body,
                message_id=key[1],
                user_id="guest",
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await exchange.publish(message, f"feed.{AMQP}", mandatory=True, timeout=10)
        return b"confirmed"
