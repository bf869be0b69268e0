"""Intake: bytes from a sender who is known, to a durable end and an answer in the sender's own format.

Nothing is answered before it is committed. A message that was accepted, kept in quarantine or found to be there already
is one row, in one transaction with its items, its referral and its log entry. Messages that come at once share that
transaction: whatever gathered while the last one was committed (ADR 14).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Hashable, Sequence
from typing import Literal

import structlog

from adapters.port import Answer, Problem, Receipt
from adapters.port import Fate as Told
from crypto import lookup
from gateway.delivery.notices import Notices
from gateway.gathering import Gathering
from gateway.intake.arrival import Answered, Arrival, Feed, Read, told_of, wanted_by
from gateway.intake.front_door import FrontDoor
from gateway.intake.loading import Wanted, load
from gateway.intake.merging import Arrived
from gateway.intake.thin import Completes, is_thin
from gateway.intake.working_set import Known, WorkingSet
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store
from gateway.store.direct import intake as sets
from gateway.store.direct.statement import NotWhole
from gateway.store.records import DetailRecord, Fate, MessageRecord
from gateway.vault import Vault
from gateway.world import World
from schemas import opaque
from schemas.errors import MashError, Unavailable
from schemas.notification import Reading

__all__ = ["ANSWER_PLACE", "BYTES_PLACE", "MOST_TOGETHER", "Answered", "Feed", "Intake"]

BYTES_PLACE = "messages.sealed"
ANSWER_PLACE = "messages.answer_sealed"
# Parsing that takes longer than this many bytes' worth would hold up every other connection.
_OFF_THE_LOOP = 64 * 1024
MOST_TOGETHER = 128
"""Messages that share one transaction: enough that its cost is spread thin, few enough that nobody waits for long."""
_TRIES = 5
_log = structlog.get_logger(__name__)


class Intake:
    """Receives messages, whatever they came over."""

    def __init__(
        self,
        *,
        world: World,
        store: Store,
        keys: Keys,
        vault: Vault,
        log: Log,
        door: FrontDoor,
        notices: Notices,
    ) -> None:
        self._world = world
        self._store = store
        self._keys = keys
        self._vault = vault
        self._log = log
        self._door = door
        self._notices = notices
        self._together = Gathering(self._keep_all, most=MOST_TOGETHER)

    async def receive(
        self,
        feed: Feed,
        payload: bytes,
        client: str | None,
        source: Hashable = None,
        *,
        problem: MashError | None = None,
        completes: Completes | None = None,
    ) -> Answered:
        """Take one message from ``client`` (its enrolled id) to its end.

        Messages of one ``source``, such as a connection, are taken in their order; sources take turns. With a
        ``problem`` the door itself could not undo what it came in: it is kept in quarantine for that, unread.

        Raises nothing for whatever the bytes are: the answer says it. Where the store can't take it now, the answer is
        the format's own word for *try again*.
        """
        came = Arrival(
            feed=feed,
            payload=payload,
            digest=hashlib.sha256(payload).hexdigest(),
            client=client,
            at=self._world.now(),
            problem=None if problem is None else told_of(problem),
            completes=completes,
        )
        try:
            return await self._together.do(await self._read(came), source)
        except Unavailable as error:
            _log.warning("intake.unavailable", feed=feed.section.name, code=error.code)
            return self._told(came, Told.UNAVAILABLE, Problem(code=error.code, detail="try again; nothing was kept"))

    async def finish(self) -> None:
        """Wait until every message that was handed in is at its end."""
        await self._together.finish()

    async def refuse(self, feed: Feed, error: MashError, client: str) -> Answered:
        """Refuse a known sender's message without keeping it, counted and logged."""
        came = Arrival(feed=feed, payload=b"", digest="", client=client, at=self._world.now())
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
        return self._told(came, Told.REFUSED, told_of(error))

    def turned_away(self, feed: Feed, error: MashError) -> Answer:
        """The answer to somebody unknown: in the feed's own format, about bytes that nobody read."""
        came = Arrival(feed=feed, payload=b"", digest="", client=None, at=self._world.now())
        return self._told(came, Told.REFUSED, Problem(code=error.code, detail=error.detail)).answer

    async def read_again(self, feed: Feed, payload: bytes) -> Reading:
        """What the adapter makes of kept bytes now.

        Raises:
            Rejected, TooLarge: still nothing.
        """
        return await self._parse(feed, payload)

    async def _read(self, came: Arrival) -> Read:
        feed, reading, problem = came.feed, None, came.problem
        try:
            reading = await self._parse(feed, came.payload) if problem is None else None
        except MashError as error:
            problem = told_of(error)
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            _log.error("adapter.fault", adapter=feed.adapter.name, kind=type(error).__name__)
            problem = Problem(
                code="adapter.fault", detail="the fault is the hub's; the message is kept and will be replayed"
            )
        native = f"id:{reading.native_id}" if reading else f"bytes:{came.digest}"
        return Read(
            came=came,
            reading=reading,
            problem=problem,
            identity=self.identity(feed, native),
            wanted=self._door.wanted(reading, came.at) if reading else Wanted(),
            thin=reading is not None and came.completes is None and is_thin(feed.completing, came.payload),
        )

    def identity(self, feed: Feed, native: str) -> tuple[str, ...]:
        """The keyed hashes of a message's identity in its feed, the current key's first."""
        return lookup.lookup_keys(f"message:{feed.section.name}", native, self._keys.lookup())

    async def _parse(self, feed: Feed, payload: bytes) -> Reading:
        if len(payload) <= _OFF_THE_LOOP:
            return feed.adapter.read(payload, feed.context)
        return await asyncio.to_thread(feed.adapter.read, payload, feed.context)

    async def _keep_all(self, batch: Sequence[Read]) -> list[Answered | Exception]:
        try:
            return await self._keep(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - handed on; whatever it is, it is one message's
            if len(batch) == 1:
                return [error]
        # One of them is at fault: each by itself, so that the others do not suffer for it.
        return [outcome for one in batch for outcome in await self._keep_all([one])]

    async def _keep(self, batch: Sequence[Read]) -> list[Answered | Exception]:
        """Everyone's end, committed together.

        Raises:
            Unavailable: the store is not there, or rivals were first again and again.
        """
        wanted = wanted_by(batch)
        for _ in range(_TRIES):
            announced = self._notices.take_confirmed()
            try:
                async with self._store.direct() as work:
                    known = await load(work, self._vault, wanted)
                    working, outcomes = self._decide_all(known, batch)
                    writes = working.writes(work.dialect)
                    if working.merges:
                        await working.write(work)
                        writes = []
                    await work.commit(*writes, sets.forget_notices(announced))
            except NotWhole:
                # The same message came at another replica at once, which was first: now it is there to be found.
                self._notices.give_back(announced)
                continue
            except BaseException:
                self._notices.give_back(announced)
                raise
            if working.notices:
                self._notices.hand_over(working.notices)
            return outcomes
        raise Unavailable("store.busy", "other work was in the way again and again; try again")

    def _decide_all(self, known: Known, batch: Sequence[Read]) -> tuple[WorkingSet, list[Answered | Exception]]:
        """What becomes of each, one after the other. One that fails leaves nothing behind."""
        failed: dict[int, Exception] = {}
        while True:
            working = WorkingSet(known.copy())
            outcomes: list[Answered | Exception] = []
            for place, one in enumerate(batch):
                if place in failed:
                    outcomes.append(failed[place])
                    continue
                try:
                    outcomes.append(self._decide(working, one))
                except Unavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - handed to its sender's caller, whatever it is
                    failed[place] = error
                    break
            else:
                return working, outcomes

    def _decide(self, working: WorkingSet, read: Read) -> Answered:
        first = working.message(read.came.feed.section.name, read.identity)
        return self._new(working, read) if first is None else self._again(working, read.came, first)

    def _again(self, working: WorkingSet, came: Arrival, first: MessageRecord) -> Answered:
        if first.digest == came.digest:
            return self._repeat(working, came, first)
        before = working.conflict(first.id, came.digest)
        if before is not None:
            return self._repeat(working, came, before)
        detail = "this identity came before with other content; both are kept"
        problem = Problem(code="message.conflict", detail=detail)
        answered = self._store_message(working, came, Told.CONFLICT, problem, conflict_with=first.id)
        self._say(working, Event.MESSAGE_CONFLICT, came, answered.message_id, {"first": first.id})
        self._announce(working, came, answered, "")
        return answered

    def _repeat(self, working: WorkingSet, came: Arrival, first: MessageRecord) -> Answered:
        """The first answer again, byte for byte; of what was erased, an answer that says as much and no more."""
        working.count(came.feed.section.name, Fate.DUPLICATE)
        self._say(working, Event.MESSAGE_DUPLICATE, came, first.id, {})
        scope = working.known.scopes.get(first.scope)
        if scope is None:
            return self._told(came, Told.DUPLICATE, None, first.id)
        body = scope.open(first.answer_sealed, aad=f"{ANSWER_PLACE}.{first.id}")
        answer = Answer(status=first.answer_status, media_type=first.answer_media_type, body=body)
        return Answered(answer=answer, message_id=first.id, fate=Told.DUPLICATE)

    def _new(self, working: WorkingSet, read: Read) -> Answered:
        came, reading, problem = read.came, read.reading, read.problem
        told = Told.QUARANTINED if reading is None else Told.ACCEPTED
        event = Event.MESSAGE_QUARANTINED if reading is None else Event.MESSAGE_ACCEPTED
        answered = self._store_message(working, came, told, problem, native_hash=read.identity[0])
        name = answered.message_id
        self._say(working, event, came, name, {"digest": came.digest} | ({"code": problem.code} if problem else {}))
        referral = ""
        if reading is not None:
            arrived = Arrived(
                message_id=name,
                scope=name,
                agency=came.feed.section.agency,
                at=came.at,
                completes=came.completes.referral if came.completes else "",
            )
            referral = self._door.admit(working, arrived, reading)
        if read.thin:
            working.ask(DetailRecord(message_id=name, feed=came.feed.section.name, next_at=came.at))
        self._announce(working, came, answered, referral)
        return answered

    def _announce(self, working: WorkingSet, came: Arrival, answered: Answered, referral: str) -> None:
        if self._notices.on:
            kind: Literal["accepted", "quarantined"] = "accepted" if answered.fate is Told.ACCEPTED else "quarantined"
            working.announce(self._notices.record(answered.message_id, kind, subject=referral, at=came.at))

    def _store_message(
        self,
        working: WorkingSet,
        came: Arrival,
        told: Told,
        problem: Problem | None,
        *,
        native_hash: str | None = None,
        conflict_with: str | None = None,
    ) -> Answered:
        name, feed = self._world.name(opaque.Prefix.MESSAGE), came.feed
        scope = working.add_scope(*self._vault.fresh(name, now=came.at))
        answered = self._told(came, told, problem, name)
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
            sealed=scope.seal(came.payload, aad=f"{BYTES_PLACE}.{name}"),
            answer_status=answered.answer.status,
            answer_media_type=answered.answer.media_type,
            answer_sealed=scope.seal(answered.answer.body, aad=f"{ANSWER_PLACE}.{name}"),
            conflict_with=conflict_with,
        )
        working.add_message(record)
        return answered

    @staticmethod
    def _told(came: Arrival, told: Told, problem: Problem | None, message_id: str = "") -> Answered:
        receipt = Receipt(fate=told, at=came.at, message_id=message_id, problem=problem)
        answer = came.feed.adapter.answer(came.payload, receipt, came.feed.context)
        return Answered(answer=answer, message_id=message_id, fate=told)

    def _say(self, working: WorkingSet, event: Event, came: Arrival, subject: str, detail: dict[str, str]) -> None:
        working.note(
            self._log.draft(
                event=event,
                actor=came.client or "hub",
                now=came.at,
                subject=subject,
                detail={"feed": came.feed.section.name, **detail},
            )
        )
