"""Where an agency's messages arrive: the broker's queue, or the hub's mailbox for an agency without a broker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity

from sandbox.door import Door
from sandbox.transcript import Transcript

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One sealed envelope as it arrived. ``settle`` takes it off; until then it is delivered again."""

    envelope: str
    kind: str
    token: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    settle: Callable[[], Awaitable[None]] = field(repr=False)


class Inbox(Protocol):
    """What the two channels have in common."""

    async def take(self) -> list[Delivery]:
        """What is there now, oldest first; nothing where there is nothing. Does not wait."""


class MailboxInbox:
    """The mailbox of one recipient at the hub."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._held: set[str] = set()

    async def take(self) -> list[Delivery]:
        """What was not taken before by this reader, oldest first."""
        reply = await self._door.call("GET", f"/v1/mailbox?limit={PAGE}")
        messages = reply.expect("the mailbox", 200).json()["messages"]
        fresh = [message for message in messages if message["id"] not in self._held]
        self._held.update(message["id"] for message in fresh)
        return [self._delivery(message["id"], message["headers"], message["body"]) for message in fresh]

    def _delivery(self, message: str, headers: Mapping[str, str], body: str) -> Delivery:
        async def settle() -> None:
            (await self._door.call("POST", f"/v1/mailbox/{message}/ack")).expect("an acknowledgement", 204)

        return delivery(headers, body, settle)


class BrokerInbox:
    """The queue of one recipient on the broker."""

    def __init__(self, connection: AbstractConnection, queue: str, transcript: Transcript) -> None:
        self._connection = connection
        self._name = queue
        self._transcript = transcript
        self._queue: AbstractQueue | None = None

    async def take(self) -> list[Delivery]:
        """What waits in the queue, oldest first. A queue that the hub has not declared yet is an empty one."""
        if self._queue is None:
            channel = await self._connection.channel()
            try:
                self._queue = await channel.get_queue(self._name, ensure=True)
            except ChannelNotFoundEntity:
                return []
        taken: list[Delivery] = []
        while (message := await self._queue.get(fail=False)) is not None:
            taken.append(self._delivery(message))
        return taken

    def _delivery(self, message: AbstractIncomingMessage) -> Delivery:
        headers = {name: _text(value) for name, value in message.headers.items()}
        self._transcript.add(message.body)
        self._transcript.add(repr(headers).encode())

        async def settle() -> None:
            await message.ack()

        return delivery(headers, message.body.decode("ascii"), settle)


def delivery(headers: Mapping[str, str], body: str, settle: Callable[[], Awaitable[None]]) -> Delivery:
    """The delivery that these headers announce. Source: the wire, section 3."""
    return Delivery(
        envelope=headers["cloudEvents_id"],
        kind=headers["cloudEvents_type"].rpartition(".")[2],
        token=headers["access-token"],
        body=body,
        headers=headers,
        settle=settle,
    )


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
