"""Erasing a referral, or a message that belongs to none: proposed by one person, approved by another, done once.

It is done again after a restore. What is destroyed: its keys and those of the messages and persons that nothing else
needs, the look-up hashes of those persons, and the text and salt of every entry of the log that names the digest of a
document: whoever has a copy could else show that it was theirs. The tree keeps the commitments and stays whole; the
entry ``erasure.done`` names their places, and the ledger names all of it outside the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from crypto.canonical import JsonInput
from gateway.erasure.keks import Keks, note_line
from gateway.erasure.ledger import Erased
from gateway.log import Event, Log
from gateway.store import Reading, Store, Work
from gateway.store.records import ErasureRecord, HoldRecord, LogRecord, ReferralRecord
from gateway.vault import Vault
from schemas import opaque
from schemas.errors import Conflict, Unavailable, Unknown

HUB = "hub"
_DIGESTS = frozenset({"digest", "signed"})
"""Members of an entry's detail that name a document by what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an erasure would destroy: how many keys, and how many entries of the log would say nothing any more."""

    subject: str
    scopes: int
    entries: int
    held: bool


class Erasing:
    """Erases. ``clock`` gives the aware UTC time."""

    def __init__(self, store: Store, vault: Vault, log: Log, keks: Keks, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._log = log
        self._keks = keks
        self.ledger = keks.ledger
        self._clock = clock

    async def hold(self, subject: str, reason: str, *, actor: str) -> None:
        """Put it under legal hold. ``reason`` is a code or a case's reference, because the log takes no text.

        Raises:
            Unknown: no such referral or message. Conflict: it is held already, or erased.
        """
        now = self._clock()
        async with self._store.work() as work:
            await _lock(work, subject)
            erasure = await work.erasures.get(subject)
            if erasure is not None and erasure.approved_by is not None:
                raise Conflict("erasure.done", "it was erased: nothing is left to hold")
            if not await work.erasures.place_hold(
                HoldRecord(subject=subject, reason=reason, placed_by=actor, placed_at=now)
            ):
                raise Conflict("hold.exists", "it is under hold already")
            await self._say(work, Event.HOLD_PLACED, subject, actor, {"reason": reason})
            await work.commit()

    async def lift(self, subject: str, *, actor: str) -> None:
        """Lift a legal hold. Raises: Unknown: there is none."""
        async with self._store.work() as work:
            if not await work.erasures.lift_hold(subject):
                raise Unknown("hold.unknown", "it is not under hold")
            await self._say(work, Event.HOLD_LIFTED, subject, actor, {})
            await work.commit()

    async def preview(self, subject: str) -> Preview:
        """What erasing would destroy, with nothing done. Raises: Unknown: no such referral or message."""
        async with self._store.reading() as work:
            scopes, entries = await _reach(work, subject)
            held = subject in await work.erasures.held_of([subject])
        return Preview(subject=subject, scopes=len(scopes), entries=len(entries), held=held)

    async def propose(self, subject: str, reason: str, *, actor: str) -> None:
        """Propose to erase it; ``reason`` is a code.

        Raises:
            Unknown: no such referral or message.
            Conflict: it is under hold, not closed, part of a referral, or erased already.
        """
        async with self._store.work() as work:
            await self.propose_in(work, subject, reason, actor=actor)
            await work.commit()

    async def propose_in(self, work: Work, subject: str, reason: str, *, actor: str, bulk: str | None = None) -> None:
        """As ``propose``, in a work of the caller's; ``bulk`` names the list that it is part of."""
        await _require_free(work, subject)
        found = ErasureRecord(subject=subject, reason=reason, proposed_by=actor, proposed_at=self._clock(), bulk=bulk)
        await work.erasures.put(found)
        listed = {"bulk": bulk} if bulk else {}
        await self._say(work, Event.ERASURE_PROPOSED, subject, actor, {"reason": reason, **listed})

    async def approve(self, subject: str, *, actor: str) -> Erased:
        """Approve what somebody else proposed, and erase. The approval is committed first: what follows is owed.

        Raises:
            Unknown: nobody proposed it. Conflict: as for ``propose``, or proposed by the same person.
            Unavailable: store or ledger are not there; the approval stands, the next start erases.
        """
        async with self._store.work() as work:
            await _lock(work, subject)
            found = await work.erasures.get(subject)
            if found is None:
                raise Unknown("erasure.unknown", "nobody proposed to erase it")
            await _require_free(work, subject)
            if found.proposed_by == actor:
                raise Conflict("erasure.same_person", "somebody else approves it")
            await work.erasures.put(replace(found, approved_by=actor, approved_at=self._clock()))
            await self._say(work, Event.ERASURE_APPROVED, subject, actor, {"proposed_by": found.proposed_by})
            await work.commit()
        return await self._erase(subject)

    async def status(self) -> list[ErasureRecord]:
        """Every erasure, the oldest first."""
        async with self._store.reading() as work:
            return await work.erasures.every()

    async def catch_up(self) -> int:
        """Do what the ledger tells and this database does not know, and what was approved and not done; how many.

        Raises:
            Unavailable: the ledger is missing or shorter than the database says, or the database is older than
                backups are kept: nothing may be served.
            Rejected: the ledger does not hold.
        """
        lines, done = self.ledger.read(), 0
        async with self._store.reading() as work:
            known = await work.erasures.last_number()
            owed = [one.subject for one in await work.erasures.every() if one.approved_by and one.number is None]
        if len(lines) < known:
            raise Unavailable(
                "erasure.ledger.short",
                f"the database knows {known} erasures and the ledger tells {len(lines)}: put the newest ledger back",
                at="retention.ledger",
            )
        for line in lines[known:]:
            await self._again(line)
            done += 1
        told = {line.subject for line in lines}
        for subject in owed:
            if subject not in told:
                await self._erase(subject)
                done += 1
        return done

    async def _erase(self, subject: str) -> Erased:
        await self._log.sequence()  # so that every entry that is blanked has its place by then
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            scopes, entries = await _reach(work, subject)
            keks = sorted({(await work.scopes.get(scope)).kek_version for scope in scopes})
            # The ledger first: what it tells is done again after any crash, what it does not tell was not erased.
            line = self.ledger.add(subject, scopes, entries, keks, now=self._clock())
            await self._carry_out(work, line)
            await work.commit()
        await self._log.sequence()  # until the entry has its place, the blank leaves look like somebody's work
        return line

    async def _again(self, line: Erased) -> None:
        if line.keks and not line.scopes:  # the end of a version of the key-encryption key
            now = self._clock()
            await self._keks.again(line.subject, now)
            async with self._store.work() as work:
                await note_line(work, line.subject, line.number, now)
                await work.commit()
            return
        await self._log.sequence()
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            await self._carry_out(work, line)
            await work.commit()
        await self._log.sequence()  # until the entry has its place, the blank leaves look like somebody's work

    async def _carry_out(self, work: Work, line: Erased) -> None:
        now = self._clock()
        await work.erasures.forget(line.subject, line.scopes)
        await work.erasures.forget_due(line.subject)
        for scope in line.scopes:
            await self._vault.destroy(work, scope, now=now)
        leaves = await work.erasures.blank(line.entries)
        found = await work.erasures.get(line.subject) or ErasureRecord(
            subject=line.subject, reason="ledger", proposed_by=HUB, proposed_at=now
        )
        await work.erasures.put(replace(found, number=line.number, done_at=now))
        detail: dict[str, JsonInput] = {"leaves": leaves, "scopes": len(line.scopes), "number": line.number}
        await self._say(work, Event.ERASURE_DONE, line.subject, HUB, detail)

    async def _say(self, work: Work, event: Event, subject: str, actor: str, detail: Mapping[str, JsonInput]) -> None:
        referral = subject if opaque.is_name(subject, opaque.Prefix.REFERRAL) else None
        await self._log.append(
            work, event=event, actor=actor, now=self._clock(), referral=referral, subject=subject, detail=detail
        )


async def _lock(work: Work, subject: str) -> ReferralRecord | None:
    """Keep it from other work; the referral, or None of a message.

    Raises:
        Unknown: no such referral or message.
    """
    if opaque.is_name(subject, opaque.Prefix.MESSAGE):
        await work.messages.lock(subject)
        return None
    return await work.referrals.lock(subject)


async def _require_free(work: Work, subject: str) -> None:
    """Return if it may be erased as it is now, and keep it so until this work ends.

    Raises:
        Unknown: no such referral or message.
        Conflict: it is under hold, not closed, part of a referral, or its erasure was approved.
    """
    referral = await _lock(work, subject)
    if await work.erasures.hold(subject) is not None:
        raise Conflict("erasure.held", "it is under legal hold: lift the hold first")
    found = await work.erasures.get(subject)
    if found is not None and found.approved_by is not None:
        raise Conflict("erasure.done", "its erasure was approved already")
    if referral is not None and referral.closed_at is None:
        raise Conflict("erasure.open", "close the referral first: its clocks are running")
    if referral is None and any(item.referral_id for item in await work.messages.items(subject)):
        raise Conflict("erasure.belongs", "it belongs to a referral: erase that one")


async def _reach(work: Reading, subject: str) -> tuple[list[str], list[str]]:
    """The scopes to destroy and the entries to blank. Raises: Unknown: no such referral or message."""
    if opaque.is_name(subject, opaque.Prefix.MESSAGE):
        await work.messages.get(subject)
        scopes, found = await work.erasures.alone_in(subject), list[LogRecord]()
    else:
        record = await work.referrals.get(subject)
        scopes = [record.scope, *await work.erasures.alone_on(subject)]
        found = await work.log.of_referral(subject)
    entries = {one.id: one for one in (*found, *await work.log.about([subject, *scopes]))}
    named = [name for name, one in entries.items() if one.entry and _DIGESTS & json.loads(one.entry)["detail"].keys()]
    return scopes, sorted(named)
