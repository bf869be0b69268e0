"""Referrals and the persons on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from gateway.store.records import ReferralPerson, ReferralRecord
from gateway.store.repositories.alarms import stands
from gateway.store.shape import Shape
from gateway.store.tables.referrals import referral_persons, referrals
from gateway.store.transaction import Transaction, unknown
from schemas.errors import Conflict

REFERRALS = Shape(referrals, ReferralRecord)
PERSONS = Shape(referral_persons, ReferralPerson)
_OLDEST_FIRST = (referrals.c.received_at, referrals.c.id)


class Referrals:
    """Every concern's one way through the hub."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, referral_id: str) -> ReferralRecord:
        """Return a referral.

        Raises:
            Unknown: ``referral.unknown``.
        """
        return await self._transaction.first(REFERRALS, referrals.c.id == referral_id) or unknown("referral")

    async def lock(self, referral_id: str) -> ReferralRecord:
        """Return a referral as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``referral.unknown``.
        """
        found = await self._transaction.first(REFERRALS, referrals.c.id == referral_id, lock=True)
        return found or unknown("referral")

    async def save(self, referral: ReferralRecord) -> ReferralRecord:
        """Write a referral over the version that it was read as; return it with its new version.

        The first receipt, the scope and the id never change, whatever the record says.

        Raises:
            Conflict: ``referral.stale``: somebody changed it meanwhile; read it again.
        """
        saved = replace(referral, version=referral.version + 1)
        changed = [name for name in REFERRALS.names if name not in {"id", "received_at", "scope"}]
        same = (referrals.c.id == referral.id, referrals.c.version == referral.version)
        if not await self._transaction.save(REFERRALS, saved, changed, *same):
            raise Conflict("referral.stale", "somebody changed it meanwhile: read it again")
        return saved

    async def page(
        self, *, states: Collection[str] | None = None, limit: int = 50, after: str | None = None
    ) -> list[ReferralRecord]:
        """Return referrals by receipt, oldest first: at most ``limit``, those after the referral of that id.

        Raises:
            Unknown: ``referral.unknown``: there is no referral ``after``.
        """
        where: list[ColumnElement[bool]] = []
        if states is not None:
            where.append(referrals.c.state.in_(states))
        if after is not None:
            last = await self.get(after)
            later = referrals.c.received_at > last.received_at
            where.append(or_(later, and_(referrals.c.received_at == last.received_at, referrals.c.id > last.id)))
        return await self._transaction.every(REFERRALS, *where, order=_OLDEST_FIRST, limit=limit)

    async def overdue(self, now: datetime, *, limit: int = 500) -> list[ReferralRecord]:
        """Return open referrals whose due time has come and that have no alarm of it yet, the longest due first."""
        fresh = ~stands("decision_overdue", referrals.c.id)
        where = (referrals.c.closed_at.is_(None), referrals.c.due_at <= now, fresh)
        return await self._transaction.every(REFERRALS, *where, order=(referrals.c.due_at, referrals.c.id), limit=limit)

    async def unrated(self, received_before: datetime, *, limit: int = 500) -> list[ReferralRecord]:
        """Return open referrals that were received by then, that nobody has rated and that have no alarm of it yet."""
        where = (
            referrals.c.closed_at.is_(None),
            referrals.c.rating.is_(None),
            referrals.c.received_at <= received_before,
            ~stands("unrated", referrals.c.id),
        )
        return await self._transaction.every(REFERRALS, *where, order=_OLDEST_FIRST, limit=limit)

    async def link_person(self, person: ReferralPerson) -> bool:
        """Put a person on a referral; False if it is there already, and stays as it was."""
        return await self._transaction.add_new(PERSONS, person)

    async def set_part(self, referral_id: str, person_id: str, part: str) -> None:
        """Change a person's part: a sibling in the household becomes a subject.

        Raises:
            Unknown: ``person.unknown``: not on this referral.
        """
        there = (referral_persons.c.referral_id == referral_id, referral_persons.c.person_id == person_id)
        if not await self._transaction.change(referral_persons.update().where(*there).values(part=part)):
            unknown("person")

    async def persons(self, referral_id: str) -> list[ReferralPerson]:
        """Return the persons on a referral in the order in which they were added."""
        order = (referral_persons.c.added_at, referral_persons.c.ref)
        return await self._transaction.every(PERSONS, referral_persons.c.referral_id == referral_id, order=order)
