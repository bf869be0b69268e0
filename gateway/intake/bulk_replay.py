"""Replays of several messages take two people: one proposes a list, another approves that very list, then it runs.

A replay runs in bounded batches, each message in a transaction of its own together with its place in the list: what was
stopped goes on where it stopped, what ran twice did nothing the second time, and one message at fault stops no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from crypto import base64url, canonical
from gateway.intake.intake import Feed
from gateway.intake.replay import Approved, Replay, Replayed, require_replayable
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Reading, Store
from gateway.store.records import ReplayMessage, ReplayRecord
from gateway.world import World
from schemas import opaque
from schemas.errors import Conflict, MashError, Refused, Rejected, Unavailable, Unknown

MOST = 5_000
"""Messages of one replay."""
BATCH = 50
"""Messages of one run."""
PREVIEWED = 50
"""Messages of one dry run: each is read anew."""
LIFE = timedelta(hours=24)
"""How long a proposal may be approved and run: the list was looked at, and quarantine moves on."""
FAILED = "failed"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which messages: by name, or those of a feed, or received from ``since`` to before ``until`` (UTC), or both."""

    messages: tuple[str, ...] = ()
    feed: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a replay stands: the proposal, and how many messages came to which outcome; waiting ones under ``""``."""

    record: ReplayRecord
    outcomes: Mapping[str, int]

    @property
    def waiting(self) -> int:
        """Messages that have not been through yet."""
        return self.outcomes.get("", 0)


class BulkReplay:
    """Where several messages are replayed at once."""

    def __init__(
        self,
        *,
        world: World,
        store: Store,
        log: Log,
        replay: Replay,
        feeds: Mapping[str, Feed],
        own: frozenset[str] | None = None,
    ) -> None:
        self._world = world
        self._store = store
        self._log = log
        self._replay = replay
        self._feeds = feeds
        self._own = own

    def within(self, own: frozenset[str] | None) -> BulkReplay:
        """The same for somebody to whom no feeds but these (None: all) are there, nor anything that came by others."""
        return BulkReplay(
            world=self._world, store=self._store, log=self._log, replay=self._replay, feeds=self._feeds, own=own
        )

    async def preview(self, selection: Selection, *, actor: str) -> tuple[list[Replayed], int]:
        """What would become of the first of these messages, oldest first, and how many there are. Changes nothing.

        Raises:
            As :meth:`propose`.
        """
        async with self._store.reading() as work:
            names = await self._chosen(work, selection)
        seen = [await self.one(name, actor=actor, dry_run=True) for name in names[:PREVIEWED]]
        return seen, len(names)

    async def propose(self, selection: Selection, *, actor: str) -> Standing:
        """Propose to replay these messages, for somebody else to approve.

        Raises:
            Rejected: no choice was made, or too many messages are chosen. Unknown: no such message, or none waits.
            Conflict: a message that was named can't be replayed.
        """
        now = self._world.now()
        async with self._store.work() as work:
            names = await self._chosen(work, selection)
            record = ReplayRecord(
                id=self._world.name(opaque.Prefix.REPLAY),
                digest=digest_of(names),
                count=len(names),
                proposed_by=actor,
                proposed_at=now,
                expires_at=now + LIFE,
            )
            await work.replays.add(record, names)
            await self._log.append(
                work,
                event=Event.REPLAY_PROPOSED,
                actor=actor,
                now=now,
                subject=record.id,
                detail={"digest": record.digest, "count": record.count, "feed": selection.feed or ""},
            )
            await work.commit()
        return Standing(record=record, outcomes={"": len(names)})

    async def approve(self, name: str, digest: str, *, actor: str) -> Standing:
        """Approve a replay, by the digest of its list. The same approval again changes nothing.

        (1) it stands and is in time; (2) the list is the one that was looked at; (3) somebody else proposed it.

        Raises:
            Unknown, Conflict: (1), (2). Refused: (3).
        """
        now = self._world.now()
        async with self._store.work() as work:
            record = await work.replays.lock(await self._theirs(work, name))
            # (1) it is in time
            _in_time(record, now)
            # (2) it is the very list
            if digest != record.digest:
                raise Conflict("replay.digest", "look at the list again: this is the digest of another", at="digest")
            # (3) it is a second person
            if actor == record.proposed_by:
                raise Refused("replay.same_person", "somebody else approves what you propose", at="id")
            if record.approved_by not in {None, actor}:
                raise Conflict("replay.approved", "somebody approved it already", at="id")
            if record.approved_by is None:
                await work.replays.approve(record.id, actor, now)
                await self._log.append(
                    work,
                    event=Event.REPLAY_APPROVED,
                    actor=actor,
                    now=now,
                    subject=record.id,
                    detail={"digest": record.digest, "count": record.count, "proposed_by": record.proposed_by},
                )
                await work.commit()
        return await self.standing(name)

    async def run(self, name: str, *, actor: str, most: int = BATCH) -> Standing:
        """Put the next messages of an approved replay through, ``most`` of them at once.

        Raises:
            Unknown: no such replay. Conflict: it is not approved, or out of time.
            Unavailable: the store went away; what is done is done, and the rest waits.
        """
        async with self._store.reading() as work:
            record = await work.replays.get(await self._theirs(work, name))
            waiting = await work.replays.waiting(name, limit=most)
        _in_time(record, self._world.now())
        if record.approved_by is None:
            raise Conflict("replay.not_approved", "somebody else approves it first", at="id")
        approved = Approved(replay_id=record.id, proposed_by=record.proposed_by, approved_by=record.approved_by)
        for one in waiting:
            try:
                await self.one(one.message_id, actor=actor, dry_run=False, approved=approved)
            except Unavailable:
                raise
            except MashError as error:
                await self._settle(one, error.code)
            except Exception as error:  # noqa: BLE001 - one message's fault is its own; it waits in quarantine as before
                _log.error("replay.fault", kind=type(error).__name__)
                await self._settle(one, "internal")
        return await self.standing(name)

    async def standing(self, name: str) -> Standing:
        """How a replay stands now.

        Raises:
            Unknown: no such replay.
        """
        async with self._store.reading() as work:
            record = await work.replays.get(await self._theirs(work, name))
            return Standing(record=record, outcomes=await work.replays.outcomes(name))

    async def messages(self, name: str) -> list[ReplayMessage]:
        """A replay's messages in order, with what became of each."""
        async with self._store.reading() as work:
            return await work.replays.messages(await self._theirs(work, name))

    async def latest(self) -> list[Standing]:
        """The replays that were proposed last, the newest first."""
        async with self._store.reading() as work:
            return [
                Standing(record=record, outcomes=await work.replays.outcomes(record.id))
                for record in await work.replays.latest()
                if self._own is None or await work.replays.feeds(record.id) <= self._own
            ]

    async def one(self, name: str, *, actor: str, dry_run: bool, approved: Approved | None = None) -> Replayed:
        """Replay one message, whichever feed it came by; or, with ``dry_run``, say what would become of it.

        Raises:
            As ``Replay.one``; Unknown: the hub's file names its feed no more.
        """
        async with self._store.reading() as work:
            found = await work.messages.outlines([name])
        if not found or not self._has(found[0].feed):
            raise Unknown("message.unknown", at="id")
        feed = self._feeds.get(found[0].feed)
        if feed is None:
            raise Unknown("feed.unknown", "the hub's file names this feed no more", at="feed")
        return await self._replay.one(feed, name, actor=actor, dry_run=dry_run, approved=approved)

    async def _settle(self, message: ReplayMessage, code: str) -> None:
        async with self._store.work() as work:
            await work.replays.settle(message.replay_id, message.message_id, FAILED, code)
            await work.commit()

    async def _chosen(self, work: Reading, selection: Selection) -> list[str]:
        if selection.messages:
            if (selection.feed, selection.since, selection.until) != (None, None, None):
                raise Rejected("replay.choice", "name messages, or a feed and a window, not both", at="messages")
            return await self._by_name(work, selection.messages)
        if selection.feed is None and selection.since is None and selection.until is None:
            raise Rejected("replay.choice", "name messages, a feed or a window", at="messages")
        if selection.feed is not None and (selection.feed not in self._feeds or not self._has(selection.feed)):
            raise Unknown("feed.unknown", "the hub's file names no such feed", at="feed")
        found = await work.messages.replayable(
            selection.feed, selection.since, selection.until, among=self._own, limit=MOST + 1
        )
        if not found:
            raise Unknown("replay.nothing", "nothing that can be replayed waits there")
        return _bounded(found)

    def _has(self, feed: str) -> bool:
        return self._own is None or feed in self._own

    async def _theirs(self, work: Reading, name: str) -> str:
        """The name of a replay that there is, to whomever this is for."""
        if self._own is not None and not await work.replays.feeds(_named(name)) <= self._own:
            raise Unknown("replay.unknown", "there is no such replay", at="id")
        return _named(name)

    async def _by_name(self, work: Reading, names: Sequence[str]) -> list[str]:
        wanted = _bounded(list(dict.fromkeys(names)))
        there = {one.id: one for one in await work.messages.outlines(wanted)}
        for place, name in enumerate(wanted):
            if name not in there or not self._has(there[name].feed):
                raise Unknown("message.unknown", at=f"messages.{place}")
            require_replayable(there[name], at=f"messages.{place}")
        return wanted


def digest_of(names: Sequence[str]) -> str:
    """What names a list of messages: SHA-256 of it as canonical JSON, base64url."""
    return base64url.encode(hashlib.sha256(canonical.dumps({"messages": list(names)})).digest())


def _bounded(names: list[str]) -> list[str]:
    if len(names) > MOST:
        raise Rejected("replay.too_many", f"choose a narrower window: {MOST} messages at most", at="messages")
    return names


def _named(name: str) -> str:
    if not opaque.is_name(name, opaque.Prefix.REPLAY):
        raise Unknown("replay.unknown", "there is no such replay", at="id")
    return name


def _in_time(record: ReplayRecord, now: datetime) -> None:
    if now >= record.expires_at:
        raise Conflict("replay.expired", "propose it again: the list may have changed", at="id")
