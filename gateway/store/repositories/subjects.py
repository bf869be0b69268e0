"""What data subjects asked for, and the referrals that they are on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from gateway.store.records import AccessRecord, AnnotationRecord
from gateway.store.shape import Shape
from gateway.store.tables import subjects
from gateway.store.tables.referrals import referral_persons
from gateway.store.transaction import Transaction, unknown

ACCESS = Shape(subjects.access_requests, AccessRecord)
ANNOTATIONS = Shape(subjects.annotations, AnnotationRecord)
_ASKED, _NOTED = subjects.access_requests.c, subjects.annotations.c


class Subjects:
    """Requests for access, and annotations."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, record: AccessRecord) -> None:
        """Keep a request for access, over what was there of it."""
        await self._transaction.put(ACCESS, record)

    async def lock(self, name: str) -> AccessRecord:
        """Return a request and keep it from other work until this one ends.

        Raises:
            Unknown: ``access.unknown``.
        """
        return await self._transaction.first(ACCESS, _ASKED.id == name, lock=True) or unknown("access")

    async def waiting(self, *, limit: int = 200) -> list[AccessRecord]:
        """Return requests that nobody approved yet, oldest first."""
        order = (_ASKED.asked_at, _ASKED.id)
        return await self._transaction.every(ACCESS, _ASKED.approved_at.is_(None), order=order, limit=limit)

    async def of_person(self, person_id: str) -> list[AccessRecord]:
        """Return a person's requests, oldest first."""
        order = (_ASKED.asked_at, _ASKED.id)
        return await self._transaction.every(ACCESS, _ASKED.person_id == person_id, order=order)

    async def annotate(self, record: AnnotationRecord) -> None:
        """Keep an annotation."""
        await self._transaction.add(ANNOTATIONS, record)

    async def annotations(self, person_ids: Sequence[str]) -> list[AnnotationRecord]:
        """Return the annotations of these persons, oldest first."""
        order = (_NOTED.at, _NOTED.id)
        return await self._transaction.every(ANNOTATIONS, _NOTED.person_id.in_(person_ids), order=order)

    async def beside(self, disclosure_id: str) -> list[AnnotationRecord]:
        """Return the annotations beside a disclosure, oldest first."""
        where = _NOTED.disclosure_id == disclosure_id
        return await self._transaction.every(ANNOTATIONS, where, order=(_NOTED.at, _NOTED.id))

    async def referrals(self, person_id: str) -> dict[str, str]:
        """Return the referrals that a person is on, with their part in each."""
        columns = (referral_persons.c.referral_id, referral_persons.c.part)
        found = select(*columns).where(referral_persons.c.person_id == person_id).order_by(referral_persons.c.added_at)
        return {row[0]: row[1] for row in await self._transaction.rows(found)}
