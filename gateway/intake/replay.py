"""Replay: what was quarantined goes through again under its own identity, once its adapter is mended."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from adapters.port import Fate as Told
from adapters.port import Receipt
from gateway.intake.front_door import FrontDoor
from gateway.intake.intake import ANSWER_PLACE, BYTES_PLACE, Feed, Intake
from gateway.intake.loading import load
from gateway.intake.merging import Arrived
from gateway.intake.thin import is_thin
from gateway.intake.working_set import WorkingSet
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import DetailRecord, Fate, MessageOutline, MessageRecord
from gateway.vault import Vault
from gateway.world import World
from schemas.errors import Conflict, MashError, Unknown
from schemas.notification import Reading

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a message waits, as it stands in quarantine, and by which version of its adapter."""

    code: str
    at: str
    adapter_version: str


@dataclass(frozen=True, kw_only=True)
class ItemSeen:
    """The structure of an item and nothing that it says: which canonical fields it fills, and where it would end.

    ``unmapped`` counts the native values that would be kept beside it; ``quality`` are the codes of its flags.
    """

    kind: str
    end_state: str
    fields: tuple[str, ...]
    unmapped: int
    quality: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a replay did, or would do: the fate it leads to, and why it stays in quarantine where it does.

    ``was`` is the reason before; ``seen`` the structure of what would be read, for a dry run alone.
    """

    message_id: str
    feed: str
    was: Reason
    fate: Told
    code: str = ""
    at: str = ""
    items: int = 0
    seen: tuple[ItemSeen, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Approved:
    """The replay of several messages that this one belongs to, and the two people who answer for it."""

    replay_id: str
    proposed_by: str
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Replays kept messages, one at a time."""

    world: World
    store: Store
    vault: Vault
    log: Log
    intake: Intake
    door: FrontDoor

    async def one(
        self, feed: Feed, name: str, *, actor: str, dry_run: bool, approved: Approved | None = None
    ) -> Replayed:
        """Put one quarantined message through again. With ``dry_run`` nothing is changed.

        A message that still can't be read stays, with the reason of today. What came of it, the log and the replay of
        several that it belongs to are written together.

        Raises:
            Unknown: no such message in this feed.
            Conflict: it is not in quarantine, or it conflicts with another that stands.
        """
        async with self.store.work() as work:
            message = await work.messages.lock(name)
            _check(message, feed)
            payload = await self.vault.open(work, message.scope, message.sealed, aad=f"{BYTES_PLACE}.{name}")
            outcome = Replayed(
                message_id=name,
                feed=message.feed,
                was=Reason(
                    code=message.reason_code or "", at=message.reason_at or "", adapter_version=message.adapter_version
                ),
                fate=Told.QUARANTINED,
            )
            try:
                reading = await self.intake.read_again(feed, payload)
            except MashError as error:
                outcome = replace(outcome, code=error.code, at=error.at)
                reading = None
            except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
                _log.error("adapter.fault", adapter=feed.adapter.name, kind=type(error).__name__)
                outcome = replace(outcome, code="adapter.fault")
                reading = None
            if reading is None:
                changed = replace(
                    message,
                    reason_code=outcome.code,
                    reason_at=outcome.at or None,
                    adapter_version=feed.adapter.version,
                )
                if not dry_run:
                    await work.messages.replace_fate(changed)
                    await self._finish(work, outcome, actor, approved)
                return outcome
            hashes = self.intake.identity(feed, f"id:{reading.native_id}")
            others = [found for one in hashes if (found := await work.messages.find(feed.section.name, one))]
            told = Told.DUPLICATE if any(other.id != name for other in others) else Told.ACCEPTED
            outcome = replace(outcome, fate=told, items=len(reading.items))
            working = None
            if told is Told.ACCEPTED:
                # The clock of a child's referral runs from when the hub first had the bytes, not from their mending.
                arrived = Arrived(message_id=name, scope=message.scope, agency=message.agency, at=message.received_at)
                working = WorkingSet(await load(work.sets, self.vault, self.door.wanted(reading, message.received_at)))
                working.known.scopes[message.scope] = await self.vault.scope(work, message.scope)
                self.door.admit(working, arrived, reading)
            if dry_run:
                return replace(outcome, seen=_seen(reading, working))
            if working is None:
                await work.messages.replace_fate(
                    replace(message, fate=Fate.DUPLICATE, reason_code=None, reason_at=None)
                )
            else:
                await self._accept(work, feed, message, payload, hashes[0])
                await working.write(work.sets)
                if is_thin(feed.completing, payload) and await work.details.completes(name) is None:
                    await work.details.add(DetailRecord(message_id=name, feed=message.feed, next_at=self.world.now()))
            await self._finish(work, outcome, actor, approved)
        return outcome

    async def _finish(self, work: Work, outcome: Replayed, actor: str, approved: Approved | None) -> None:
        """The log's entry and the message's place in its replay, and the commit."""
        detail = {"feed": outcome.feed, "fate": str(outcome.fate)} | ({"code": outcome.code} if outcome.code else {})
        if approved is not None:
            detail |= {
                "replay": approved.replay_id,
                "proposed_by": approved.proposed_by,
                "approved_by": approved.approved_by,
            }
            await work.replays.settle(approved.replay_id, outcome.message_id, str(outcome.fate), outcome.code or None)
        await self.log.append(
            work,
            event=Event.MESSAGE_REPLAYED,
            actor=actor,
            now=self.world.now(),
            subject=outcome.message_id,
            detail=detail,
        )
        await work.commit()

    async def _accept(self, work: Work, feed: Feed, message: MessageRecord, payload: bytes, native_hash: str) -> None:
        receipt = Receipt(fate=Told.ACCEPTED, at=self.world.now(), message_id=message.id)
        answer = feed.adapter.answer(payload, receipt, feed.context)
        await work.messages.replace_fate(
            replace(
                message,
                fate=Fate.ACCEPTED,
                native_hash=native_hash,
                reason_code=None,
                reason_at=None,
                adapter_version=feed.adapter.version,
                answer_status=answer.status,
                answer_media_type=answer.media_type,
                answer_sealed=await self.vault.seal(
                    work, message.scope, answer.body, aad=f"{ANSWER_PLACE}.{message.id}"
                ),
            )
        )


def _check(message: MessageRecord, feed: Feed) -> None:
    if message.feed != feed.section.name:
        raise Unknown("message.unknown", at="id")
    require_replayable(message, at="id")


def require_replayable(message: MessageRecord | MessageOutline, *, at: str) -> None:
    """Return if a message can be replayed. ``at`` is where its caller named it.

    Raises:
        Conflict: it is not in quarantine, or its identity belongs to another message.
    """
    if message.fate != Fate.QUARANTINED:
        raise Conflict("message.not_quarantined", "only what is in quarantine is replayed", at=at)
    if message.conflict_with is not None:
        raise Conflict("message.conflict", "its identity belongs to another message; a person compares them", at=at)


def _seen(reading: Reading, working: WorkingSet | None) -> tuple[ItemSeen, ...]:
    ends = [item.end_state for item in working.items] if working is not None else []
    return tuple(
        ItemSeen(
            kind=item.notification.kind,
            end_state=ends[place] if ends else "",
            fields=tuple(sorted({mapped.field for mapped in item.provenance})),
            unmapped=len(item.unmapped),
            quality=tuple(sorted({flag.code for flag in item.notification.quality})),
        )
        for place, item in enumerate(reading.items)
    )
