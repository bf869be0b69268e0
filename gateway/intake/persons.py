"""Who the people of a notification are: linked to people already known, or known from now on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto import lookup
from gateway.intake.loading import Probe, Wanted, candidates
from gateway.intake.notes import LinkNote, ReasonNote
from gateway.intake.working_set import Known, WorkingSet
from gateway.keys import Keys
from gateway.store import Reading
from gateway.store.records import How, LinkRecord, PersonRecord
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from gateway.world import World
from routing import linkage, linkage_blocks, linkage_model, merging
from routing.linkage import Candidate, Link, LookupTerm
from routing.linkage_blocks import Block
from routing.linkage_matching import Match, Verdict, match
from routing.linkage_traits import Traits, traits
from schemas import opaque
from schemas.persons import Person

PLACE = "persons.sealed"
LINK_PLACE = "links.sealed"
_HUNDREDTHS = 100


@dataclass(frozen=True, kw_only=True)
class Linked:
    """A person as a notification named them, and who it is: ``known`` tells whether the hub knew them before.

    ``before`` is then the sealed record as it was.
    """

    person: Person
    person_id: str
    known: bool
    link: Link
    before: bytes | None = None


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
            probes=[
                *(self._probe(one, child=True) for one in young if not one.unborn),
                *(self._probe(one, child=False) for one in grown if not one.unborn),
            ],
        )

    def known(self, working: WorkingSet, people: Sequence[Person]) -> dict[str, Link]:
        """The link of each person, by ``ref``; nothing is changed."""
        links = linkage.apart({person.ref: self._link(working, person) for person in people})
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
            return Linked(person=person, person_id=record.id, known=True, link=link, before=record.sealed)
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

    def note(self, working: WorkingSet, item_id: str, linked: Linked, now: datetime) -> None:
        """Keep why somebody of an item is who they are taken for, and what taking it back needs."""
        link, name = linked.link, f"{item_id}/{linked.person.ref}"
        record = working.known.persons[linked.person_id]
        reasons = tuple(
            ReasonNote(field=one.field, level=one.level, weight=round(one.weight, 2), because=one.because)
            for one in link.reasons
        )
        note = LinkNote(
            because=link.because, reasons=reasons, prior=linkage_model.shipped().prior, person=linked.person
        )
        working.link(
            LinkRecord(
                item_id=item_id,
                ref=linked.person.ref,
                person_id=linked.person_id,
                how=_how(linked),
                weight=round(link.weight * _HUNDREDTHS) if link.weighed else None,
                at=now,
                doubts=tuple(dict.fromkeys(doubt.person_id for doubt in link.conflicts)),
                sealed=self._strongbox.seal(working.scope(record.scope), LINK_PLACE, name, note),
                before_sealed=linked.before,
            )
        )

    async def open(self, work: Reading, record: PersonRecord) -> Person:
        """What the hub knows of this person."""
        return await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)

    def _save(self, working: WorkingSet, record: PersonRecord, person: Person, now: datetime) -> None:
        sealed = self._strongbox.seal(working.scope(record.scope), PLACE, record.id, person)
        fresh = replace(record, sealed=sealed, updated_at=now)
        working.save_person(fresh, person, self.terms(person), self.blocks(person))

    def _add(self, working: WorkingSet, person: Person, now: datetime) -> str:
        """A person whom the hub did not know, under a fresh id and a scope of its own."""
        person_id = self._world.name(opaque.Prefix.PERSON)
        scope = working.add_scope(*self._vault.fresh(person_id, now=now))
        sealed = self._strongbox.seal(scope, PLACE, person_id, person)
        record = PersonRecord(id=person_id, scope=person_id, sealed=sealed, created_at=now, updated_at=now)
        working.add_person(record, person, self.terms(person), self.blocks(person))
        return person_id

    def _opened(self, working: WorkingSet, record: PersonRecord) -> Person:
        found = working.known.opened.get(record.id)
        if found is None:
            found = self._strongbox.unseal(working.scope(record.scope), PLACE, record.id, record.sealed, Person)
            working.known.opened[record.id] = found
        return found

    def _link(self, working: WorkingSet, person: Person) -> Link:
        """By numbers where they lead to anybody; else by what else is known of both."""
        known = self._candidates(working, linkage.terms(person))
        if known or person.unborn:
            return linkage.link(person, known)
        one = traits(person)
        blocked = working.known.probed.get(one) or self._blocked(one)
        return linkage.link_weighed(self._match(working.known, one, candidates(blocked, working.in_block)))

    def _match(self, known: Known, one: Traits, people: Sequence[str]) -> Match:
        opened = [(name, self._compared(known, name)) for name in people if name in known.persons]
        return match(one, [(name, other) for name, other in opened if other is not None], linkage_model.shipped())

    def _probe(self, person: Person, *, child: bool) -> Probe:
        one = traits(person)

        def alike(known: Known, people: Sequence[str]) -> str | None:
            found = self._match(known, one, people)
            return found.best.person_id if found.best is not None and found.verdict is Verdict.LINK else None

        return Probe(
            one=one,
            terms=tuple(hashed for term in linkage.terms(person) for hashed in self._hashes(term)),
            blocks=self._blocked(one),
            child=child,
            alike=alike,
        )

    def _compared(self, known: Known, person_id: str) -> Traits | None:
        """What a known person is compared by, opened; None where it was erased."""
        found, record = known.compared.get(person_id), known.persons[person_id]
        if found is None and (scope := known.scopes.get(record.scope)) is not None:
            if person_id not in known.opened:
                known.opened[person_id] = self._strongbox.unseal(scope, PLACE, record.id, record.sealed, Person)
            found = known.compared[person_id] = traits(known.opened[person_id])
        return found

    def _blocked(self, one: Traits) -> dict[Block, tuple[str, ...]]:
        keys = self._keys.lookup()
        return {block: lookup.block_keys(block.kind, block.value, keys) for block in linkage_blocks.blocks(one)}

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

    def blocks(self, person: Person) -> list[str]:
        """The keyed hashes of the blocks that a person is in, under the current key."""
        return list(dict.fromkeys(hashes[0] for hashes in self._blocked(traits(person)).values()))

    def terms(self, person: Person) -> list[tuple[str, str]]:
        """What a person is looked up by: (kind, keyed hash under the current key)."""
        keys = self._keys.lookup()
        return [(str(term.kind), lookup.lookup_key(term.kind, term.value, keys)) for term in linkage.terms_told(person)]

    def _hashed(self, people: Iterable[Person]) -> dict[LookupTerm, tuple[str, ...]]:
        return {term: self._hashes(term) for person in people for term in linkage.terms(person)}

    def _hashes(self, term: LookupTerm) -> tuple[str, ...]:
        return lookup.lookup_keys(term.kind, term.value, self._keys.lookup())


def _how(linked: Linked) -> How:
    if not linked.known:
        return How.NEW
    if linked.link.weighed:
        return How.WEIGHTS
    return How.PREGNANCY if linked.person.unborn else How.IDENTIFIERS
