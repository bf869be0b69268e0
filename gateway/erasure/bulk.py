"""Erasing what is due takes two people, as one list: one proposes it, another approves that very list by its digest.

Each erasure is a work of its own, after another look: what was held, reopened or linked since the list was made stays.
What was stopped goes on when the list is approved again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from crypto import base64url, canonical
from gateway.erasure.due import Due
from gateway.erasure.erasing import Erasing
from gateway.store import Store
from gateway.store.records import ErasureRecord
from gateway.world import World
from routing.retention import Standing
from schemas import opaque
from schemas.errors import Conflict, MashError, Unknown

MOST = 200
"""Erasures of one list."""
BATCH = 20
"""Erasures of one run."""


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """A list: its name, its digest and what is on it."""

    id: str
    digest: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run did: erased, left as it is with a code why, and how many are left for the next run."""

    erased: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class BulkErasure:
    """Lists of what is due."""

    world: World
    store: Store
    due: Due
    erasing: Erasing

    async def propose(self, retention_class: str | None, *, actor: str) -> Bulk:
        """Propose to erase what is due, of one class or of all.

        Raises:
            Conflict: nothing is that may be erased now.
        """
        found = await self.due.listed(retention_class, limit=MOST)
        free = [one.record for one in found if not one.held and (one.erasure is None or not one.erasure.approved_by)]
        name = self.world.name(opaque.Prefix.ERASURE)
        async with self.store.work() as work:
            proposed = []
            for one in sorted(free, key=lambda record: record.subject):
                try:
                    await self.erasing.propose_in(work, one.subject, one.retention_class, actor=actor, bulk=name)
                except (Conflict, Unknown):
                    continue  # held, reopened or erased since it was listed
                proposed.append(one.subject)
            if not proposed:
                raise Conflict("erasure.nothing_due", "nothing is due that may be erased now")
            await work.commit()
        return Bulk(id=name, digest=_digest(proposed), subjects=tuple(proposed))

    async def shown(self, name: str) -> Bulk:
        """A list as it stands. Raises: Unknown: there is none of this name."""
        return _bulk(name, await self._members(name))

    async def approve(self, name: str, digest: str, *, actor: str) -> Run:
        """Approve a list that somebody else proposed, and erase the next of it.

        Raises:
            Unknown: there is no such list. Conflict: it is another than was looked at, or the same person's.
            Unavailable: store or ledger are not there: what was approved is owed.
        """
        members = await self._members(name)
        if _bulk(name, members).digest != digest:
            raise Conflict("erasure.digest", "this is not the list as it stands: look at it again", at="digest")
        if any(one.proposed_by == actor for one in members):
            raise Conflict("erasure.same_person", "somebody else approves it")
        erased, left = list[str](), list[tuple[str, str]]()
        waiting = [one.subject for one in members if one.approved_by is None]
        while waiting and len(erased) < BATCH:
            subject = waiting.pop(0)
            code = await self._why_not(subject)
            if code is None:
                try:
                    await self.erasing.approve(subject, actor=actor)
                except Conflict as error:
                    code = error.code
            if code is None:
                erased.append(subject)
            else:
                left.append((subject, code))
        return Run(erased=tuple(erased), left=tuple(left), waiting=len(waiting))

    async def _why_not(self, subject: str) -> str | None:
        now = self.world.now()
        try:
            async with self.store.reading() as work:
                verdict = await self.due.judge(work, subject, now)
        except MashError as error:
            return error.code
        return None if verdict.standing is Standing.DUE else f"retention.{verdict.standing}"

    async def _members(self, name: str) -> list[ErasureRecord]:
        async with self.store.reading() as work:
            found = await work.erasures.of_bulk(name) if opaque.is_name(name, opaque.Prefix.ERASURE) else []
        if not found:
            raise Unknown("erasure.bulk.unknown", "there is no such list")
        return found


def _bulk(name: str, members: Sequence[ErasureRecord]) -> Bulk:
    subjects = tuple(one.subject for one in members)
    return Bulk(id=name, digest=_digest(subjects), subjects=subjects)


def _digest(subjects: Sequence[str]) -> str:
    return base64url.encode(hashlib.sha256(canonical.dumps(list(subjects))).digest())
