"""Who the people of a notification are: linked to people already known, or known from now on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto import lookup
from gateway.intake.loading import Wanted
from gateway.intake.working_set import WorkingSet
from gateway.keys import Keys
from gateway.store import Reading
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
    """Links, adds and refreshes people in a working set, which its caller reads and writes."""

    def __init__(self, world: World, keys: Keys, vault: Vault, strongbox: Strongbox) -> None:
        self._world = world
        self._keys = keys
        self._vault = vault
        self._strongbox = strongbox

    def wanted(self, children: Iterable[Person], adults: Iterable[Person] = ()) -> Wanted:
        """What must be read before these people can be linked."""
        young, grown = list(children), list(adults)
        of_children, of_adults = self._hashed(young), self._hashed(grown)
        in_childhood = frozenset(one for several in of_children.values() for one in several)
        return Wanted(
            terms=sorted(in_childhood.union(*of_adults.values())),
            children=in_childhood,
            unborn=any(one.unborn for one in (*young, *grown)),
            hashed=of_children | of_adults,
        )

    def known(self, working: WorkingSet, people: Sequence[Person]) -> dict[str, Link]:
        """The link of each person, by ``ref``; nothing is changed."""
        links = {person.ref: linkage.link(person, self._candidates(working, person)) for person in people}
        for person in people:
            if person.unborn and person.mother in links:
                mother = links[person.mother]
                links[person.ref] = linkage.link_unborn(person, mother, self._unborn_of(working, mother))
        return links

    def settle(self, working: WorkingSet, person: Person, link: Link, now: datetime) -> Linked:
        """The person under an id of the hub: refreshed where it is known, added where it is not."""
        if link.person_id is not None:
            record = working.known.persons[link.person_id]
            merged = linkage.merge(self._opened(working, record), person)
            sealed = self._strongbox.seal(working.scope(record.scope), PLACE, record.id, merged)
            working.save_person(replace(record, sealed=sealed, updated_at=now), merged, self._terms(merged))
            return Linked(person=person, person_id=record.id, known=True, link=link)
        return Linked(person=person, person_id=self._add(working, person, now), known=False, link=link)

    async def open(self, work: Reading, record: PersonRecord) -> Person:
        """What the hub knows of this person."""
        return await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)

    def _add(self, working: WorkingSet, person: Person, now: datetime) -> str:
        """A person whom the hub did not know, under a fresh id and a scope of its own."""
        person_id = self._world.name(opaque.Prefix.PERSON)
        scope = working.add_scope(*self._vault.fresh(person_id, now=now))
        sealed = self._strongbox.seal(scope, PLACE, person_id, person)
        record = PersonRecord(id=person_id, scope=person_id, sealed=sealed, created_at=now, updated_at=now)
        working.add_person(record, person, self._terms(person))
        return person_id

    def _opened(self, working: WorkingSet, record: PersonRecord) -> Person:
        found = working.known.opened.get(record.id)
        if found is None:
            found = self._strongbox.unseal(working.scope(record.scope), PLACE, record.id, record.sealed, Person)
            working.known.opened[record.id] = found
        return found

    def _candidates(self, working: WorkingSet, person: Person) -> list[Candidate]:
        matched: dict[str, list[LookupTerm]] = {}
        for term in linkage.terms(person):
            for hashed in working.known.hashed.get(term) or self._hashes(term):
                for person_id in working.found_by(hashed):
                    matched.setdefault(person_id, []).append(term)
        return [
            Candidate(
                person_id=one,
                record=self._opened(working, working.known.persons[one]),
                matched=tuple(dict.fromkeys(matched[one])),
            )
            for one in sorted(matched)
        ]

    def _unborn_of(self, working: WorkingSet, mother: Link) -> list[Candidate]:
        """The unborn children on the referrals that the mother is on."""
        if mother.person_id is None:
            return []
        beside = {person for parts in working.known.parts.values() if mother.person_id in parts for person in parts}
        opened = [
            (one, self._opened(working, working.known.persons[one])) for one in sorted(beside - {mother.person_id})
        ]
        return [Candidate(person_id=one, record=person) for one, person in opened if person.unborn]

    def _terms(self, person: Person) -> list[tuple[str, str]]:
        keys = self._keys.lookup()
        return [(str(term.kind), lookup.lookup_key(term.kind, term.value, keys)) for term in linkage.terms(person)]

    def _hashed(self, people: Iterable[Person]) -> dict[LookupTerm, tuple[str, ...]]:
        return {term: self._hashes(term) for person in people for term in linkage.terms(person)}

    def _hashes(self, term: LookupTerm) -> tuple[str, ...]:
        return lookup.lookup_keys(term.kind, term.value, self._keys.lookup())
