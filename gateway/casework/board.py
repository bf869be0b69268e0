"""The board: which referrals there are and how they stand, by metadata alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.casework import shown
from gateway.casework.office import Office
from gateway.store import Reading
from gateway.store.records import ReferralRecord
from gateway.store.repositories.listing import PAGE, Listing
from routing import clocks
from schemas import opaque
from schemas.errors import Unknown
from schemas.vocabulary import Rating


class BoardDesk:
    """Where the desk sees all its cases. Nothing of a case's contents is opened for it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def board(self, after: str | None) -> shown.Board:
        """A page of referrals by receipt, those after the referral of that name.

        Raises:
            Unknown: there is none of that name.
        """
        office = self._office
        if after is not None and not opaque.is_name(after, opaque.Prefix.REFERRAL):
            raise Unknown("referral.unknown", at="after")
        async with office.store.reading() as work:
            records = await work.referrals.page(limit=PAGE + 1, after=after)
            lines = await _lines(work, records[:PAGE], office.now())
        more = len(records) > PAGE
        return shown.Board(referrals=lines, next=records[PAGE - 1].id if more else None)

    async def listed(self, wanted: Listing) -> shown.Listed:
        """A page of the board, filtered and in the order that was asked for. A page beyond the last is the last."""
        office = self._office
        async with office.store.reading() as work:
            total = await work.listings.count(wanted)
            pages = max(1, -(-total // PAGE))
            page = min(max(wanted.page, 1), pages)
            records = await work.listings.page(wanted, page)
            lines = await _lines(work, records, office.now())
        return shown.Listed(referrals=lines, total=total, page=page, pages=pages)

    async def count(self, wanted: Listing) -> int:
        """How many referrals would be listed, on all pages."""
        async with self._office.store.reading() as work:
            return await work.listings.count(wanted)

    async def last_received(self) -> datetime | None:
        """When the last referral came in (UTC), or None: there is none yet."""
        async with self._office.store.reading() as work:
            return await work.listings.last_received()


async def _lines(work: Reading, records: Sequence[ReferralRecord], now: datetime) -> tuple[shown.ReferralLine, ...]:
    names = [one.id for one in records]
    alarms = await work.alarms.standing_kinds(names)
    replies = await work.listings.replies(names)
    repeats = await work.listings.with_alerts(names)
    return tuple(
        shown.ReferralLine(
            id=one.id,
            state=one.state,
            rating=Rating(one.rating) if one.rating else None,
            received_at=one.received_at,
            due_at=one.due_at,
            feedback_due_at=one.feedback_due_at,
            overdue=clocks.overdue(one.due_at, now),
            replies=replies.get(one.id, (0, 0)),
            repeat=one.id in repeats,
            alarms=alarms.get(one.id, ()),
            assigned_to=one.assigned_to,
        )
        for one in records
    )
