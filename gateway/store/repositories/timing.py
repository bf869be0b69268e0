"""What is due to be reminded, turned to or alarmed because time passed, and what of it was done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from gateway.store.records import (
    AcceptedProduct,
    ChaseRecord,
    EscalationRecord,
    StandingAlarm,
    StepFacts,
    WaitingRequest,
)
from gateway.store.repositories.alarms import stands
from gateway.store.shape import Shape
from gateway.store.tables.casework import alarms, decisions, feedbacks, ratings, screenings
from gateway.store.tables.exchange import products, requests
from gateway.store.tables.referrals import referrals
from gateway.store.tables.timing import chases, escalations
from gateway.store.transaction import Transaction

CHASES = Shape(chases, ChaseRecord)
ESCALATIONS = Shape(escalations, EscalationRecord)
_PAGE = 500
_BEGUN = func.coalesce(referrals.c.reopened_at, referrals.c.received_at)


class Timing:
    """Reads in pages: a long list holds nobody at its end back."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add_chase(self, record: ChaseRecord) -> bool:
        """Note a reminder; False if somebody gave it already."""
        return await self._transaction.add_new(CHASES, record)

    async def add_escalation(self, record: EscalationRecord) -> bool:
        """Note that a post was turned to; False if somebody turned to it already."""
        return await self._transaction.add_new(ESCALATIONS, record)

    async def escalations_of(self, alarm_ids: Collection[str]) -> dict[str, list[EscalationRecord]]:
        """Return who was turned to over each of these alarms, the nearest first; those without any are left out."""
        where = escalations.c.alarm_id.in_(sorted(alarm_ids))
        found: dict[str, list[EscalationRecord]] = {}
        for one in await self._transaction.every(ESCALATIONS, where, order=(escalations.c.level,)):
            found.setdefault(one.alarm_id, []).append(one)
        return found

    async def waiting_requests(
        self, states: Collection[str], below: int, *, after: WaitingRequest | None = None
    ) -> list[WaitingRequest]:
        """Return a page of open requests in these states that were reminded less than ``below`` times, by due time."""
        reached = func.coalesce(
            select(func.max(chases.c.number)).where(chases.c.request_id == requests.c.id).scalar_subquery(), 0
        )
        where = [requests.c.closed_at.is_(None), requests.c.state.in_(sorted(states)), reached < below]
        if after is not None:
            where.append(_later(requests.c.due_at, requests.c.id, (after.due_at, after.id)))
        statement = (
            select(
                requests.c.id,
                requests.c.referral_id,
                requests.c.agency,
                referrals.c.rating,
                requests.c.created_at,
                requests.c.due_at,
                reached.label("reached"),
            )
            .join(referrals, referrals.c.id == requests.c.referral_id)
            .where(*where)
            .order_by(requests.c.due_at, requests.c.id)
            .limit(_PAGE)
        )
        return [WaitingRequest(**row._mapping) for row in await self._transaction.rows(statement)]  # noqa: SLF001 - the name under which SQLAlchemy documents it

    async def standing_alarms(
        self, kinds: Collection[str], below: int, *, after: StandingAlarm | None = None
    ) -> list[StandingAlarm]:
        """Return a page of alarms of these kinds that stand and reached less than level ``below``, oldest first."""
        reached = func.coalesce(
            select(func.max(escalations.c.level)).where(escalations.c.alarm_id == alarms.c.id).scalar_subquery(), 0
        )
        where = [alarms.c.cleared_at.is_(None), alarms.c.kind.in_(sorted(kinds)), reached < below]
        if after is not None:
            where.append(_later(alarms.c.raised_at, alarms.c.id, (after.raised_at, after.id)))
        statement = (
            select(
                alarms.c.id,
                alarms.c.kind,
                alarms.c.referral_id,
                alarms.c.subject,
                alarms.c.raised_at,
                referrals.c.rating,
                requests.c.agency,
                reached.label("reached"),
            )
            .outerjoin(referrals, referrals.c.id == alarms.c.referral_id)
            .outerjoin(requests, requests.c.id == alarms.c.subject)
            .where(*where)
            .order_by(alarms.c.raised_at, alarms.c.id)
            .limit(_PAGE)
        )
        return [StandingAlarm(**row._mapping) for row in await self._transaction.rows(statement)]  # noqa: SLF001 - the same

    async def open_steps(self, *, after: str = "") -> list[StepFacts]:
        """Return a page of open referrals with the steps that each took since it began, by id."""
        statement = (
            _steps().where(referrals.c.closed_at.is_(None), referrals.c.id > after).order_by(referrals.c.id)
        ).limit(_PAGE)
        return [StepFacts(**row._mapping) for row in await self._transaction.rows(statement)]  # noqa: SLF001 - the same

    async def accepted_products(self, *, after: str = "") -> list[AcceptedProduct]:
        """Return a page of products of open referrals that were accepted and not acted on, by id."""
        statement = (
            select(products.c.id, products.c.referral_id, referrals.c.rating, products.c.accepted_at)
            .join(referrals, referrals.c.id == products.c.referral_id)
            .where(
                products.c.accepted_at.is_not(None),
                products.c.acted_at.is_(None),
                referrals.c.closed_at.is_(None),
                products.c.id > after,
            )
            .order_by(products.c.id)
            .limit(_PAGE)
        )
        return [AcceptedProduct(**row._mapping) for row in await self._transaction.rows(statement)]  # noqa: SLF001 - the same

    async def feedback_late(self, now: datetime) -> list[str]:
        """Return open referrals whose referrer should have heard by now, has not, and that have no alarm of it yet."""
        heard = select(feedbacks.c.id).where(feedbacks.c.referral_id == referrals.c.id, feedbacks.c.at >= _BEGUN)
        statement = (
            select(referrals.c.id)
            .where(
                referrals.c.closed_at.is_(None),
                referrals.c.feedback_due_at <= now,
                ~heard.exists(),
                ~stands("feedback_overdue", referrals.c.id),
            )
            .order_by(referrals.c.feedback_due_at, referrals.c.id)
            .limit(_PAGE)
        )
        return [row[0] for row in await self._transaction.rows(statement)]

    async def undecided(self, rating: str, states: Collection[str]) -> list[str]:
        """Return open referrals of this rating in these states."""
        where = (referrals.c.closed_at.is_(None), referrals.c.rating == rating, referrals.c.state.in_(sorted(states)))
        return [row[0] for row in await self._transaction.rows(select(referrals.c.id).where(*where))]

    async def ratings_held(self) -> dict[str, int]:
        """Return how many open referrals bear each rating."""
        statement = (
            select(referrals.c.rating, func.count())
            .where(referrals.c.closed_at.is_(None), referrals.c.rating.is_not(None))
            .group_by(referrals.c.rating)
        )
        return {row[0]: row[1] for row in await self._transaction.rows(statement)}


def _steps() -> Select[*tuple[Any, ...]]:
    def since(column: ColumnElement[Any], of: ColumnElement[Any], at: ColumnElement[Any]) -> ColumnElement[Any]:
        return select(column).where(of == referrals.c.id, at >= _BEGUN).scalar_subquery()

    return select(
        referrals.c.id.label("referral_id"),
        referrals.c.state,
        referrals.c.rating,
        _BEGUN.label("begun_at"),
        since(func.min(screenings.c.at), screenings.c.referral_id, screenings.c.at).label("screened_at"),
        since(func.min(ratings.c.at), ratings.c.referral_id, ratings.c.at).label("rated_at"),
        since(func.min(requests.c.created_at), requests.c.referral_id, requests.c.created_at).label("asked_at"),
        since(func.max(decisions.c.at), decisions.c.referral_id, decisions.c.at).label("decided_at"),
    )


def _later(
    first: ColumnElement[Any], second: ColumnElement[Any], than: Sequence[datetime | str]
) -> ColumnElement[bool]:
    return or_(first > than[0], and_(first == than[0], second > than[1]))
