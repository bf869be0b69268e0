"""What one message becomes: sealed values, keyed hashes, a log entry under its salt, and the rows of all of it.

The rows are those that the gateway leaves for the same message. A registration of somebody unknown: a scope, a message,
an item, a log entry, a notice. Of somebody known: also the person's record opened, merged and sealed anew. A concern:
also a referral with its scope, two people each with a scope, the mother's look-up term, and a second log entry.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.bounds.reading import Read, read
from benchmarks.bounds.sealing import Scope, known_scope, new_scope
from benchmarks.bounds.tree import Tree

Value = str | int | bool | bytes | datetime | None
Rows = dict[str, list[tuple[Value, ...]]]

FEED, AGENCY, ADAPTER, MEDIA_TYPE = "bench", "health", "nhs.hl7v2", "application/hl7-v2+er7"
_LOOKUP = os.urandom(32)
_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Arrived:
    """A message before its commit. ``used`` is the hash of a proof's id where it came with one."""

    id: str
    at: datetime
    identity: str
    digest: str
    term: str
    read: Read = field(repr=False)
    scope: Scope
    sealed: bytes = field(repr=False)
    item: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    answer_sealed: bytes = field(repr=False)
    entry: tuple[bytes, bytes, bytes] = field(repr=False)
    used: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody known by a look-up term."""

    person: str
    scope: str
    sealed: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Before:
    """The answer that an identity got the first time."""

    message: str
    scope: str
    answer_sealed: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


@dataclass(slots=True)
class Change:
    """What a commit writes: rows by table, people refreshed (sealed, when, id), and the answer of each message."""

    rows: Rows
    refreshed: list[tuple[bytes, datetime, str]]
    answers: list[bytes | None]
    notices: list[str]


def arrive(message: bytes, used: str = "") -> Arrived:
    """Everything that needs no look into the store."""
    told, at, name = read(message), datetime.now(UTC), f"msg_{os.urandom(16).hex()}"
    scope, digest = new_scope(name), hashlib.sha256(message).hexdigest()
    answer = f"MSH|^~\\&|MASH|HUB|||{at:%Y%m%d%H%M%S}||ACK|{name}|P|2.4\rMSA|AA|{told.native_id}\r".encode()
    return Arrived(
        id=name,
        at=at,
        identity=keyed(f"message:{FEED}", told.native_id),
        digest=digest,
        term=keyed("nhs_number", told.nhs),
        read=told,
        scope=scope,
        sealed=scope.seal(message, b"messages.sealed"),
        item=scope.seal(told.record, b"items.sealed"),
        answer=answer,
        answer_sealed=scope.seal(answer, b"messages.answer_sealed"),
        entry=entry("message.accepted", name, at, digest),
        used=used,
    )


def keyed(kind: str, value: str) -> str:
    """The keyed hash by which something is found."""
    return hmac.digest(_LOOKUP, f"{kind}\n{value}".encode(), "sha256").hex()


def entry(event: str, subject: str, at: datetime, detail: str) -> tuple[bytes, bytes, bytes]:
    """A log entry, its salt and its commitment."""
    told = {"v": 1, "event": event, "at": at.isoformat(), "actor": AGENCY, "subject": subject, "detail": detail}
    text, salt = json.dumps(told, separators=(",", ":")).encode(), os.urandom(32)
    return text, salt, hashlib.sha256(salt + text).digest()


def finish(
    batch: Sequence[Arrived],
    before: Mapping[str, Before],
    known: Mapping[str, Known],
    used: frozenset[str],
    tree: Tree,
) -> Change:
    """The rows of a batch, once it is known what is there already. A proof that was used gets no answer."""
    rows: Rows = defaultdict(list)
    change = Change(rows=rows, refreshed=[], answers=[], notices=[])
    entries: list[tuple[str, Arrived, str, tuple[bytes, bytes, bytes]]] = []
    now_there: dict[str, bytes] = {}
    taken = set(used)
    for one in batch:
        if one.used:
            if one.used in taken:
                change.answers.append(None)
                continue
            taken.add(one.used)
            rows["seen"].append(("dpop", one.used, one.at + _DAY))
        first = _first_answer(one, before, now_there)
        change.answers.append(first or one.answer)
        if first is None:
            now_there[one.identity] = one.answer
            entries += _kept(one, known.get(one.term), change)
    for place, (event, one, referral, (text, salt, commitment)) in enumerate(entries, start=tree.size):
        rows["log_entries"].append(
            (os.urandom(16).hex(), event, one.at, AGENCY, referral, one.id, text, salt, commitment, place)
        )
    rows["log_nodes"] += tree.append([one[3][2] for one in entries])
    return change


def _first_answer(one: Arrived, before: Mapping[str, Before], now_there: Mapping[str, bytes]) -> bytes | None:
    found = before.get(one.identity)
    if found is not None:
        return known_scope(found.scope, found.wrapped).open(found.answer_sealed, b"messages.answer_sealed")
    return now_there.get(one.identity)


def _kept(
    one: Arrived, known: Known | None, change: Change
) -> list[tuple[str, Arrived, str, tuple[bytes, bytes, bytes]]]:
    rows, entries, people = change.rows, [("message.accepted", one, "", one.entry)], list[tuple[str, str]]()
    _scope(rows, one.scope, one.at)
    rows["messages"].append(
        (one.id, FEED, AGENCY, ADAPTER, one.identity, one.digest, "accepted", one.at, one.id, one.sealed, 200,
         MEDIA_TYPE, one.answer_sealed)
    )  # fmt: skip
    if known is not None:
        scope = known_scope(known.scope, known.wrapped)
        held = json.loads(scope.open(known.sealed, b"persons.sealed"))
        merged = held | {name: value for name, value in one.read.people[0].items() if value}
        change.refreshed.append((scope.seal(json.dumps(merged).encode(), b"persons.sealed"), one.at, known.person))
        people.append((known.person, "adult"))
    referral = ""
    if one.read.concern:
        referral = f"ref_{os.urandom(16).hex()}"
        _scope(rows, new_scope(referral), one.at)
        rows["referrals"].append((referral, "received", one.at, one.at + _DAY, referral, False, 1))
        entries.append(("referral.created", one, referral, entry("referral.created", referral, one.at, one.id)))
        people += _added(one, rows, everybody=known is None)
        rows["referral_persons"] += [(referral, person, part, person, one.at, "hub") for person, part in people]
    item = f"itm_{os.urandom(16).hex()}"
    kind, end = ("concern", "referral") if one.read.concern else ("update", "refreshed" if known else "no_concern")
    rows["items"].append((item, one.id, 0, kind, end, referral or None, one.item, one.at))
    rows["item_persons"] += [(item, person) for person, _ in people]
    change.notices.append(notice := os.urandom(16).hex())
    rows["notices"].append((notice, one.id, one.at))
    return entries


def _added(one: Arrived, rows: Rows, *, everybody: bool) -> list[tuple[str, str]]:
    """New people: the child, and the mother unless she is known."""
    added = []
    for place, person in enumerate(one.read.people):
        if place == 0 and not everybody:
            continue
        name = f"per_{os.urandom(16).hex()}"
        scope = new_scope(name)
        _scope(rows, scope, one.at)
        sealed = scope.seal(json.dumps(person, separators=(",", ":")).encode(), b"persons.sealed")
        rows["persons"].append((name, name, sealed, one.at, one.at))
        if place == 0:
            rows["person_terms"].append((one.term, name, "nhs_number"))
        added.append((name, "adult" if place == 0 else "subject"))
    return added


def _scope(rows: Rows, scope: Scope, at: datetime) -> None:
    rows["scopes"].append((scope.id, 1, scope.wrapped, at))
