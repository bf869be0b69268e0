"""Who the people of a notification are: linked to people already known, or known from now on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto import lookup
from gateway.keys import Keys
from gateway.store import Work
from gateway.store.records import PersonRecord
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from gateway.world import World
from routing import linkage
from routing.linkage import Candidate, Link, LookupTerm
from schemas import opaque
from schemas.persons import Person

PLACE = "persons.sealed"


@dataclass(frozen=True, kw_only=True)
class Linked:
    """A person as a notification named them, and who it is: ``known`` tells whether the hub knew them before."""

    person: Person
    person_id: str
    known: bool
    link: Link


class Persons:
    """Links, adds and refreshes people within a unit of work that the caller commits."""

    def __init__(self, world: World, keys: Keys, vault: Vault, strongbox: Strongbox) -> None:
        self._world = world
        self._keys = keys
        self._vault = vault
        self._strongbox = strongbox

    async def known(self, work: Work, people: Sequence[Person]) -> dict[str, Link]:
        """The link of each person, by ``ref``; nothing is changed. Whoever shares a look-up term waits in line."""
        wanted = {person.ref: linkage.terms(person) for person in people}
        hashes = {term: self._hashes(term) for found in wanted.values() for term in found}
        await work.persons.lock_terms(sorted({one for several in hashes.values() for one in several}))
        links = {}
        for person in people:
            candidates = await self._candidates(work, wanted[person.ref], hashes)
            links[person.ref] = linkage.link(person, candidates)
        for person in people:
            if person.unborn and person.mother in links:
                mother = links[person.mother]
                unborn = await self._unborn_of(work, mother)
                links[person.ref] = linkage.link_unborn(person, mother, unborn)
        return links

    async def settle(self, work: Work, person: Person, link: Link, now: datetime) -> Linked:
        """The person under an id of the hub: refreshed where it is known, added where it is not."""
        if link.person_id is not None:
            record = await work.persons.lock(link.person_id)
            merged = linkage.merge(await self.open(work, record), person)
            await self._save(work, record, merged, now)
            return Linked(person=person, person_id=record.id, known=True, link=link)
        person_id = await self.add(work, person, now)
        return Linked(person=person, person_id=person_id, known=False, link=link)

    async def add(self, work: Work, person: Person, now: datetime) -> str:
        """A person whom the hub did not know, under a fresh id and a scope of its own."""
        person_id = self._world.name(opaque.Prefix.PERSON)
        await self._vault.new_scope(work, person_id, now=now)
        sealed = await self._strongbox.put(work, person_id, PLACE, person_id, person)
        record = PersonRecord(id=person_id, scope=person_id, sealed=sealed, created_at=now, updated_at=now)
        await work.persons.add(record)
        await self._index(work, person_id, person)
        return person_id

    async def open(self, work: Work, record: PersonRecord) -> Person:
        """What the hub knows of this person."""
        return await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)

    async def _save(self, work: Work, record: PersonRecord, person: Person, now: datetime) -> None:
        sealed = await self._strongbox.put(work, record.scope, PLACE, record.id, person)
        await work.persons.update(replace(record, sealed=sealed, updated_at=now))
        await self._index(work, record.id, person)

    async def _index(self, work: Work, person_id: str, person: Person) -> None:
        keys = self._keys.lookup()
        terms = [(str(term.kind), lookup.lookup_key(term.kind, term.value, keys)) for term in linkage.terms(person)]
        await work.persons.add_terms(person_id, terms)

    def _hashes(self, term: LookupTerm) -> tuple[str, ...]:
        return lookup.lookup_keys(term.kind, term.value, self._keys.lookup())

    async def _candidates(
        self, work: Work, terms: Sequence[LookupTerm], hashes: dict[LookupTerm, tuple[str, ...]]
    ) -> list[Candidate]:
        by_hash = {one: term for term in terms for one in hashes[term]}
        matched: dict[str, list[LookupTerm]] = {}
        for person_id, found in await work.persons.by_terms(list(by_hash)):
            matched.setdefault(person_id, []).append(by_hash[found])
        records = await work.persons.get_many(list(matched))
        return [
            Candidate(person_id=record.id, record=await self.open(work, record), matched=tuple(matched[record.id]))
            for record in records
        ]

    async def _unborn_of(self, work: Work, mother: Link) -> list[Candidate]:
        """The unborn children on the referrals that the mother is on."""
        if mother.person_id is None:
            return []
        others: set[str] = set()
        for known in await work.referrals.of_persons([mother.person_id]):
            others |= {one.person_id for one in await work.referrals.persons(known.referral.id)}
        records = await work.persons.get_many(sorted(others - {mother.person_id}))
        opened = [(record.id, await self.open(work, record)) for record in records]
        return [Candidate(person_id=one, record=person) for one, person in opened if person.unborn]
