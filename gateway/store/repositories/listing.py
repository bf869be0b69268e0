"""The board's own queries: filtered, sorted and counted by the database, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from gateway.store.records import ReferralRecord
from gateway.store.repositories.referrals import REFERRALS
from gateway.store.tables.casework import alerts
from gateway.store.tables.exchange import requests
from gateway.store.tables.referrals import referrals
from gateway.store.transaction import Transaction
from routing.lifecycle import ReferralState, RequestState
from schemas.vocabulary import Rating

PAGE = 50
DECIDED = (ReferralState.DECIDED, ReferralState.PRODUCT_SENT)


class Which(StrEnum):
    """Which referrals are listed."""

    TO_DECIDE = "to-decide"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DECIDED = "decided"
    CLOSED = "closed"


class Order(StrEnum):
    """In which order: what is due first, what came first, the worst rating first."""

    DUE = "due"
    RECEIVED = "received"
    RATING = "rating"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is asked of the board. ``rating`` None: any; ``unrated``: those without one.

    ``late``: due by then, or not rated and received by ``rated_by``.

    ``mine`` is the subject whose cases :attr:`Which.MINE` lists.
    """

    which: Which = Which.TO_DECIDE
    order: Order = Order.DUE
    rating: Rating | None = None
    unrated: bool = False
    late: datetime | None = None
    rated_by: datetime | None = None
    mine: str = ""
    page: int = 1


# An unrated referral has no due time: its clock has run since receipt, so it stands among what is late.
_URGENCY = func.coalesce(referrals.c.due_at, referrals.c.received_at)
_WORST_FIRST = case({rating: place for place, rating in enumerate(Rating)}, value=referrals.c.rating, else_=-1)
_ORDERS: dict[Order, tuple[ColumnElement[Any], ...]] = {
    Order.DUE: (_URGENCY, referrals.c.id),
    Order.RECEIVED: (referrals.c.received_at, referrals.c.id),
    Order.RATING: (_WORST_FIRST, _URGENCY, referrals.c.id),
}


class Listings:
    """Pages of the board."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def count(self, wanted: Listing) -> int:
        """Return how many referrals are listed, on all pages."""
        statement = select(func.count()).select_from(referrals).where(*_where(wanted))
        return int((await self._transaction.execute(statement)).scalar_one())

    async def page(self, wanted: Listing, page: int) -> list[ReferralRecord]:
        """Return one page, from 1."""
        # The names first: whole rows are not worth sorting to show fifty of them.
        statement = (
            select(referrals.c.id)
            .where(*_where(wanted))
            .order_by(*_ORDERS[wanted.order])
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        )
        names = [name for (name,) in await self._transaction.rows(statement)]
        found = await self._transaction.every(REFERRALS, referrals.c.id.in_(names), order=(referrals.c.id,))
        return sorted(found, key=lambda one: names.index(one.id))

    async def last_received(self) -> datetime | None:
        """Return when the last referral came in."""
        newest_first = (referrals.c.received_at.desc(), referrals.c.id)
        found = await self._transaction.every(REFERRALS, order=newest_first, limit=1)
        return found[0].received_at if found else None

    async def replies(self, names: Collection[str]) -> dict[str, tuple[int, int]]:
        """Return how many requests of each referral were answered, and how many there are; without any: left out."""
        answered = func.sum(case((requests.c.state == RequestState.ANSWERED, 1), else_=0))
        statement = (
            select(requests.c.referral_id, answered, func.count())
            .where(requests.c.referral_id.in_(sorted(names)))
            .group_by(requests.c.referral_id)
        )
        return {name: (int(done), int(asked)) for name, done, asked in await self._transaction.rows(statement)}

    async def with_alerts(self, names: Collection[str]) -> set[str]:
        """Return those of these referrals that have an alert."""
        statement = select(alerts.c.referral_id).where(alerts.c.referral_id.in_(sorted(names))).distinct()
        return {name for (name,) in await self._transaction.rows(statement)}


def _where(wanted: Listing) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    closed, decided = referrals.c.closed_at.is_not(None), referrals.c.state.in_(DECIDED)
    match wanted.which:
        case Which.TO_DECIDE:
            where += [~closed, ~decided]
        case Which.MINE:
            where += [~closed, referrals.c.assigned_to == wanted.mine]
        case Which.UNASSIGNED:
            where += [~closed, referrals.c.assigned_to.is_(None)]
        case Which.DECIDED:
            where += [~closed, decided]
        case Which.CLOSED:
            where += [closed]
    if wanted.unrated:
        where.append(referrals.c.rating.is_(None))
    elif wanted.rating is not None:
        where.append(referrals.c.rating == wanted.rating)
    if wanted.late is not None:
        unrated = and_(referrals.c.rating.is_(None), referrals.c.received_at <= (wanted.rated_by or wanted.late))
        where += [or_(referrals.c.due_at <= wanted.late, unrated), ~decided]
    return where
