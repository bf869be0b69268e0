"""What happened in a stretch of time, for figures: whole kinds of records of many referrals, in few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import or_, select

from gateway.store.records import (
    DecisionRecord,
    DisclosureRecord,
    FeedbackRecord,
    RatingRecord,
    ReferralRecord,
    RequestRecord,
)
from gateway.store.repositories.disclosures import DISCLOSURES
from gateway.store.repositories.referrals import REFERRALS
from gateway.store.repositories.requests import REQUESTS
from gateway.store.shape import Shape
from gateway.store.tables import casework
from gateway.store.tables.exchange import disclosures, requests
from gateway.store.tables.referrals import referral_persons, referrals
from gateway.store.transaction import Transaction

RATINGS = Shape(casework.ratings, RatingRecord)
DECISIONS = Shape(casework.decisions, DecisionRecord)
FEEDBACKS = Shape(casework.feedbacks, FeedbackRecord)
_N = TypeVar("_N", RatingRecord, DecisionRecord, FeedbackRecord)
_AT_ONCE = 500
"""Ids in one statement."""


class Outcomes:
    """Records by the time that they are of."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def referrals(self, begins: datetime, ends: datetime) -> list[ReferralRecord]:
        """Return referrals of which anything may have happened from ``begins`` to before ``ends``, by receipt."""
        columns = referrals.c
        where = (
            columns.received_at < ends,
            or_(columns.closed_at.is_(None), columns.closed_at >= begins, columns.feedback_due_at >= begins),
        )
        return await self._transaction.every(REFERRALS, *where, order=(columns.received_at, columns.id))

    async def ratings(self, referral_ids: Collection[str]) -> list[RatingRecord]:
        """Return every rating of these referrals, oldest first."""
        return [one for some in _parts(referral_ids) for one in await self._of(RATINGS, some)]

    async def decisions(self, referral_ids: Collection[str]) -> list[DecisionRecord]:
        """Return every decision on these referrals, oldest first."""
        return [one for some in _parts(referral_ids) for one in await self._of(DECISIONS, some)]

    async def feedbacks(self, referral_ids: Collection[str]) -> list[FeedbackRecord]:
        """Return all feedback on these referrals, oldest first."""
        return [one for some in _parts(referral_ids) for one in await self._of(FEEDBACKS, some)]

    async def requests(self, begins: datetime, ends: datetime) -> list[RequestRecord]:
        """Return requests due from ``begins`` to before ``ends``."""
        where = (requests.c.due_at >= begins, requests.c.due_at < ends)
        return await self._transaction.every(REQUESTS, *where, order=(requests.c.due_at, requests.c.id))

    async def answers(self, request_ids: Collection[str]) -> list[DisclosureRecord]:
        """Return every answer to these requests, oldest first."""
        order = (disclosures.c.received_at, disclosures.c.id)
        return [
            one
            for some in _parts(request_ids)
            for one in await self._transaction.every(DISCLOSURES, disclosures.c.request_id.in_(some), order=order)
        ]

    async def answered(self, begins: datetime, ends: datetime) -> list[DisclosureRecord]:
        """Return answers received from ``begins`` to before ``ends``."""
        where = (disclosures.c.received_at >= begins, disclosures.c.received_at < ends)
        return await self._transaction.every(DISCLOSURES, *where, order=(disclosures.c.received_at, disclosures.c.id))

    async def subjects(self, referral_ids: Collection[str]) -> list[tuple[str, str]]:
        """Return (referral, person) for the children whom these referrals are about."""
        columns = referral_persons.c
        return [
            (str(row[0]), str(row[1]))
            for some in _parts(referral_ids)
            for row in await self._transaction.rows(
                select(columns.referral_id, columns.person_id).where(
                    columns.referral_id.in_(some), columns.part == "subject"
                )
            )
        ]

    async def receipts(self, person_ids: Collection[str]) -> list[tuple[str, str, datetime, datetime | None]]:
        """Return (person, referral, first receipt, last reopening) for every referral about these children."""
        columns = referral_persons.c
        return [
            (str(row[0]), str(row[1]), row[2], row[3])
            for some in _parts(person_ids)
            for row in await self._transaction.rows(
                select(columns.person_id, referrals.c.id, referrals.c.received_at, referrals.c.reopened_at)
                .join(referrals, referrals.c.id == columns.referral_id)
                .where(columns.person_id.in_(some), columns.part == "subject")
            )
        ]

    async def _of(self, shape: Shape[_N], referral_ids: Sequence[str]) -> list[_N]:
        columns = shape.table.c
        where = columns.referral_id.in_(referral_ids)
        return await self._transaction.every(shape, where, order=(columns.referral_id, columns.at, columns.id))


def _parts(ids: Collection[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
