"""What is due to be erased: looked for in the background, a bounded batch at a time, and proposed to people.

One process of a hub looks at a time. How far it came, and what it found, commit together: what was stopped goes on. A
birthday that a period hangs on is sealed, so each candidate is opened and judged; those too young to be due by any
class are never opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from gateway.casework.dossier import Dossier
from gateway.casework.notes import DecisionNote
from gateway.casework.telling import Telling
from gateway.log import Event, Log
from gateway.store import Reading, Store, Work
from gateway.store.records import DueRecord, ErasureRecord, Fate
from gateway.strongbox import Strongbox
from gateway.world import World
from routing import retention
from routing.retention import Facts, Standing, Verdict
from schemas import opaque
from schemas.errors import MashError, Unavailable
from schemas.retention import RetentionClass

BATCH = 50
"""Candidates of one round: each is opened."""
ROUND = "retention"
LEASE = timedelta(minutes=5)
AGAIN = timedelta(hours=24)
_AFTER = "retention.after"
_log = structlog.get_logger(__name__)
_Of = Literal["referral", "quarantined", "never_linked"]
_NEXT: Mapping[_Of, _Of | None] = {"referral": "quarantined", "quarantined": "never_linked", "never_linked": None}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Something due, whether a hold stands, and its erasure where somebody proposed it."""

    record: DueRecord
    held: bool
    erasure: ErasureRecord | None


@dataclass(frozen=True, kw_only=True)
class Due:
    """Looks for what is due, and judges one thing by itself. ``worker`` is this process's name."""

    world: World
    store: Store
    log: Log
    strongbox: Strongbox
    dossier: Dossier
    telling: Telling
    classes: tuple[RetentionClass, ...]
    worker: str

    async def round(self, now: datetime) -> None:
        """Look at the next batch, if it is time and nobody else does. ``now`` is aware UTC.

        Raises:
            Unavailable: the store is not there; the next round goes on.
        """
        async with self.store.reading() as reading:
            if not await reading.rounds.due(ROUND, now):
                return
        async with self.store.work() as work:
            if not await work.rounds.claim(ROUND, self.worker, now=now, until=now + LEASE):
                return
            of, after = await _place(work)
            if (of, after) == ("referral", ""):
                await work.erasures.forget_moved_on()
            found = await self._candidates(work, of, after, now)
            for subject in found:
                await self._look(work, subject, now)
            following = of if len(found) == BATCH else _NEXT[of]
            await work.settings.put(_AFTER, f"{following or 'referral'}:{found[-1] if following == of else ''}")
            await work.rounds.finish(ROUND, self.worker, now if following else now + AGAIN)
            await work.commit()

    async def judge(self, work: Reading, subject: str, now: datetime) -> Verdict:
        """Where a referral, or a message that belongs to none, stands now, and why.

        Raises:
            Unknown: there is none, or it can't be opened any more.
        """
        held = subject in await work.erasures.held_of([subject])
        if opaque.is_name(subject, opaque.Prefix.MESSAGE):
            message = await work.messages.get(subject)
            of: Literal["quarantined", "never_linked"] = (
                "quarantined" if message.fate == Fate.QUARANTINED else "never_linked"
            )
            if any(item.referral_id for item in await work.messages.items(subject)):
                return Verdict(standing=Standing.LINKED, name="", until=None, because="it belongs to a referral")
            return retention.judge_message(of, message.received_at, self.classes, now, held=held)
        return retention.judge(await self._facts(work, subject, held=held), self.classes, now)

    async def listed(self, retention_class: str | None = None, *, limit: int) -> list[Listed]:
        """What is due and not erased, the longest known first."""
        async with self.store.reading() as work:
            found = await work.erasures.all_due(retention_class, limit=limit)
            names = [one.subject for one in found]
            held, known = await work.erasures.held_of(names), await work.erasures.known_of(names)
        return [Listed(record=one, held=one.subject in held, erasure=known.get(one.subject)) for one in found]

    async def _candidates(self, work: Work, of: _Of, after: str, now: datetime) -> list[str]:
        before = retention.begins(retention.least_years(self.classes, of), now)
        if of == "referral":
            return await work.erasures.closed_before(before, after=after, limit=BATCH)
        fate = Fate.QUARANTINED if of == "quarantined" else Fate.ACCEPTED
        return await work.erasures.unlinked_before(fate, before, after=after, limit=BATCH)

    async def _look(self, work: Work, subject: str, now: datetime) -> None:
        try:
            verdict = await self.judge(work, subject, now)
        except Unavailable:
            raise
        except MashError as error:
            _log.warning("retention.unread", subject=subject, code=error.code)
            return
        # A hold defers the erasure, not the finding: whoever lifts it sees what waited.
        if verdict.until is None or now < verdict.until or verdict.standing is Standing.LINKED:
            await work.erasures.forget_due(subject)
        elif await work.erasures.note_due(DueRecord(subject=subject, retention_class=verdict.name, found_at=now)):
            referral = subject if opaque.is_name(subject, opaque.Prefix.REFERRAL) else None
            await self.log.append(
                work,
                event=Event.ERASURE_DUE,
                actor="hub",
                now=now,
                referral=referral,
                subject=subject,
                detail={"class": verdict.name},
            )

    async def _facts(self, work: Reading, name: str, *, held: bool) -> Facts:
        record = await work.referrals.get(name)
        notes = [
            await self.strongbox.take(work, record.scope, "decisions.sealed", one.id, one.sealed, DecisionNote)
            for one in await work.decisions.of_referral(name)
        ]
        subjects = [one.person for one in await self.dossier.people(work, name) if one.part.part == "subject"]
        told = await self.telling.told(work, name)
        return Facts(
            received_at=record.received_at,
            closed_at=record.closed_at,
            outcomes=frozenset(outcome for note in notes for outcome in note.outcomes),
            concerns=frozenset(concern for one in told for concern in one.categories),
            births=[retention.born(person) for person in subjects],
            looked_after=any(retention.is_looked_after(person) for person in subjects),
            held=held,
            links_open=await work.erasures.links_open(name),
        )


async def _place(work: Reading) -> tuple[_Of, str]:
    of, _, after = (await work.settings.get(_AFTER) or "referral:").partition(":")
    known: dict[str, _Of] = {name: name for name in _NEXT}
    return known.get(of, "referral"), after
