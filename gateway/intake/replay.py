"""Replay: what was quarantined goes through again under its own identity, once its adapter is mended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.port import Fate as Told
from adapters.port import Receipt
from gateway.intake.front_door import Arrived, FrontDoor
from gateway.intake.intake import ANSWER_PLACE, BYTES_PLACE, Feed, Intake
from gateway.intake.loading import load
from gateway.intake.working_set import WorkingSet
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import Fate, MessageRecord
from gateway.vault import Vault
from gateway.world import World
from schemas.errors import Conflict, MashError, Unknown


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a replay did, or would do: the fate it leads to, and why it stays in quarantine where it does."""

    message_id: str
    fate: Told
    code: str = ""
    at: str = ""
    items: int = 0


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Replays kept messages, one at a time."""

    world: World
    store: Store
    vault: Vault
    log: Log
    intake: Intake
    door: FrontDoor

    async def one(self, feed: Feed, name: str, *, actor: str, dry_run: bool) -> Replayed:
        """Put one quarantined message through again. With ``dry_run`` nothing is changed.

        Raises:
            Unknown: no such message in this feed.
            Conflict: it is not in quarantine, or it conflicts with another that stands.
        """
        async with self.store.work() as work:
            message = await work.messages.lock(name)
            if message.feed != feed.section.name:
                raise Unknown("message.unknown", at="id")
            if message.fate != Fate.QUARANTINED:
                raise Conflict("message.not_quarantined", "only what is in quarantine is replayed", at="id")
            if message.conflict_with is not None:
                raise Conflict(
                    "message.conflict", "its identity belongs to another message; a person compares them", at="id"
                )
            payload = await self.vault.open(work, message.scope, message.sealed, aad=f"{BYTES_PLACE}.{name}")
            try:
                reading = await self.intake.read_again(feed, payload)
            except MashError as error:
                return Replayed(message_id=name, fate=Told.QUARANTINED, code=error.code, at=error.at)
            hashes = self.intake.identity(feed, f"id:{reading.native_id}")
            others = [found for one in hashes if (found := await work.messages.find(feed.section.name, one))]
            told = Told.DUPLICATE if any(other.id != name for other in others) else Told.ACCEPTED
            outcome = Replayed(message_id=name, fate=told, items=len(reading.items))
            if dry_run:
                return outcome
            if told is Told.DUPLICATE:
                await work.messages.replace_fate(
                    replace(message, fate=Fate.DUPLICATE, reason_code=None, reason_at=None)
                )
            else:
                await self._accept(work, feed, message, payload, hashes[0])
                # The clock of a child's referral runs from when the hub first had the bytes, not from their mending.
                arrived = Arrived(message_id=name, scope=message.scope, agency=message.agency, at=message.received_at)
                working = WorkingSet(await load(work.sets, self.vault, self.door.wanted(reading, message.received_at)))
                working.known.scopes[message.scope] = await self.vault.scope(work, message.scope)
                self.door.admit(working, arrived, reading)
                await work.sets.write(*working.writes(work.sets.dialect))
            await self.log.append(
                work,
                event=Event.MESSAGE_REPLAYED,
                actor=actor,
                now=self.world.now(),
                subject=name,
                detail={"feed": feed.section.name, "fate": str(told)},
            )
            await work.commit()
        return outcome

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
