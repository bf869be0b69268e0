"""Persons by their ids. Who they are is looked up, and written, in sets: see ``gateway.store.direct.intake``."""

from __future__ import annotations

from collections.abc import Collection

from gateway.store.records import PersonRecord
from gateway.store.shape import Shape
from gateway.store.tables.persons import persons
from gateway.store.transaction import Transaction

PERSONS = Shape(persons, PersonRecord)


class Persons:
    """Whom the hub knows."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get_many(self, person_ids: Collection[str]) -> list[PersonRecord]:
        """Return those of the persons that are known, by id."""
        return await self._transaction.every(PERSONS, persons.c.id.in_(person_ids), order=(persons.c.id,))
