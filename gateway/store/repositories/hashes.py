"""The keyed hashes that things are found by, while they are made anew under another key.

A hash begins with the version of its key: see ``crypto.lookup``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, delete, exists, select, tuple_, update

from gateway.store.records import MessageRecord, PersonRecord
from gateway.store.repositories.messages import MESSAGES
from gateway.store.repositories.persons import PERSONS
from gateway.store.tables.keys import scopes
from gateway.store.tables.messages import messages
from gateway.store.tables.persons import person_blocks, person_terms, persons
from gateway.store.tables.research import trace_places
from gateway.store.transaction import Transaction

Term = tuple[str, str, str]
"""A hash, the person whom it leads to, and the kind of the term."""
Block = tuple[str, str]
"""A hash of a blocking key, and a person in its block."""
NO_BLOCK: Block = ("", "")
"""What stands before every block."""
NOTHING: Term = ("", "", "")
"""What stands before every term."""


class Hashes:
    """Hashes by the version of the key that made them. What was erased has none that is needed."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def any_under(self, version: int) -> bool:
        """Tell whether anybody or anything that is not erased is found by a hash of this version."""
        led = select(person_terms.c.hash).join(persons, persons.c.id == person_terms.c.person_id)
        shared = select(person_blocks.c.hash).join(persons, persons.c.id == person_blocks.c.person_id)
        arrived = _living(select(messages.c.id), messages)
        for statement, column in (
            (_living(led, persons), person_terms.c.hash),
            (_living(shared, persons), person_blocks.c.hash),
            (arrived, messages.c.native_hash),
        ):
            if await self._transaction.rows(statement.where(_under(column, version)).limit(1)):
                return True
        placed = select(trace_places.c.hash).where(_under(trace_places.c.hash, version)).limit(1)
        return bool(await self._transaction.rows(placed))

    async def terms(self, version: int, *, after: Term, limit: int) -> list[Term]:
        """Return terms whose hash is of this version, in the order of their hashes, those after ``after``."""
        columns = person_terms.c
        order = (columns.hash, columns.person_id, columns.kind)
        statement = (
            select(*order)
            .where(_under(columns.hash, version), tuple_(*order) > tuple_(*after))
            .order_by(*order)
            .limit(limit)
        )
        return [(hashed, person, kind) for hashed, person, kind in await self._transaction.rows(statement)]

    async def blocks(self, version: int, *, after: Block, limit: int) -> list[Block]:
        """Return the blocks of persons whose hash is of this version, in their order, those after ``after``."""
        order = (person_blocks.c.hash, person_blocks.c.person_id)
        statement = (
            select(*order)
            .where(_under(person_blocks.c.hash, version), tuple_(*order) > tuple_(*after))
            .order_by(*order)
            .limit(limit)
        )
        return [(hashed, person) for hashed, person in await self._transaction.rows(statement)]

    async def replace_block(self, block: Block, fresh: str) -> bool:
        """Write this block under another hash; False if it is there no more."""
        hashed, person = block
        columns = person_blocks.c
        this = (columns.hash == hashed, columns.person_id == person)
        other = person_blocks.alias()
        taken = exists(select(other.c.hash).where(other.c.hash == fresh, other.c.person_id == person))
        if await self._transaction.change(update(person_blocks).where(*this, ~taken).values(hash=fresh)):
            return True
        return bool(await self._transaction.change(delete(person_blocks).where(*this)))

    async def people(self, person_ids: Collection[str]) -> list[PersonRecord]:
        """Return those of these persons that are known."""
        return await self._transaction.every(PERSONS, persons.c.id.in_(person_ids), order=(persons.c.id,))

    async def replace_term(self, term: Term, fresh: str) -> bool:
        """Write this term under another hash; False if it is there no more."""
        hashed, person, kind = term
        columns = person_terms.c
        this = (columns.hash == hashed, columns.person_id == person, columns.kind == kind)
        other = person_terms.alias()
        taken = exists(
            select(other.c.hash).where(other.c.hash == fresh, other.c.person_id == person, other.c.kind == kind)
        )
        if await self._transaction.change(update(person_terms).where(*this, ~taken).values(hash=fresh)):
            return True
        return bool(await self._transaction.change(delete(person_terms).where(*this)))

    async def messages(self, version: int, *, after: str, limit: int) -> list[MessageRecord]:
        """Return messages that are not erased and whose hash is of this version, by id, those after ``after``."""
        statement = _living(MESSAGES.select, messages).where(
            _under(messages.c.native_hash, version), messages.c.id > after
        )
        rows = await self._transaction.rows(statement.order_by(messages.c.id).limit(limit))
        return [MESSAGES.record(row) for row in rows]

    async def replace_native(self, message: MessageRecord, fresh: str) -> bool:
        """Write this message's identity under another hash; False if it changed meanwhile or the hash is taken."""
        same = (messages.c.id == message.id, messages.c.native_hash == message.native_hash)
        other = messages.alias()
        taken = exists(select(other.c.id).where(other.c.feed == message.feed, other.c.native_hash == fresh))
        return bool(await self._transaction.change(update(messages).where(*same, ~taken).values(native_hash=fresh)))


def _under(column: Column[str], version: int) -> ColumnElement[bool]:
    # By its text and not by a range: what comes between two texts hangs on the database's collation.
    return column.startswith(f"v{version}:", autoescape=True)


def _living(statement: Select[*tuple[Any, ...]], table: Table) -> Select[*tuple[Any, ...]]:
    return statement.join(scopes, scopes.c.id == table.c.scope).where(scopes.c.destroyed_at.is_(None))
