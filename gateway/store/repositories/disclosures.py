"""What the owners answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, false, or_

from gateway.store.records import DisclosureRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import break_glasses
from gateway.store.tables.exchange import disclosures
from gateway.store.tables.referrals import referrals
from gateway.store.transaction import Transaction, unknown

DISCLOSURES = Shape(disclosures, DisclosureRecord)


@dataclass(frozen=True, kw_only=True)
class DisclosureReader:
    """Who asks: ``manager`` is the subject of somebody who is one, ``owner`` the agency of a professional lead."""

    manager: str | None
    owner: str | None
    now: datetime


_ORDER = (disclosures.c.received_at, disclosures.c.id)


class Disclosures:
    """Answers to requests; the same bytes to the same request are one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, disclosure: DisclosureRecord) -> bool:
        """Keep a disclosure; False if its request was given these bytes already."""
        return await self._transaction.add_new(DISCLOSURES, disclosure)

    async def get(self, disclosure_id: str) -> DisclosureRecord:
        """Return a disclosure.

        Raises:
            Unknown: ``disclosure.unknown``.
        """
        return await self._transaction.first(DISCLOSURES, disclosures.c.id == disclosure_id) or unknown("disclosure")

    async def get_for(self, disclosure_id: str, reader: DisclosureReader) -> DisclosureRecord:
        """Return a disclosure that this reader stands in some relation to, in one statement whether it is there or not.

        Raises:
            Unknown: ``disclosure.unknown``: there is none, or none for this reader.
        """
        of_mine = disclosures.c.agency == reader.owner if reader.owner else false()
        in_my_case: ColumnElement[bool] = false()
        if reader.manager:
            case = (referrals.c.id == disclosures.c.referral_id, referrals.c.assigned_to == reader.manager)
            look = (
                break_glasses.c.referral_id == disclosures.c.referral_id,
                break_glasses.c.by == reader.manager,
                break_glasses.c.until > reader.now,
                break_glasses.c.reviewed_at.is_(None),
            )
            in_my_case = or_(exists().where(*case), exists().where(*look))
        where = (disclosures.c.id == disclosure_id, or_(of_mine, in_my_case))
        return await self._transaction.first(DISCLOSURES, *where) or unknown("disclosure")

    async def get_many(self, disclosure_ids: Collection[str]) -> list[DisclosureRecord]:
        """Return those of the disclosures that exist, oldest first."""
        return await self._transaction.every(DISCLOSURES, disclosures.c.id.in_(disclosure_ids), order=_ORDER)

    async def find(self, request_id: str, digest: str) -> DisclosureRecord | None:
        """Return what these bytes were kept as when they answered this request before, or None."""
        same = (disclosures.c.request_id == request_id, disclosures.c.digest == digest)
        return await self._transaction.first(DISCLOSURES, *same)

    async def of_request(self, request_id: str) -> list[DisclosureRecord]:
        """Return the answers to a request, oldest first: more than one where the first asked to clarify."""
        return await self._transaction.every(DISCLOSURES, disclosures.c.request_id == request_id, order=_ORDER)

    async def of_referral(self, referral_id: str) -> list[DisclosureRecord]:
        """Return a referral's disclosures, oldest first."""
        return await self._transaction.every(DISCLOSURES, disclosures.c.referral_id == referral_id, order=_ORDER)
