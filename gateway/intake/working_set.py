"""What one transaction of the intake knows and adds: read before, decided on without any I/O, written after.

A batch of messages shares one. What an earlier message of the batch added is there for the later ones, as if each had
been committed before the next was looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.store.direct import Statements, Write
from gateway.store.direct import intake as sets
from gateway.store.records import (
    AlarmRecord,
    AlertRecord,
    DetailRecord,
    ItemRecord,
    LinkRecord,
    LogRecord,
    MergeRecord,
    MergeState,
    MessageRecord,
    NoticeRecord,
    PastNotification,
    PersonRecord,
    PersonReferral,
    ReferralPerson,
    ReferralRecord,
    ScopeKey,
    SuggestionRecord,
    TraceRecord,
)
from gateway.vault import Scope
from routing.linkage import LookupTerm
from routing.linkage_blocks import Block
from routing.linkage_traits import Traits
from schemas.errors import Unknown
from schemas.persons import Person

ITEM_PLACE = "items.sealed"
"""Where an item is sealed for."""


@dataclass(kw_only=True)
class Known:
    """What was read, as ``gateway.intake.loading`` fills it; all of it by id, and what was added since."""

    hashed: Mapping[LookupTerm, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The keyed hashes of those terms that were asked for."""
    messages: dict[tuple[str, str], MessageRecord] = field(default_factory=dict)
    """By feed and keyed hash of the identity."""
    conflicts: dict[tuple[str, str], MessageRecord] = field(default_factory=dict)
    """By the first message's id and the digest of the other bytes."""
    terms: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The persons that a keyed hash leads to."""
    blocks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The persons in the block of a keyed hash, as far as it is read."""
    persons: dict[str, PersonRecord] = field(default_factory=dict)
    opened: dict[str, Person] = field(default_factory=dict)
    compared: dict[str, Traits] = field(default_factory=dict)
    """What persons are compared by, as they stand in ``opened``."""
    probed: Mapping[Traits, Mapping[Block, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    """The keyed hashes of the blocks of those who were asked for."""
    parts: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """For each referral, the part of each person on it."""
    referrals: dict[str, ReferralRecord] = field(default_factory=dict)
    history: dict[str, list[PastNotification]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Earlier items as they are sealed, each with its scope: those whose grades were asked for, and new ones."""
    scopes: dict[str, Scope] = field(default_factory=dict)

    def copy(self) -> Known:
        """The same, to be added to apart from this one."""
        return Known(
            hashed=self.hashed,
            messages=dict(self.messages),
            conflicts=dict(self.conflicts),
            terms=defaultdict(set, {key: set(found) for key, found in self.terms.items()}),
            blocks=defaultdict(list, {key: list(found) for key, found in self.blocks.items()}),
            persons=dict(self.persons),
            opened=dict(self.opened),
            compared=dict(self.compared),
            probed=self.probed,
            parts=defaultdict(dict, {key: dict(parts) for key, parts in self.parts.items()}),
            referrals=dict(self.referrals),
            history=defaultdict(list, {key: list(past) for key, past in self.history.items()}),
            items=dict(self.items),
            scopes=dict(self.scopes),
        )


class WorkingSet:
    """What is known, and what is added to it."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._messages: list[MessageRecord] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._scopes: list[ScopeKey] = []
        self._items: list[ItemRecord] = []
        self._named: list[tuple[str, str]] = []
        self._persons: dict[str, PersonRecord] = {}
        self._changed_persons: dict[str, PersonRecord] = {}
        self._terms: list[tuple[str, str, str]] = []
        self._blocks: list[tuple[str, str]] = []
        self._links: list[LinkRecord] = []
        self._referrals: dict[str, ReferralRecord] = {}
        self._changed_referrals: dict[str, ReferralRecord] = {}
        self._parts: list[ReferralPerson] = []
        self._suggestions: list[SuggestionRecord] = []
        self._traces: list[TraceRecord] = []
        self._alerts: list[AlertRecord] = []
        self._alarms: list[AlarmRecord] = []
        self._merges: list[MergeRecord] = []
        self._entries: list[LogRecord] = []
        self._details: list[DetailRecord] = []
        self.notices: list[NoticeRecord] = []

    # --- scopes ---

    def scope(self, scope_id: str) -> Scope:
        """A scope with its key.

        Raises:
            Unknown: it was erased.
        """
        found = self.known.scopes.get(scope_id)
        if found is None:
            raise Unknown("scope.unknown", "there is no such scope")
        return found

    def add_scope(self, scope: Scope, row: ScopeKey) -> Scope:
        """Keep a new scope."""
        self.known.scopes[scope.id] = scope
        self._scopes.append(row)
        return scope

    # --- messages ---

    def message(self, feed: str, identity: Iterable[str]) -> MessageRecord | None:
        """The message that has one of these identities in this feed."""
        return next((found for one in identity if (found := self.known.messages.get((feed, one)))), None)

    def conflict(self, first: str, digest: str) -> MessageRecord | None:
        """The conflict with that message that these very bytes made before."""
        return self.known.conflicts.get((first, digest))

    def add_message(self, record: MessageRecord) -> None:
        """Keep a message."""
        self._messages.append(record)
        if record.native_hash is not None:
            self.known.messages[record.feed, record.native_hash] = record
        if record.conflict_with is not None:
            self.known.conflicts[record.conflict_with, record.digest] = record

    def count(self, feed: str, fate: str) -> None:
        """Count an arrival that is not kept."""
        self._counts[feed, fate] += 1

    def add_item(self, item: ItemRecord, people: Sequence[str], past: PastNotification, *, scope: str) -> None:
        """Keep an item, which names these people; ``past`` is what research sees of it, whoever it is about."""
        self._items.append(item)
        self.known.items[item.id] = (scope, item.sealed)
        for one in people:
            self._named.append((item.id, one))
            self.known.history[one].append(replace(past, person_id=one))

    @property
    def items(self) -> Sequence[ItemRecord]:
        """The items that were added, in their order."""
        return tuple(self._items)

    # --- people ---

    def found_by(self, term: str) -> set[str]:
        """The ids of those whom a keyed hash leads to."""
        return self.known.terms.get(term, set())

    def in_block(self, block: str) -> list[str]:
        """The ids of those in the block of a keyed hash."""
        return self.known.blocks.get(block, [])

    def add_person(
        self, record: PersonRecord, person: Person, terms: Sequence[tuple[str, str]], blocks: Sequence[str]
    ) -> None:
        """Keep a new person, who is found by these (kind, keyed hash) and in the blocks of these keyed hashes."""
        self._persons[record.id] = record
        self._hold(record, person, terms, blocks)

    def save_person(
        self, record: PersonRecord, person: Person, terms: Sequence[tuple[str, str]], blocks: Sequence[str]
    ) -> None:
        """Write a known person anew."""
        fresh = self._persons if record.id in self._persons else self._changed_persons
        fresh[record.id] = record
        self._hold(record, person, terms, blocks)

    def link(self, record: LinkRecord) -> None:
        """Keep who somebody of an item is, and why."""
        self._links.append(record)

    def _hold(
        self, record: PersonRecord, person: Person, terms: Sequence[tuple[str, str]], blocks: Sequence[str]
    ) -> None:
        self.known.persons[record.id] = record
        self.known.opened[record.id] = person
        self.known.compared.pop(record.id, None)
        for kind, value in terms:
            if record.id not in self.known.terms[value]:
                self.known.terms[value].add(record.id)
                self._terms.append((value, record.id, kind))
        for block in blocks:
            self._blocks.append((block, record.id))
            if record.id not in self.known.blocks[block]:
                self.known.blocks[block].append(record.id)

    def join(self, surviving: str, prior: str) -> None:
        """Let whatever leads to ``prior`` lead to ``surviving``; the rows follow with ``merge``."""
        for found in self.known.terms.values():
            found.discard(prior)
        self._terms = [row for row in self._terms if row[1] != prior]
        self._blocks = [row for row in self._blocks if row[1] != prior]
        for block in self.known.blocks.values():
            if prior in block:
                block.remove(prior)
        for parts in self.known.parts.values():
            if prior in parts and surviving not in parts:
                parts[surviving] = parts.pop(prior)
        named = {past.item_id for past in self.known.history[surviving]}
        for past in self.known.history.get(prior, ()):
            if past.item_id not in named:
                self.known.history[surviving].append(replace(past, person_id=surviving))

    def merge(self, record: MergeRecord, alarm: AlarmRecord | None = None) -> None:
        """Keep a merge, made or waiting, and the alarm of one that waits."""
        self._merges.append(record)
        if alarm is not None:
            self._alarms.append(alarm)

    # --- referrals ---

    def referrals_of(self, people: Iterable[str]) -> list[PersonReferral]:
        """Every referral that any of these people is on, once for each of them, the oldest first."""
        wanted = set(people)
        found = [
            PersonReferral(person_id=person, part=part, referral=self.known.referrals[referral])
            for referral, parts in self.known.parts.items()
            for person, part in parts.items()
            if person in wanted
        ]
        return sorted(found, key=lambda one: (one.referral.received_at, one.referral.id, one.person_id))

    def add_referral(self, record: ReferralRecord) -> ReferralRecord:
        """Open a referral."""
        self.known.referrals[record.id] = self._referrals[record.id] = record
        return record

    def save_referral(self, record: ReferralRecord) -> ReferralRecord:
        """Write a referral anew; it is counted up once, however often it is written here."""
        if record.id in self._referrals:
            return self.add_referral(record)
        self.known.referrals[record.id] = self._changed_referrals[record.id] = record
        return record

    def link_person(self, part: ReferralPerson) -> None:
        """Put a person on a referral, who stays as they were if they are there already."""
        parts = self.known.parts[part.referral_id]
        if part.person_id not in parts:
            parts[part.person_id] = part.part
            self._parts.append(part)

    # --- what is said of it ---

    def suggest(self, record: SuggestionRecord) -> None:
        """Keep a suggestion."""
        self._suggestions.append(record)

    def trace(self, record: TraceRecord) -> None:
        """Keep what a concern leaves behind, to be looked at for patterns once it is committed."""
        self._traces.append(record)

    def alert(self, record: AlertRecord) -> None:
        """Keep an alert, unless this referral has it already."""
        self._alerts.append(record)

    def note(self, entry: LogRecord) -> None:
        """Keep an entry of the log."""
        self._entries.append(entry)

    def ask(self, record: DetailRecord) -> None:
        """Have a thin message's detail asked for."""
        self._details.append(record)

    def announce(self, notice: NoticeRecord) -> None:
        """Keep the notice of a message, to be handed over once it is committed."""
        self.notices.append(notice)

    # --- to the store ---

    async def write(self, statements: Statements) -> None:
        """Write all that was added; each merge after what it merges, for one write does not see another's rows.

        Raises:
            NotWhole: other work was first.
        """
        dialect = statements.dialect
        await statements.write(*self.writes(dialect))
        for one in self._merges:
            if one.state is MergeState.MADE and one.prior_id is not None and one.surviving_id is not None:
                await statements.write(*sets.join_persons(dialect, one.prior_id, one.surviving_id, one))
            else:
                await statements.write(sets.MERGES.insert(dialect, [one]))
        await statements.write(sets.ALARMS.insert_new(dialect, self._alarms))

    @property
    def merges(self) -> bool:
        """Whether there is a merge: everything is then written by ``write``, and not by ``writes`` alone."""
        return bool(self._merges)

    def writes(self, dialect: str) -> list[Write]:
        """All that was added, in the order in which rows refer to one another.

        A rival that took a message's identity, or changed a referral, makes a write that is not whole.
        """
        counted = [(feed, fate, number) for (feed, fate), number in self._counts.items()]
        return [
            sets.SCOPES.insert(dialect, self._scopes),
            sets.MESSAGES.insert_new(dialect, self._messages, whole=True),
            Write(sets.COUNT, "feed_counters", counted),
            sets.PERSONS.insert(dialect, self._persons.values()),
            sets.save_persons(dialect, self._changed_persons.values()),
            sets.PERSON_TERMS.insert_new(dialect, self._terms),
            sets.PERSON_BLOCKS.insert_new(dialect, self._blocks),
            sets.REFERRALS.insert(dialect, self._referrals.values()),
            sets.save_referrals(dialect, self._changed_referrals.values()),
            sets.REFERRAL_PERSONS.insert_new(dialect, self._parts),
            sets.ITEMS.insert(dialect, self._items),
            sets.ITEM_PERSONS.insert(dialect, self._named),
            sets.TRACES.insert(dialect, self._traces),
            sets.LINKS.insert(dialect, self._links),
            sets.SUGGESTIONS.insert(dialect, self._suggestions),
            sets.ALERTS.insert_new(dialect, self._alerts),
            sets.ENTRIES.insert(dialect, self._entries),
            sets.DETAILS.insert(dialect, self._details),
            sets.NOTICES.insert(dialect, self.notices),
        ]
