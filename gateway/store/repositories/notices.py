"""Arrivals that are still to be announced. They commit with the message, and go when the broker has confirmed them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, String, any_, bindparam, column, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.records import NoticeRecord
from gateway.store.shape import Shape
from gateway.store.tables.notices import notices
from gateway.store.transaction import Transaction

NOTICES = Shape(notices, NoticeRecord)
_NAMES = NOTICES.names
_TIMES = frozenset({"at", "next_at"})
# One array a column, so that one statement, prepared once, takes any number of rows.
_COLUMNS = (
    func.unnest(
        *(bindparam(name, type_=ARRAY(DateTime(timezone=True) if name in _TIMES else String)) for name in _NAMES)
    )
    .table_valued(*_NAMES)
    .render_derived()
)
_INSERT = {
    "sqlite": notices.insert(),
    "postgresql": notices.insert().from_select(_NAMES, select(*(_COLUMNS.c[name] for name in _NAMES))),
}
_AMONG: dict[str, ColumnElement[bool]] = {
    "sqlite": notices.c.id.in_(
        select(column("value")).select_from(func.json_each(bindparam("ids")).table_valued("value"))
    ),
    "postgresql": notices.c.id == any_(bindparam("ids", type_=ARRAY(String))),
}
_DONE = {dialect: delete(notices).where(among) for dialect, among in _AMONG.items()}


class Notices:
    """The narrow outbox of arrivals."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add_many(self, records: Sequence[NoticeRecord]) -> None:
        """Keep these, which are new, in one statement."""
        if not records:
            return
        rows = [NOTICES.values(record) for record in records]
        insert = _INSERT[self._transaction.dialect]
        if self._transaction.dialect == "postgresql":
            await self._transaction.execute(insert, {name: [row[name] for row in rows] for name in _NAMES})
        else:
            await self._transaction.execute(insert, rows)

    async def claim(self, *, limit: int, now: datetime, lease: timedelta, worker: str) -> list[NoticeRecord]:
        """Take up to ``limit`` whose claim has lapsed, the longest first, for as long as ``lease``.

        No two workers hold the same. Commit before publishing.
        """
        due = (
            select(notices.c.id)
            .where(notices.c.next_at <= now)
            .order_by(notices.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(notices)
            .where(notices.c.id.in_(select(due.c.id)))
            .values(next_at=now + lease, claimed_by=worker)
            .returning(*(notices.c[name] for name in _NAMES))
        )
        claimed = [NOTICES.record(row) for row in await self._transaction.rows(claim)]
        return sorted(claimed, key=lambda notice: (notice.at, notice.id))

    async def done(self, ids: Collection[str]) -> None:
        """Forget what was announced, in one statement. Twice does no harm."""
        if ids:
            dialect = self._transaction.dialect
            given = list(ids) if dialect == "postgresql" else json.dumps(list(ids))
            await self._transaction.execute(_DONE[dialect], {"ids": given})

    async def pending(self) -> int:
        """Return how many were not announced yet."""
        return int((await self._transaction.execute(select(func.count()).select_from(notices))).scalar_one())
