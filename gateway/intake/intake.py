"""Intake: bytes from a sender who is known, to a durable end and an answer in the sender's own format.

Nothing is answered before it is committed. A message that was accepted, kept in quarantine or found to be there already
is one row and one transaction, with its items, its referral and its log entry.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from adapters.port import Adapter, Answer, FeedContext, Problem, Receipt
from adapters.port import Fate as Told
from crypto import lookup
from gateway.intake.front_door import Arrived, FrontDoor
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import Fate, MessageRecord
from gateway.vault import Vault
from gateway.world import World
from schemas import opaque
from schemas.errors import MashError, Unavailable
from schemas.hub import FeedSection
from schemas.notification import Reading

BYTES_PLACE = "messages.sealed"
ANSWER_PLACE = "messages.answer_sealed"
# Parsing that takes longer than this many bytes' worth would hold up every other connection.
_OFF_THE_LOOP = 64 * 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed with its adapter, as the composition root bound them."""

    section: FeedSection
    adapter: Adapter
    context: FeedContext


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the sender is told, and the id under which the message is kept (empty where it is not)."""

    answer: Answer
    message_id: str
    fate: Told


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    """One message as it came: the bytes, their digest (SHA-256, hex), who sent them, when (UTC)."""

    feed: Feed
    payload: bytes
    digest: str
    client: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What an adapter made of a message: a reading, or the problem that keeps it from being read."""

    reading: Reading | None
    problem: Problem | None


class _AlreadyThere(Exception):
    """The same identity was committed by a rival while this message was being kept."""


class Intake:
    """Receives messages, whatever they came over."""

    def __init__(self, *, world: World, store: Store, keys: Keys, vault: Vault, log: Log, door: FrontDoor) -> None:
        self._world = world
        self._store = store
        self._keys = keys
        self._vault = vault
        self._log = log
        self._door = door

    async def receive(self, feed: Feed, payload: bytes, client: str | None) -> Answered:
        """Take one message from ``client`` (its enrolled id) to its end.

        Raises nothing for whatever the bytes are: the answer says it. Where the store can't take it now, the answer is
        the format's own word for *try again*.
        """
        came = _Arrival(
            feed=feed,
            payload=payload,
            digest=hashlib.sha256(payload).hexdigest(),
            client=client,
            at=self._world.now(),
        )
        try:
            read = await self._read(feed, payload)
            try:
                return await self._keep(came, read)
            except _AlreadyThere:
                # The same message came twice at once and the other one was first: now it is there to be found.
                return await self._keep(came, read)
        except Unavailable as error:
            _log.warning("intake.unavailable", feed=feed.section.name, code=error.code)
            return self._told(came, Told.UNAVAILABLE, Problem(code=error.code, detail="try again; nothing was kept"))

    async def refuse(self, feed: Feed, error: MashError, client: str) -> Answered:
        """Refuse a known sender's message without keeping it, counted and logged."""
        came = _Arrival(feed=feed, payload=b"", digest="", client=client, at=self._world.now())
        name = feed.section.name
        async with self._store.work() as work:
            await work.messages.count(name, Fate.REFUSED)
            await self._log.append(
                work,
                event=Event.MESSAGE_REFUSED,
                actor=client,
                now=came.at,
                detail={"feed": name, "code": error.code},
            )
            await work.commit()
        return self._told(came, Told.REFUSED, Problem(code=error.code, at=error.at, detail=error.detail))

    def turned_away(self, feed: Feed, error: MashError) -> Answer:
        """The answer to somebody unknown: in the feed's own format, about bytes that nobody read."""
        came = _Arrival(feed=feed, payload=b"", digest="", client=None, at=self._world.now())
        return self._told(came, Told.REFUSED, Problem(code=error.code, detail=error.detail)).answer

    async def read_again(self, feed: Feed, payload: bytes) -> Reading:
        """What the adapter makes of kept bytes now.

        Raises:
            Rejected, TooLarge: still nothing.
        """
        return await self._parse(feed, payload)

    async def _read(self, feed: Feed, payload: bytes) -> _Read:
        try:
            return _Read(reading=await self._parse(feed, payload), problem=None)
        except MashError as error:
            return _Read(reading=None, problem=Problem(code=error.code, at=error.at, detail=error.detail))
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            _log.error("adapter.fault", adapter=feed.adapter.name, kind=type(error).__name__)
            problem = Problem(
                code="adapter.fault", detail="the fault is the hub's; the message is kept and will be replayed"
            )
            return _Read(reading=None, problem=problem)

    async def _parse(self, feed: Feed, payload: bytes) -> Reading:
        if len(payload) <= _OFF_THE_LOOP:
            return feed.adapter.read(payload, feed.context)
        return await asyncio.to_thread(feed.adapter.read, payload, feed.context)

    async def _keep(self, came: _Arrival, read: _Read) -> Answered:
        identity = self._identity(came, read)
        async with self._store.work() as work:
            first = await self._first(work, came.feed.section.name, identity)
            answered = (
                await self._new(work, came, read, identity[0])
                if first is None
                else await self._again(work, came, first)
            )
            await work.commit()
        return answered

    @staticmethod
    async def _first(work: Work, feed: str, identity: tuple[str, ...]) -> MessageRecord | None:
        for candidate in identity:
            found = await work.messages.find(feed, candidate)
            if found is not None:
                return found
        return None

    def _identity(self, came: _Arrival, read: _Read) -> tuple[str, ...]:
        """The keyed hashes of the message's identity: the sender's own id, or the bytes where none could be read."""
        native = f"id:{read.reading.native_id}" if read.reading else f"bytes:{came.digest}"
        return lookup.lookup_keys(f"message:{came.feed.section.name}", native, self._keys.lookup())

    async def _again(self, work: Work, came: _Arrival, first: MessageRecord) -> Answered:
        if first.digest == came.digest:
            return await self._repeat(work, came, first)
        before = await work.messages.find_conflict(first.id, came.digest)
        if before is not None:
            return await self._repeat(work, came, before)
        detail = "this identity came before with other content; both are kept"
        problem = Problem(code="message.conflict", detail=detail)
        record = await self._store_message(work, came, Told.CONFLICT, problem, conflict_with=first.id)
        await self._say(work, Event.MESSAGE_CONFLICT, came, record.id, {"first": first.id})
        return self._told(came, Told.CONFLICT, problem, record.id)

    async def _repeat(self, work: Work, came: _Arrival, first: MessageRecord) -> Answered:
        """The first answer again, byte for byte."""
        await work.messages.count(came.feed.section.name, Fate.DUPLICATE)
        await self._say(work, Event.MESSAGE_DUPLICATE, came, first.id, {})
        body = await self._vault.open(work, first.scope, first.answer_sealed, aad=f"{ANSWER_PLACE}.{first.id}")
        answer = Answer(status=first.answer_status, media_type=first.answer_media_type, body=body)
        return Answered(answer=answer, message_id=first.id, fate=Told.DUPLICATE)

    async def _new(self, work: Work, came: _Arrival, read: _Read, native_hash: str) -> Answered:
        told = Told.QUARANTINED if read.reading is None else Told.ACCEPTED
        event = Event.MESSAGE_QUARANTINED if read.reading is None else Event.MESSAGE_ACCEPTED
        record = await self._store_message(work, came, told, read.problem, native_hash=native_hash)
        detail = {"digest": came.digest} | ({"code": read.problem.code} if read.problem else {})
        await self._say(work, event, came, record.id, detail)
        if read.reading is not None:
            arrived = Arrived(message_id=record.id, scope=record.scope, agency=record.agency, at=came.at)
            await self._door.admit(work, arrived, read.reading)
        return self._told(came, told, read.problem, record.id)

    async def _store_message(
        self,
        work: Work,
        came: _Arrival,
        told: Told,
        problem: Problem | None,
        *,
        native_hash: str | None = None,
        conflict_with: str | None = None,
    ) -> MessageRecord:
        name, feed = self._world.name(opaque.Prefix.MESSAGE), came.feed
        await self._vault.new_scope(work, name, now=came.at)
        answer = self._told(came, told, problem, name).answer
        record = MessageRecord(
            id=name,
            feed=feed.section.name,
            agency=feed.section.agency,
            client=came.client,
            adapter=feed.adapter.name,
            adapter_version=feed.adapter.version,
            native_hash=native_hash,
            digest=came.digest,
            fate=Fate.ACCEPTED if told is Told.ACCEPTED else Fate.QUARANTINED,
            reason_code=problem.code if problem else None,
            reason_at=problem.at if problem else None,
            received_at=came.at,
            scope=name,
            sealed=await self._vault.seal(work, name, came.payload, aad=f"{BYTES_PLACE}.{name}"),
            answer_status=answer.status,
            answer_media_type=answer.media_type,
            answer_sealed=await self._vault.seal(work, name, answer.body, aad=f"{ANSWER_PLACE}.{name}"),
            conflict_with=conflict_with,
        )
        if not await work.messages.add(record):
            raise _AlreadyThere
        return record

    @staticmethod
    def _told(came: _Arrival, told: Told, problem: Problem | None, message_id: str = "") -> Answered:
        receipt = Receipt(fate=told, at=came.at, message_id=message_id, problem=problem)
        answer = came.feed.adapter.answer(came.payload, receipt, came.feed.context)
        return Answered(answer=answer, message_id=message_id, fate=told)

    async def _say(self, work: Work, event: Event, came: _Arrival, subject: str, detail: dict[str, str]) -> None:
        detail = {"feed": came.feed.section.name, **detail}
        await self._log.append(
            work, event=event, actor=came.client or "hub", now=came.at, subject=subject, detail=detail
        )
