"""Erasing a referral: proposed by one person, approved by another, done once, and done again after a restore.

What is destroyed: the keys of the referral and of those messages and persons that no other referral needs, the look-up
hashes of those persons, and the text and salt of every entry of the log that names the digest of a document: whoever
has a copy could else show that it was theirs. The tree keeps the commitments and stays whole; the entry
``erasure.done`` names their places, and the ledger names all of it outside the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.erasure.ledger import Erased, Ledger
from gateway.log import Event, Log
from gateway.store import Reading, Store, Work
from gateway.store.records import ErasureRecord, HoldRecord
from gateway.vault import Vault
from schemas.errors import Conflict, Unavailable, Unknown

HUB = "hub"
_DIGESTS = frozenset({"digest", "signed"})
"""Members of an entry's detail that name a document by what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an erasure would destroy: how many keys, and how many entries of the log would say nothing any more."""

    referral: str
    scopes: int
    entries: int
    held: bool


class Erasing:
    """Erases. ``clock`` gives the aware UTC time."""

    def __init__(self, store: Store, vault: Vault, log: Log, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._log = log
        self.ledger = ledger
        self._clock = clock

    async def hold(self, referral: str, reason: str, *, actor: str) -> None:
        """Put a referral under legal hold. ``reason`` is a code or a case's reference, because the log takes no text.

        Raises:
            Unknown: no such referral. Conflict: it is held already, or erased.
        """
        now = self._clock()
        async with self._store.work() as work:
            await work.referrals.lock(referral)
            erasure = await work.erasures.get(referral)
            if erasure is not None and erasure.approved_by is not None:
                raise Conflict("erasure.done", "it was erased: nothing is left to hold")
            if not await work.erasures.place_hold(
                HoldRecord(referral_id=referral, reason=reason, placed_by=actor, placed_at=now)
            ):
                raise Conflict("hold.exists", "it is under hold already")
            await self._say(work, Event.HOLD_PLACED, referral, actor, {"reason": reason})
            await work.commit()

    async def lift(self, referral: str, *, actor: str) -> None:
        """Lift a legal hold. Raises: Unknown: there is none."""
        async with self._store.work() as work:
            if not await work.erasures.lift_hold(referral):
                raise Unknown("hold.unknown", "it is not under hold")
            await self._say(work, Event.HOLD_LIFTED, referral, actor, {})
            await work.commit()

    async def preview(self, referral: str) -> Preview:
        """What erasing would destroy, with nothing done. Raises: Unknown: no such referral."""
        async with self._store.reading() as work:
            scopes, entries = await _reach(work, referral)
            held = await work.erasures.hold(referral) is not None
        return Preview(referral=referral, scopes=len(scopes), entries=len(entries), held=held)

    async def propose(self, referral: str, reason: str, *, actor: str) -> None:
        """Propose to erase a referral; ``reason`` is a code.

        Raises:
            Unknown: no such referral. Conflict: it is under hold, not closed, or erased already.
        """
        async with self._store.work() as work:
            record = await work.referrals.lock(referral)
            await _require_free(work, referral)
            if record.closed_at is None:
                raise Conflict("erasure.open", "close the referral first: its clocks are running")
            found = ErasureRecord(referral_id=referral, reason=reason, proposed_by=actor, proposed_at=self._clock())
            await work.erasures.put(found)
            await self._say(work, Event.ERASURE_PROPOSED, referral, actor, {"reason": reason})
            await work.commit()

    async def approve(self, referral: str, *, actor: str) -> Erased:
        """Approve what somebody else proposed, and erase. The approval is committed first: what follows is owed.

        Raises:
            Unknown: nobody proposed it. Conflict: it is under hold, erased already, or proposed by the same person.
            Unavailable: store or ledger are not there; the approval stands, the next start erases.
        """
        async with self._store.work() as work:
            await work.referrals.lock(referral)
            found = await work.erasures.get(referral)
            if found is None:
                raise Unknown("erasure.unknown", "nobody proposed to erase it")
            await _require_free(work, referral)
            if found.proposed_by == actor:
                raise Conflict("erasure.same_person", "somebody else approves it")
            await work.erasures.put(replace(found, approved_by=actor, approved_at=self._clock()))
            await self._say(work, Event.ERASURE_APPROVED, referral, actor, {"proposed_by": found.proposed_by})
            await work.commit()
        return await self._erase(referral)

    async def status(self) -> list[ErasureRecord]:
        """Every erasure, the oldest first."""
        async with self._store.reading() as work:
            return await work.erasures.every()

    async def catch_up(self) -> int:
        """Do what the ledger tells and this database does not know, and what was approved and not done; how many.

        Raises:
            Unavailable: the ledger is missing or shorter than the database says: nothing may be served.
            Rejected: the ledger does not hold.
        """
        lines, done = self.ledger.read(), 0
        async with self._store.reading() as work:
            known = await work.erasures.last_number()
            owed = [one.referral_id for one in await work.erasures.every() if one.approved_by and one.number is None]
        if len(lines) < known:
            raise Unavailable(
                "erasure.ledger.short",
                f"the database knows {known} erasures and the ledger tells {len(lines)}: put the newest ledger back",
                at="retention.ledger",
            )
        for line in lines[known:]:
            await self._destroy(line)
            done += 1
        told = {line.referral for line in lines}
        for referral in owed:
            if referral not in told:
                await self._erase(referral)
                done += 1
        return done

    async def _erase(self, referral: str) -> Erased:
        await self._log.sequence()  # so that every entry that is blanked has its place by then
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            scopes, entries = await _reach(work, referral)
            # The ledger first: what it tells is done again after any crash, what it does not tell was not erased.
            line = self.ledger.add(referral, scopes, entries, now=self._clock())
            await self._carry_out(work, line)
            await work.commit()
        return line

    async def _destroy(self, line: Erased) -> None:
        await self._log.sequence()
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            await self._carry_out(work, line)
            await work.commit()

    async def _carry_out(self, work: Work, line: Erased) -> None:
        now = self._clock()
        await work.erasures.forget(line.referral, line.scopes)
        for scope in line.scopes:
            await self._vault.destroy(work, scope, now=now)
        leaves = await work.erasures.blank(line.entries)
        found = await work.erasures.get(line.referral) or ErasureRecord(
            referral_id=line.referral, reason="ledger", proposed_by=HUB, proposed_at=now
        )
        await work.erasures.put(replace(found, number=line.number, done_at=now))
        detail: dict[str, str | int | list[int]] = {"leaves": leaves, "scopes": len(line.scopes), "number": line.number}
        await self._say(work, Event.ERASURE_DONE, line.referral, HUB, detail)

    async def _say(
        self, work: Work, event: Event, referral: str, actor: str, detail: dict[str, str | int | list[int]]
    ) -> None:
        await self._log.append(
            work, event=event, actor=actor, now=self._clock(), referral=referral, subject=referral, detail=detail
        )


async def _require_free(work: Work, referral: str) -> None:
    if await work.erasures.hold(referral) is not None:
        raise Conflict("erasure.held", "it is under legal hold: lift the hold first")
    found = await work.erasures.get(referral)
    if found is not None and found.approved_by is not None:
        raise Conflict("erasure.done", "its erasure was approved already")


async def _reach(work: Reading, referral: str) -> tuple[list[str], list[str]]:
    """The scopes to destroy and the entries to blank. Raises: Unknown: no such referral."""
    record = await work.referrals.get(referral)
    alone: Sequence[str] = await work.erasures.alone(referral)
    entries = {one.id: one for one in (*await work.log.of_referral(referral), *await work.log.about(alone))}
    named = [name for name, one in entries.items() if one.entry and _DIGESTS & json.loads(one.entry)["detail"].keys()]
    return [record.scope, *alone], sorted(named)
