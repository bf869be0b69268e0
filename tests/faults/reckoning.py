"""The reckoning: what the store holds against what the senders sent and the readers got. Pure.

Nothing may be missing, nothing may be there twice, and the log must tell all of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from gateway.log.events import Event
from gateway.store.records import EndState, EnvelopeState, Fate
from tests.faults.casework import ASKED
from tests.faults.holdings import Holdings, Row
from tests.faults.readers import Bookshelf
from tests.faults.senders import Ledger

_ENDS = frozenset(map(str, EndState))
_ARRIVALS = frozenset({Event.MESSAGE_ACCEPTED, Event.MESSAGE_QUARANTINED, Event.MESSAGE_CONFLICT})


def broken(held: Holdings, ledger: Ledger, shelf: Bookshelf, cases: Collection[str]) -> list[str]:
    """What does not hold; nothing where all does.

    (1) every answered message is there exactly once, with its bytes and a visible end; (2) nothing else is; (3) who
    sent twice was told the same twice; (4) the counts of every feed reconcile with what was sent; (5) the log
    verifies, continues every tree that anybody saw, and tells of each arrival once; (6) nothing waits to leave;
    (7) every envelope reached its reader and was opened once; (8) no case was asked twice.
    """
    return [
        *_kept(held, ledger),
        *_answers(ledger),
        *_counts(held, ledger),
        *_log(held),
        *(f"envelope {row['envelope_id']} never left: {row['parked_reason'] or 'it waits'}" for row in held.outbox),
        *_opened(held, shelf),
        *_cases(held, cases),
    ]


def _kept(held: Holdings, ledger: Ledger) -> Iterator[str]:
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in held.messages:
        rows[row["feed"], row["digest"]].append(row)
    for key in ledger.answers:
        # (1) exactly once
        found = rows.get(key, [])
        if len(found) != 1:
            yield f"{_name(key)} was answered and is there {len(found)} times"
            continue
        row = found[0]
        if held.opened[row["id"]] != key[1]:
            yield f"{_name(key)} opens to other bytes than were sent"
        yield from _ended(row, held, ledger, key)
    # (2) nothing else: what was sent and never answered may be there once, or not at all
    for key, found in rows.items():
        if key not in ledger.attempts:
            yield f"{_name(key)} is there and nobody sent it"
        elif len(found) > 1:
            yield f"{_name(key)} is there {len(found)} times"


def _ended(row: Row, held: Holdings, ledger: Ledger, key: tuple[str, str]) -> Iterator[str]:
    ends = held.ends.get(row["id"], ())
    contradicts = key in ledger.contradictions
    fate = Fate.QUARANTINED if contradicts else ledger.letters[key].fate
    if row["fate"] != fate:
        yield f"{_name(key)} is {row['fate']} and should be {fate}"
    if fate == Fate.ACCEPTED and not (ends and _ENDS.issuperset(ends)):
        yield f"{_name(key)} was accepted and has no visible end"
    if fate == Fate.QUARANTINED and (ends or not row["reason_code"]):
        yield f"{_name(key)} is in quarantine without a reason, or with items"
    if contradicts != bool(row["conflict_with"]):
        yield f"{_name(key)} should {'' if contradicts else 'not '}be kept as a conflict"


def _answers(ledger: Ledger) -> Iterator[str]:
    # (3) the first answer again, byte for byte
    for key, told in ledger.answers.items():
        if len(set(told)) > 1:
            yield f"{_name(key)} was answered in {len(set(told))} ways"


def _counts(held: Holdings, ledger: Ledger) -> Iterator[str]:
    # (4) a count for every arrival that was answered, none for what never was sent
    answered: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for (feed, _), told in ledger.answers.items():
        answered[feed] += len(told)
    for (feed, _), times in ledger.attempts.items():
        sent[feed] += times
    for counts in held.counts:
        if not counts.reconciled:
            yield f"{counts.feed}: its counts do not reconcile"
        # The broker may deliver again what it confirmed once, so there only the lower bound holds.
        most = float("inf") if counts.feed.endswith("amqp") else sent[counts.feed]
        if not answered[counts.feed] <= counts.received <= most:
            yield f"{counts.feed}: {counts.received} received, {answered[counts.feed]} answered, {most} sent"
        kept = sum(row["feed"] == counts.feed for row in held.messages)
        if counts.accepted + counts.quarantined != kept:
            yield f"{counts.feed}: {kept} messages kept, {counts.accepted + counts.quarantined} counted"


def _log(held: Holdings) -> Iterator[str]:
    # (5) the log
    if held.log_problem:
        yield f"the log does not verify: {held.log_problem}"
    for size in held.forks:
        yield f"the log does not continue the tree of {size} entries that was seen"
    events: dict[str, Counter[str]] = defaultdict(Counter)
    for event in held.events:
        events[event["event"]][event["subject"] or ""] += 1
    for row in held.messages:
        told = sum(events[name][row["id"]] for name in _ARRIVALS)
        if told != 1:
            yield f"message {row['id']} is told of {told} times as an arrival"
    duplicates = sum(counts.duplicate for counts in held.counts)
    if events[Event.MESSAGE_DUPLICATE].total() != duplicates:
        yield f"{duplicates} duplicates counted, {events[Event.MESSAGE_DUPLICATE].total()} told"
    for row in held.envelopes:
        for name in (Event.ENVELOPE_SEALED, Event.ENVELOPE_OPENED):
            if events[name][row["id"]] != 1:
                yield f"envelope {row['id']}: {name} is told {events[name][row['id']]} times"


def _opened(held: Holdings, shelf: Bookshelf) -> Iterator[str]:
    # (7) one release, however often it was asked for
    for row in held.envelopes:
        name = row["id"]
        if row["state"] != EnvelopeState.RELEASED:
            yield f"envelope {name} is {row['state']}"
        if len(set(shelf.releases.get(name, ()))) != 1:
            yield f"envelope {name}: its reader got {len(set(shelf.releases.get(name, ())))} different releases"
    yield from (f"a reader was refused: {refusal}" for refusal in shelf.refused)
    yield from (f"somebody else opened {name}" for name in shelf.stolen)


def _cases(held: Holdings, cases: Collection[str]) -> Iterator[str]:
    # (8) each agency once
    asked = Counter((row["referral_id"], row["agency"]) for row in held.requests)
    for referral in cases:
        for agency in ASKED:
            if asked[referral, agency] != 1:
                yield f"case {referral}: {agency} was asked {asked[referral, agency]} times"


def _name(key: tuple[str, str]) -> str:
    return f"{key[0]}/{key[1][:12]}"
