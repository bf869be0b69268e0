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
from routing import linkage, merging
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

    def wanted(
        self, children: Iterable[Person], adults: Iterable[Person] = (), merged: Sequence[Person] = ()
    ) -> Wanted:
        """What must be read before these people can be linked, and before those of merges become one (both of them)."""
        young, grown = list(children), list(adults)
        of_children, of_adults = self._hashed(young), self._hashed(grown)
        if merged:
            of_children |= {term: self._hashes(term) for one in merged for term in linkage.terms_told(one)}
        in_childhood = frozenset(one for several in of_children.values() for one in several)
        return Wanted(
            terms=sorted(in_childhood.union(*of_adults.values())),
            children=in_childhood,
            unborn=bool(merged) or any(one.unborn for one in (*young, *grown)),
            hashed=of_children | of_adults,
        )

    def known(self, working: WorkingSet, people: Sequence[Person]) -> dict[str, Link]:
        """The link of each person, by ``ref``; nothing is changed."""
        links = {
            person.ref: linkage.link(person, self._candidates(working, linkage.terms(person))) for person in people
        }
        for person in people:
            if person.unborn and person.mother in links:
                mother = links[person.mother]
                links[person.ref] = linkage.link_unborn(person, mother, self._unborn_of(working, mother))
        return links

    def settle(self, working: WorkingSet, person: Person, link: Link, now: datetime) -> Linked:
        """The person under an id of the hub: refreshed where it is known, added where it is not."""
        if link.person_id is not None:
            record = working.known.persons[link.person_id]
            self._save(working, record, linkage.merge(self._opened(working, record), person), now)
            return Linked(person=person, person_id=record.id, known=True, link=link)
        return Linked(person=person, person_id=self._add(working, person, now), known=False, link=link)

    def told(self, working: WorkingSet, person: Person) -> Link:
        """Who somebody is by any number that they have, where a system tells of its own records."""
        return linkage.link_told(person, self._candidates(working, linkage.terms_told(person)))

    def surely(self, working: WorkingSet, person: Person, person_id: str) -> bool:
        """Whether a number that names one person everywhere leads from ``person`` to this person of the hub."""
        return any(
            person_id in working.found_by(hashed) for term in linkage.terms(person) for hashed in self._hashes(term)
        )

    def record(self, working: WorkingSet, person_id: str | None) -> Person | None:
        """What the hub knows of this person, as far as the working set goes."""
        return self._opened(working, working.known.persons[person_id]) if person_id is not None else None

    def join(self, working: WorkingSet, surviving_id: str, prior_id: str, now: datetime) -> bytes:
        """One person of two; the surviving one's sealed record as it was before.

        An unborn child whose mother gave way has the surviving one for its mother.
        """
        surviving, prior = working.known.persons[surviving_id], working.known.persons[prior_id]
        both = merging.joined(self._opened(working, surviving), self._opened(working, prior))
        beside = {one for parts in working.known.parts.values() if prior_id in parts for one in parts}
        working.join(surviving_id, prior_id)
        self._save(working, surviving, both, now)
        for one in sorted(beside - {surviving_id, prior_id}):
            child = self.record(working, one) if one in working.known.persons else None
            if child is not None and child.mother == prior_id:
                named = child.model_copy(update={"mother": surviving_id})
                self._save(working, working.known.persons[one], named, now)
        return surviving.sealed

    async def open(self, work: Reading, record: PersonRecord) -> Person:
        """What the hub knows of this person."""
        return await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)

    def _save(self, working: WorkingSet, record: PersonRecord, person: Person, now: datetime) -> None:
        sealed = self._strongbox.seal(working.scope(record.scope), PLACE, record.id, person)
        working.save_person(replace(record, sealed=sealed, updated_at=now), person, self._terms(person))

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

    def _candidates(self, working: WorkingSet, terms: Sequence[LookupTerm]) -> list[Candidate]:
        matched: dict[str, list[LookupTerm]] = {}
        for term in terms:
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
            (one, self._opened(working, working.known.persons[one]))
            for one in sorted(beside - {mother.person_id})
            if one in working.known.persons  # not somebody whose record gave way to another's
        ]
        return [Candidate(person_id=one, record=person) for one, person in opened if person.unborn]

    def _terms(self, person: Person) -> list[tuple[str, str]]:
        keys = self._keys.lookup()
        return [(str(term.kind), lookup.lookup_key(term.kind, term.value, keys)) for term in linkage.terms_told(person)]

    def _hashed(self, people: Iterable[Person]) -> dict[LookupTerm, tuple[str, ...]]:
        return {term: self._hashes(term) for person in people for term in linkage.terms(person)}

    def _hashes(self, term: LookupTerm) -> tuple[str, ...]:
        return lookup.lookup_keys(term.kind, term.value, self._keys.lookup())
