"""Reading what a batch of the intake decides on: a handful of statements, however many messages it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.intake.working_set import Known
from gateway.store.direct import Statements
from gateway.store.direct import intake as sets
from gateway.store.direct.statement import NotWhole
from gateway.store.records import MessageRecord, PersonRecord, ReferralRecord, ScopeKey
from gateway.vault import Vault
from routing import linkage_blocks
from routing.linkage import LookupTerm
from routing.linkage_blocks import LARGEST_BLOCK, Block
from routing.linkage_traits import Traits
from schemas.vocabulary import ItemKind


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Somebody who is compared where no number of theirs leads anywhere: the keyed hashes of ``terms`` and blocks.

    ``alike`` tells who it is of those whom the blocks hold, once they are read.
    """

    one: Traits
    terms: tuple[str, ...]
    blocks: Mapping[Block, tuple[str, ...]] = field(repr=False)
    child: bool
    alike: Callable[[Known, Sequence[str]], str | None] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for.

    ``identities`` are (feed, keyed hash), ``digests`` those of the bytes that came, ``terms`` the keyed hashes of
    everyone named, ``children`` those of the children among them, whose history is looked back on; ``unborn`` tells
    whether an unborn child is named, who is found through its mother. ``hashed`` are the keyed hashes by term.
    ``probes`` are those who are compared, where numbers do not tell.
    ``grades_since``: earlier concerns about the children from then on are asked for as well, for their grades.
    """

    identities: Sequence[tuple[str, str]] = ()
    digests: Sequence[str] = ()
    terms: Sequence[str] = ()
    children: frozenset[str] = frozenset()
    unborn: bool = False
    grades_since: datetime | None = None
    hashed: Mapping[LookupTerm, tuple[str, ...]] = field(default_factory=dict, repr=False)
    probes: Sequence[Probe] = field(default=(), repr=False)


async def load(statements: Statements, vault: Vault, wanted: Wanted, *, joining: bool = True) -> Known:
    """What the store holds of it. Until the transaction ends nobody else links people by these terms.

    Terms first, then referrals, then persons, each in their order: no two works wait for each other. Without
    ``joining`` no referral is going to be joined, and none is kept from other work.

    Raises:
        Unavailable: the store is not there, or other work was in the way.
        NotWhole: other work made one person of two in between: read again.
    """
    known = Known(hashed=wanted.hashed, probed={probe.one: probe.blocks for probe in wanted.probes})
    # Two notifications about one child that arrive at once then open one referral, not two.
    await statements.hold(sorted({_lock_number(one) for one in (*wanted.terms, *_locks(wanted.probes))}))
    feeds = sorted({feed for feed, _ in wanted.identities})
    hashes = sorted({hashed for one in wanted.probes for several in one.blocks.values() for hashed in several})
    rows, blocked = await statements.read(
        sets.there(feeds, [one for _, one in wanted.identities], wanted.terms),
        sets.in_blocks(hashes, LARGEST_BLOCK + 1),
    )
    for hashed, person in blocked:
        known.blocks[hashed].append(person)
    taken: list[tuple[str, str]] = []
    for kind, first, second in rows:
        if kind == "message":
            taken.append((first, second))
        else:
            known.terms[first].add(second)
    if taken:
        await _again(statements, vault, known, taken, wanted.digests)
    compared = [one for one in wanted.probes if not any(term in known.terms for term in one.terms)]
    alike = await _compare(statements, vault, known, compared) if compared else {}
    if known.terms or alike:
        await _people(statements, vault, known, wanted, alike, joining=joining)
    return known


def candidates(blocks: Mapping[Block, Sequence[str]], in_block: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """Whom to compare with, of those in these blocks, each with its keyed hashes."""
    found = {
        block: list(dict.fromkeys(person for hashed in hashes for person in in_block(hashed)))
        for block, hashes in blocks.items()
    }
    return linkage_blocks.chosen({block: people for block, people in found.items() if people})


async def _compare(statements: Statements, vault: Vault, known: Known, probes: Sequence[Probe]) -> dict[str, bool]:
    """The people who are surely these, by their weights, and whether as a child; what they are compared with is known.

    Nobody is kept from other work here: those who are to be refreshed are read again.
    """
    wanted = [candidates(one.blocks, lambda hashed: known.blocks.get(hashed, ())) for one in probes]
    people = sorted({person for several in wanted for person in several})
    if not people:
        return {}
    (rows,) = await statements.read(sets.people_seen(people))
    records = sets.PERSONS.records(statements.dialect, rows, PersonRecord)
    for record in records:
        known.persons[record.id] = record
    await _scopes(statements, vault, known, (one.scope for one in records))
    found: dict[str, bool] = {}
    for probe, several in zip(probes, wanted, strict=True):
        person = probe.alike(known, several)
        if person is not None:
            found[person] = found.get(person, False) or probe.child
    return found


def _locks(probes: Sequence[Probe]) -> list[str]:
    """What keeps two works from adding one person without a number twice: the finest key of the name and birth year."""
    return [
        hashed
        for probe in probes
        for block, hashes in probe.blocks.items()
        if block.finer and block.row == "both_names"
        for hashed in hashes
    ]


async def _again(
    statements: Statements, vault: Vault, known: Known, taken: Sequence[tuple[str, str]], digests: Sequence[str]
) -> None:
    """What is needed to answer a message that came before."""
    dialect = statements.dialect
    feeds, hashes = sorted({feed for feed, _ in taken}), [one for _, one in taken]
    (rows,) = await statements.read(sets.with_identity(feeds, hashes))
    firsts = sets.MESSAGES.records(dialect, rows, MessageRecord)
    for first in firsts:
        known.messages[first.feed, str(first.native_hash)] = first
    (rows,) = await statements.read(sets.conflicts([first.id for first in firsts], digests))
    conflicts = sets.MESSAGES.records(dialect, rows, MessageRecord)
    for conflict in conflicts:
        known.conflicts[str(conflict.conflict_with), conflict.digest] = conflict
    await _scopes(statements, vault, known, (one.scope for one in (*firsts, *conflicts)))


async def _people(
    statements: Statements,
    vault: Vault,
    known: Known,
    wanted: Wanted,
    alike: Mapping[str, bool],
    *,
    joining: bool,
) -> None:
    dialect = statements.dialect
    people = sorted({person for found in known.terms.values() for person in found} | alike.keys())
    children = {person for term in wanted.children for person in known.terms.get(term, ())}
    children |= {person for person, child in alike.items() if child}
    parts_of = sets.parts_beside if wanted.unborn else sets.parts_of
    referrals, parts, persons, history = await statements.read(
        sets.referrals_of(people, held=joining),
        parts_of(people),
        sets.people_known(people),
        sets.history_of(sorted(children)),
    )
    for referral in sets.REFERRALS.records(dialect, referrals, ReferralRecord):
        known.referrals[referral.id] = referral
    for referral_id, person_id, part in parts:
        known.parts[referral_id][person_id] = part
    for past in sets.past(dialect, history):
        known.history[past.person_id].append(past)
    records = sets.PERSONS.records(dialect, persons, PersonRecord)
    if len(records) < len(people):
        raise NotWhole("persons")  # other work made one of them part of another since the terms were read
    if wanted.unborn:
        beside = {person for parts in known.parts.values() for person in parts} - set(people)
        (rows,) = await statements.read(sets.people_known(sorted(beside)))
        records += sets.PERSONS.records(dialect, rows, PersonRecord)
    for record in records:
        known.persons[record.id] = record
        known.compared.pop(record.id, None)
        known.opened.pop(record.id, None)  # it may have changed since it was compared
    scopes = [*(one.scope for one in records), *(one.scope for one in known.referrals.values())]
    if wanted.grades_since is not None:
        scopes += await _items(statements, known, wanted.grades_since)
    await _scopes(statements, vault, known, scopes)


async def _items(statements: Statements, known: Known, since: datetime) -> list[str]:
    """The concerns of the history from then on, as they are sealed; the scopes that open them."""
    recent = {
        past.item_id
        for several in known.history.values()
        for past in several
        if past.received_at >= since and past.kind == ItemKind.CONCERN
    }
    if not recent:
        return []
    (rows,) = await statements.read(sets.items_sealed(sorted(recent)))
    for item, scope, sealed in rows:
        known.items[item] = (scope, bytes(sealed))
    return [scope for scope, _ in known.items.values()]


async def _scopes(statements: Statements, vault: Vault, known: Known, ids: Iterable[str]) -> None:
    (rows,) = await statements.read(sets.scopes_of(sorted(set(ids))))
    keys = sets.SCOPES.records(statements.dialect, rows, ScopeKey)
    await vault.keep_up(keys)
    for row in keys:
        if row.wrapped is not None:
            known.scopes[row.id] = vault.scope_of(row)


def _lock_number(term: str) -> int:
    """A 63-bit number for a keyed hash, away from the small numbers of the store's named locks."""
    return int.from_bytes(hashlib.sha256(term.encode()).digest()[:8]) >> 2 | 1 << 62
