"""The readers: they take every envelope that reaches them, open it, answer what it asks, and keep what they got."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aio_pika.abc import AbstractConnection

from sandbox import disclosure, jose
from sandbox.agency import Asked, Client, Opened
from sandbox.disclosure import Group, Reply
from sandbox.failures import HubRefused, NotTrusted
from sandbox.hub_keys import HubKeys
from sandbox.inbox import BrokerInbox, Delivery, Inbox
from tests.faults.patience import PAUSE, NotYet, once, until_done


@dataclass
class Bookshelf:
    """By envelope: the releases that its reader was given, how often it arrived, and its last delivery."""

    releases: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    arrivals: Counter[str] = field(default_factory=Counter)
    deliveries: dict[str, tuple[Client, Delivery]] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    stolen: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Readers:
    """The systems of all recipients. ``connect`` makes a connection to the broker, or is None for the mailbox."""

    shelf: Bookshelf
    hub_keys: HubKeys
    clients: tuple[Client, ...]
    connect: Callable[[], Awaitable[AbstractConnection]] | None
    prefix: str

    async def read(self) -> None:
        """Take and open whatever arrives, until cancelled. Each system reads by itself: none waits for another."""
        async with asyncio.TaskGroup() as group:
            for client in self.clients:
                group.create_task(self._reading(client))

    async def _reading(self, client: Client) -> None:
        name = f"{client.keys.client_id}'s inbox"
        while True:
            try:
                await self._connected(client, name)
            except NotYet as error:
                self.shelf.waiting[name] = f"{type(error.__cause__).__name__}: {error.__cause__}"
                await asyncio.sleep(PAUSE)

    async def _connected(self, client: Client, name: str) -> None:
        if self.connect is None:
            await self._rounds(client, client.inbox, name)
            return
        connection = await once(self.connect)
        queue = f"{self.prefix}recipient.{client.keys.client_id}.inbox"
        try:
            await self._rounds(client, BrokerInbox(connection, queue, client.door.transcript), name)
        finally:
            # A connection whose broker was killed may never say that it is closed.
            with suppress(NotYet):
                await once(connection.close)

    async def _rounds(self, client: Client, inbox: Inbox, name: str) -> None:
        while True:
            for delivery in await once(inbox.take):
                await self._take(client, delivery)
            self.shelf.waiting.pop(name, None)
            await asyncio.sleep(PAUSE)

    async def _take(self, client: Client, delivery: Delivery) -> None:
        """Redeem, open (which redeems again, as a reader does that lost the first answer), and answer.

        Raises:
            NotYet: the broker went before it was taken off: it comes again.
        """
        self.shelf.arrivals[delivery.envelope] += 1
        self.shelf.deliveries[delivery.envelope] = (client, delivery)
        try:
            first = await until_done(
                lambda: self._redeemed(client, delivery), self.shelf.waiting, f"{delivery.envelope} redeemed"
            )
            self.shelf.releases[delivery.envelope].append(first)
            # On the broker a message can be taken off by the connection alone that brought it.
            opened = await (once if self.connect else until_done)(lambda: client.open(delivery))
        except (HubRefused, NotTrusted) as error:
            self.shelf.refused.append(f"{delivery.envelope}: {error}")
            return
        self.shelf.releases[delivery.envelope].append(opened.release)
        if opened.content["kind"] == "request":
            await self._answer(client, opened)

    @staticmethod
    async def _redeemed(client: Client, delivery: Delivery) -> bytes:
        return (await client.redeem(delivery)).expect("an opening", 200).body

    async def _answer(self, client: Client, opened: Opened) -> None:
        asked = await until_done(lambda: client.asked(opened), self.shelf.waiting, f"{opened.envelope} verified")
        if asked.id not in self.shelf.answered:
            signed = disclosure.answer(
                _reply(asked),
                request=asked.signed,
                claims=asked.claims,
                agency=client.agency.agency,
                lead="a professional lead",
                key=client.agency.signing,
                now=datetime.now(UTC),
            )
            sealing = await until_done(self.hub_keys.sealing)
            self.shelf.answered[asked.id] = jose.seal_to(signed.plaintext(), sealing, cty=disclosure.SEALED_CTY)
        sealed = self.shelf.answered[asked.id]

        async def given() -> None:
            (await client.send_answer(asked.id, sealed)).expect("an answer", 201)

        await until_done(given, self.shelf.waiting, f"{asked.id} answered")


def _reply(asked: Asked) -> Reply:
    """The owner discloses one thing of the first category that it is asked for."""
    held = Group(
        name="held",
        category=asked.claims["categories"][0],
        items=(("Something that the agency holds.", "record", "2026-05-01"),),
        audiences=("social_work_manager", "receiving_team"),
    )
    return Reply(decision="disclose", groups=(held,))
