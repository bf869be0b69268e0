"""Traces of concerns: what waits to be looked at, and what names the same people or places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, update

from gateway.store.records import ItemRecord, PlaceKind, TracePlace, TraceRead, TraceRecord
from gateway.store.repositories.messages import ITEMS
from gateway.store.shape import Shape
from gateway.store.tables.messages import item_persons, items, messages
from gateway.store.tables.persons import persons
from gateway.store.tables.research import trace_places, traces
from gateway.store.transaction import Transaction

TRACES = Shape(traces, TraceRecord)
PLACES = Shape(trace_places, TracePlace)
RESEARCH_LOCK = 0x6D617368_0005
"""The store's named lock of whoever looks for patterns: two at once would not see each other's places."""
MOST = 500
"""Traces that one look reads around one concern, the newest: it bounds what one costs."""


class Traces:
    """What concerns left behind."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def hold(self) -> None:
        """Wait for whoever else looks for patterns, and keep others from it until this work ends."""
        await self._transaction.hold(RESEARCH_LOCK)

    async def waiting(self, *, limit: int) -> list[TraceRead]:
        """Return traces that nobody has looked at yet, in the order of their receipt."""
        statement = _reading().where(traces.c.looked_at.is_(None)).order_by(traces.c.item_id).limit(limit)
        return [_read(row) for row in await self._transaction.rows(statement)]

    async def looked(self, item_id: str, at: datetime) -> None:
        """Say that a trace was looked at."""
        await self._transaction.change(update(traces).where(traces.c.item_id == item_id).values(looked_at=at))

    async def item(self, item_id: str) -> tuple[ItemRecord, str] | None:
        """Return an item and the scope that it is sealed in."""
        statement = (
            ITEMS.select.add_columns(messages.c.scope)
            .join(messages, messages.c.id == items.c.message_id)
            .where(items.c.id == item_id)
        )
        rows = await self._transaction.rows(statement)
        return (ITEMS.record(rows[0][:-1]), str(rows[0][-1])) if rows else None

    async def naming(self, person_ids: Collection[str], since: datetime) -> list[TraceRead]:
        """Return the newest traces since then that name any of these people, or whom they were merged with."""
        named = select(item_persons.c.item_id).where(item_persons.c.person_id.in_(sorted(person_ids)))
        return await self._since(traces.c.item_id.in_(named), since)

    async def at(self, hashes: Collection[str], since: datetime) -> list[TraceRead]:
        """Return the newest traces since then with any of these hashes for a home or a scene."""
        there = select(trace_places.c.item_id).where(
            trace_places.c.hash.in_(sorted(hashes)), trace_places.c.kind != PlaceKind.AREA
        )
        return await self._since(traces.c.item_id.in_(there), since)

    async def put_places(self, item_id: str, places: Sequence[TracePlace]) -> None:
        """Write an item's places over those that it had."""
        await self._transaction.change(delete(trace_places).where(trace_places.c.item_id == item_id))
        if places:
            await self._transaction.execute(insert(trace_places), [PLACES.values(one) for one in places])

    async def places(self, item_ids: Collection[str]) -> list[TracePlace]:
        """Return the places of these items."""
        order = (trace_places.c.item_id, trace_places.c.kind, trace_places.c.hash)
        return await self._transaction.every(PLACES, trace_places.c.item_id.in_(sorted(item_ids)), order=order)

    async def under(self, version: int, *, after: str, limit: int) -> list[str]:
        """Return items with a place whose hash was made by this version of the key, by id, those after ``after``."""
        statement = (
            select(trace_places.c.item_id)
            .where(trace_places.c.hash.startswith(f"v{version}:", autoescape=True), trace_places.c.item_id > after)
            .distinct()
            .order_by(trace_places.c.item_id)
            .limit(limit)
        )
        return [str(row[0]) for row in await self._transaction.rows(statement)]

    async def survivors(self, person_ids: Collection[str]) -> dict[str, str]:
        """Return, for those of these people whose record gave way to another's, whose it was."""
        statement = select(persons.c.id, persons.c.merged_into).where(
            persons.c.id.in_(sorted(person_ids)), persons.c.merged_into.is_not(None)
        )
        return {str(row[0]): str(row[1]) for row in await self._transaction.rows(statement)}

    async def _since(self, which: ColumnElement[bool], since: datetime) -> list[TraceRead]:
        newest = (messages.c.received_at.desc(), traces.c.item_id)
        statement = _reading().where(which, messages.c.received_at >= since).order_by(*newest).limit(MOST)
        return [_read(row) for row in await self._transaction.rows(statement)]


def _reading() -> Select[*tuple[Any, ...]]:
    return (
        TRACES.select.add_columns(items.c.message_id, items.c.referral_id, messages.c.agency, messages.c.received_at)
        .join(items, items.c.id == traces.c.item_id)
        .join(messages, messages.c.id == items.c.message_id)
    )


def _read(row: Sequence[Any]) -> TraceRead:
    message, referral, agency, at = row[len(TRACES.names) :]
    trace = TRACES.record(row[: len(TRACES.names)])
    return TraceRead(trace=trace, message_id=message, referral_id=referral, agency=agency, at=at)
