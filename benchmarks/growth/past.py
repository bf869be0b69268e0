"""A made-up past: the rows that so many notifications would have left, many thousands at a time.

Of ten notifications one was a concern about a child with a number of its own (a referral, a person), one an update
about such a child, the rest ended without concern. Persons are sealed as the gateway seals them, and found by their
numbers; the log's tree is whole and its checkpoint signed. What nobody opens here (bytes, acknowledgements, items) is
random and shorter than it would be: ``BODY`` bytes each, so that ten million fit on a disk.

Names and keyed hashes are made in ascending order, so that a load is quick. Names with their time come before all that
is added afterwards, as they would; the others are spread over all that there can be, so that it lands among them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crypto import lookup, merkle
from crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.bootstrap import Gateway
from gateway.intake.persons import PLACE
from gateway.log.events import Event
from gateway.store.direct import Write
from gateway.store.direct import intake as sets
from gateway.store.direct.rows import Rows
from gateway.store.records import (
    CheckpointRecord,
    EndState,
    Fate,
    ItemRecord,
    LogRecord,
    MessageRecord,
    PersonRecord,
    ReferralPerson,
    ReferralRecord,
    ScopeKey,
    SuggestionRecord,
)
from gateway.store.tables import log as log_tables
from schemas import opaque
from schemas.identifiers import IdentifierKind, identifier
from schemas.persons import Name, Person
from schemas.vocabulary import ItemKind

FEED, AGENCY, ADAPTER = "nhs-mllp", "health", "nhs.hl7v2"
BODY = 400
BEGAN = datetime(2016, 1, 1, tzinfo=UTC)
TOGETHER = 5_000
_BYTES = os.urandom(1 << 20)
_NODES: Rows[tuple[int, int, bytes]] = Rows(log_tables.log_nodes, ("level", "index", "hash"), tuple)
_CHECKPOINTS = Rows.of_records(log_tables.log_checkpoints, CheckpointRecord)


def number_of(child: int) -> str:
    """The number (a CRN) of the so-manieth child of the past."""
    high, low = divmod(child, 1_000_000)
    return f"{chr(65 + high // 26)}{chr(65 + high % 26)}{low:06d}"


@dataclass(kw_only=True)
class Past:
    """Makes the past of ``size`` notifications in the gateway's empty store."""

    gateway: Gateway
    size: int

    async def make(self, tell: Callable[[str], None]) -> None:
        """Make all of it."""
        for first in range(0, self.size, TOGETHER):
            rows = _Part(self, first, min(first + TOGETHER, self.size))
            async with self.gateway.store.direct() as work:
                await work.commit(*rows.writes(work.dialect))
            if first % 100_000 == 0 and first:
                tell(f"  {first:,} of {self.size:,} notifications")
        await self._tree()

    async def _tree(self) -> None:
        """The tree over every entry, in the order of their places, and one checkpoint over all of it."""
        store, edge, size = self.gateway.store, dict[tuple[int, int], bytes](), 0
        total = entries_of(self.size)
        while size < total:
            async with store.reading() as reading:
                entries = await reading.log.entries(size, size + TOGETHER)
            leaves = [merkle.leaf_hash(entry.commitment) for entry in entries]
            made = merkle.append(size, leaves, lambda level, index, edge=edge: edge[level, index])  # type: ignore[misc]
            size += len(leaves)
            nodes = {(node.level, node.index): node.hash for node in made} | edge
            edge = {place: nodes[place] for place in merkle.nodes_for_root(size)}
            async with store.direct() as work:
                await work.commit(_NODES.insert(work.dialect, [(one.level, one.index, one.hash) for one in made]))
        root = merkle.root(size, lambda level, index: edge[level, index])
        keys, log = self.gateway.keys, self.gateway.log
        note = sign_checkpoint(Checkpoint(origin=log.origin, size=size, root=root), keys.checkpoint_key())
        async with store.direct() as work:
            record = CheckpointRecord(size=size, root=root, note=note, at=self.gateway.world.now())
            await work.commit(_CHECKPOINTS.insert(work.dialect, [record]))


def entries_of(notifications: int) -> int:
    """How many log entries so many notifications left: one each, and two more for every tenth."""
    return notifications + 2 * ((notifications + 9) // 10)


class _Part:
    """The rows of the notifications from ``first`` up to, and without, ``end``."""

    def __init__(self, past: Past, first: int, end: int) -> None:
        self._past = past
        self._gateway = past.gateway
        self._lookup = past.gateway.keys.lookup()
        self._position = entries_of(first)
        self._children = (past.size + 9) // 10
        self._messages: list[MessageRecord] = []
        self._items: list[ItemRecord] = []
        self._named: list[tuple[str, ...]] = []
        self._scopes: list[ScopeKey] = []
        self._persons: list[PersonRecord] = []
        self._terms: list[tuple[str, ...]] = []
        self._referrals: list[ReferralRecord] = []
        self._parts: list[ReferralPerson] = []
        self._suggestions: list[SuggestionRecord] = []
        self._entries: list[LogRecord] = []
        for place in range(first, end):
            self._notification(place)

    def writes(self, dialect: str) -> list[Write]:
        """All of it."""
        return [
            sets.SCOPES.insert(dialect, self._scopes),
            sets.MESSAGES.insert(dialect, self._messages),
            sets.PERSONS.insert(dialect, self._persons),
            sets.PERSON_TERMS.insert(dialect, self._terms),
            sets.REFERRALS.insert(dialect, self._referrals),
            sets.REFERRAL_PERSONS.insert(dialect, self._parts),
            sets.ITEMS.insert(dialect, self._items),
            sets.ITEM_PERSONS.insert(dialect, self._named),
            sets.SUGGESTIONS.insert(dialect, self._suggestions),
            sets.ENTRIES.insert(dialect, self._entries),
        ]

    def _notification(self, place: int) -> None:
        at = BEGAN + timedelta(seconds=30 * place)
        name, item = (
            opaque.timed(prefix, at, place.to_bytes(opaque.TIMED_RANDOM_BYTES))
            for prefix in (opaque.Prefix.MESSAGE, opaque.Prefix.ITEM)
        )
        self._scope(name, at)
        self._messages.append(
            MessageRecord(
                id=name,
                feed=FEED,
                agency=AGENCY,
                client=None,
                adapter=ADAPTER,
                adapter_version="1",
                native_hash=f"v1:{_spread(place, self._past.size):043x}",
                digest=f"{_spread(place, self._past.size) << 128 | place:064x}",
                fate=Fate.ACCEPTED,
                reason_code=None,
                reason_at=None,
                received_at=at,
                scope=name,
                sealed=_body(place),
                answer_status=202,
                answer_media_type="application/hl7-v2+er7",
                answer_sealed=_body(place + 1),
            )
        )
        self._entry(Event.MESSAGE_ACCEPTED, at, None, name)
        concern, update = place % 10 == 0, place % 10 == 5
        referral = self._concern(place // 10, at, item) if concern else None
        if update:
            self._named.append((item, self._child(place // 10)))
        end = EndState.REFERRAL if concern else EndState.REFRESHED if update else EndState.NO_CONCERN
        self._items.append(
            ItemRecord(
                id=item,
                message_id=name,
                position=0,
                kind=ItemKind.CONCERN if concern else ItemKind.UPDATE,
                end_state=end,
                referral_id=referral,
                sealed=_body(place + 2),
                event_at=at,
            )
        )

    def _concern(self, child: int, at: datetime, item: str) -> str:
        referral, person = self._name(opaque.Prefix.REFERRAL, child), self._child(child)
        self._scopes.append(self._gateway.vault.fresh(referral, now=at)[1])
        self._referrals.append(
            ReferralRecord(
                id=referral,
                state="closed",
                rating="green",
                received_at=at,
                due_at=at + timedelta(days=3),
                feedback_due_at=at + timedelta(days=1),
                scope=referral,
                child_unidentified=False,
                closed_at=at + timedelta(days=2),
            )
        )
        self._person(child, person, at)
        self._parts.append(
            ReferralPerson(
                referral_id=referral, person_id=person, part="subject", ref=person, added_at=at, added_by="hub"
            )
        )
        self._named.append((item, person))
        self._suggestions.append(
            SuggestionRecord(id=item, referral_id=referral, at=at, rating="green", rules="1", sealed=_body(child))
        )
        self._entry(Event.REFERRAL_CREATED, at, referral, referral)
        self._entry(Event.RATING_SUGGESTED, at, referral, item)
        return referral

    def _person(self, child: int, name: str, at: datetime) -> None:
        gateway, number = self._gateway, number_of(child)
        scope, row = gateway.vault.fresh(name, now=at)
        self._scopes.append(row)
        known = Person(
            ref="child-1",
            names=(Name(given=("Past",), family=f"Synthetic{child}"),),
            birth_date="2012-03-04",
            identifiers=(identifier(IdentifierKind.CRN, number),),
        )
        sealed = scope.seal(known.model_dump_json().encode(), aad=f"{PLACE}.{name}")
        self._persons.append(PersonRecord(id=name, scope=name, sealed=sealed, created_at=at, updated_at=at))
        kind = IdentifierKind.CRN
        self._terms.append((lookup.lookup_key(kind, number, self._lookup), name, str(kind)))

    def _scope(self, name: str, at: datetime) -> None:
        self._scopes.append(ScopeKey(id=name, kek_version=1, wrapped=_body(len(self._scopes))[:65], created_at=at))

    def _entry(self, event: Event, at: datetime, referral: str | None, subject: str) -> None:
        made = self._gateway.log.draft(
            event=event, actor=AGENCY, now=at, referral=referral, subject=subject, detail={"feed": FEED}
        )
        tail = self._position.to_bytes(opaque.TIMED_RANDOM_BYTES)
        self._entries.append(
            LogRecord(
                id=opaque.timed(opaque.Prefix.ENTRY, at, tail),
                event=made.event,
                at=made.at,
                actor=made.actor,
                referral_id=made.referral_id,
                subject=made.subject,
                entry=made.entry,
                salt=made.salt,
                commitment=made.commitment,
                position=self._position,
            )
        )
        self._position += 1

    def _child(self, child: int) -> str:
        return self._name(opaque.Prefix.PERSON, child)

    def _name(self, prefix: opaque.Prefix, child: int) -> str:
        return opaque.name(prefix, _spread(child, self._children).to_bytes(opaque.RANDOM_BYTES))


def _spread(place: int, among: int) -> int:
    """The so-manieth of so many numbers of 128 bits, at even distances."""
    return ((1 << 128) - 1) // among * place


def _body(place: int) -> bytes:
    start = place * 7919 % (len(_BYTES) - BODY)
    return _BYTES[start : start + BODY]
