"""What may be used once: the ids of assertions, proofs and tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete

from gateway.store.driver import Once, Sql
from gateway.store.shape import inserting
from gateway.store.tables.upkeep import seen
from gateway.store.transaction import Transaction

# In one order, so that two works that see the same values never wait for each other in a circle. On SQLite, where one
# work writes at a time, those that are known can be asked for beforehand, and answer at once.
_KNOWN = Sql(
    sqlite="SELECT json_group_array(json_array(value_hash)) FROM seen"
    " WHERE kind = ? AND value_hash IN (SELECT value FROM json_each(?))",
    postgresql="",
    octets=frozenset(),
)
_FIRST_MANY = Sql(
    sqlite="INSERT INTO seen (kind, value_hash, expires_at)"
    " SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true"
    " ON CONFLICT DO NOTHING",
    postgresql="INSERT INTO seen (kind, value_hash, expires_at)"
    " SELECT $1, value_hash, expires_at FROM unnest($2::text[], $3::timestamptz[]) AS new(value_hash, expires_at)"
    " ON CONFLICT DO NOTHING RETURNING value_hash",
    writes="seen",
)


class Seen:
    """Values that were seen, until what they came in has expired."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def first(self, kind: str, value_hash: str, expires_at: datetime) -> bool:
        """Tell whether this is the first time. Of two at once, one gets True."""
        insert = inserting(self._transaction.dialect, seen).on_conflict_do_nothing()
        values = {"kind": kind, "value_hash": value_hash, "expires_at": expires_at}
        return await self._transaction.change(insert, values) == 1

    async def first_many(self, kind: str, values: Mapping[str, datetime]) -> set[str]:
        """Those of the values (hash to the time at which it is forgotten) that were never seen before."""
        if not values:
            return set()
        instant = self._transaction.driver.instant
        ordered = sorted((value, instant(expires_at)) for value, expires_at in values.items())
        names = [value for value, _ in ordered]
        if self._transaction.dialect == "postgresql":
            given = (kind, names, [expires_at for _, expires_at in ordered])
            (first,) = await self._transaction.together(Once(_FIRST_MANY, given))
            return {str(row[0]) for row in first}
        known, _ = await self._transaction.together(
            Once(_KNOWN, (kind, json.dumps(names))), Once(_FIRST_MANY, (kind, json.dumps(ordered)))
        )
        return set(names) - {str(row[0]) for row in known}

    async def sweep(self, now: datetime) -> int:
        """Forget what has expired; return how many."""
        return await self._transaction.change(delete(seen).where(seen.c.expires_at <= now))
