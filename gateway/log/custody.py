"""The chain of custody of one referral: one text file, from the native notification to the last opening.

Lines, each one JSON object in canonical spelling, with a ``kind``::

    header      format, v, origin, referral, agency (null: everything), size, exported_at, keys: verifier texts, the one
                that seals first
    checkpoint  size, note, consistency: the proof from this size to the last one. By size; the last covers every entry
    key         kid, purpose, version, state, public, and when it was created, published, promoted, retired, revoked
    native      message, feed, agency, received_at, digest of the bytes as they came, and the acknowledgement's
                status, media type and digest (null where its key was destroyed)
    erasure     ledger: the line of the erasure ledger as it stands there; keks: kid, version and destroyed_at of each
                version of the key-encryption key that wrapped it; backups_end, for_good, fixed (false: no sooner)
    entry       index, entry (its exact text), salt, path: the proof of inclusion under the last checkpoint
    erased      index, leaf, path: an entry whose text and salt were destroyed
    seal        note: a signed note with origin ``{origin}/custody`` over the number and the SHA-256 of the lines before

Byte strings are base64url, digests of documents as the log spells them. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from crypto import base64url, canonical, merkle
from crypto.canonical import JsonInput
from crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.log.entry import instant
from gateway.log.signers import CheckpointKeys
from gateway.store import Reading
from gateway.store.direct import places
from gateway.store.records import CheckpointRecord, KeyRow, LogRecord, MessageRecord
from routing import custody as cut
from schemas.errors import Conflict

FORMAT = "mash-custody-bundle"
VERSION = 1
SEAL_SUFFIX = "/custody"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureShown:
    """An erasure as its proof tells it. ``ledger`` is the line's text; ``keks`` are the keys that wrapped it."""

    ledger: str
    keks: Sequence[KeyRow]
    backups_end: datetime
    for_good: datetime
    fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What a bundle tells of: in full, or cut to what one agency may see."""

    referral: str
    agency: str | None
    natives: Sequence[MessageRecord]
    keys: Sequence[KeyRow]
    entries: Sequence[LogRecord]
    erasure: ErasureShown | None = None


async def gathered(work: Reading, referral: str, *, agency: str | None = None) -> Custody:
    """Everything of this referral, or what this agency may see of it (see ``routing.custody``).

    Raises:
        Unknown: there is no such referral.
        Conflict: an entry has no place as yet.
    """
    await work.referrals.get(referral)
    items = await work.messages.items_of_referral(referral)
    natives = await work.messages.get_many(sorted({item.message_id for item in items}))
    requests = await work.requests.of_referral(referral)
    disclosures = await work.disclosures.of_referral(referral)
    envelopes = await work.envelopes.of_referral(referral)
    agencies = sorted(
        {one.agency for one in natives}
        | {one.agency for one in requests}
        | {one.agency for one in disclosures}
        | {one.agency for one in envelopes}
    )
    keys = list(await work.keys.all())
    named = [*(one.id for one in natives), *(one.id for one in requests), *(one.kid for one in keys), *agencies]
    found = {one.id: one for one in (*await work.log.of_referral(referral), *await work.log.about(named))}
    if agency is not None:
        natives = [one for one in natives if one.agency == agency]
        keys = [one for one in keys if one.purpose in cut.PUBLISHED]
        relations = cut.relations(
            agency=agency,
            sent=[one.id for one in natives],
            asked=[one.id for one in requests if one.agency == agency],
            owned=[one.id for one in disclosures if one.agency == agency],
            received=[one.id for one in envelopes if one.agency == agency],
            keys=[one.kid for one in keys],
        )
        found = {
            name: one
            for name, one in found.items()
            if cut.may_see(agency, relations, event=one.event, actor=one.actor, subject=one.subject)
        }
    if any(one.position is None for one in found.values()):
        raise Conflict("log.export.uncovered", "an entry waits for its place: try again")
    entries = sorted(found.values(), key=lambda one: one.position or 0)
    return Custody(referral=referral, agency=agency, natives=natives, keys=keys, entries=entries)


async def erased(work: Reading, subject: str, shown: ErasureShown) -> Custody:
    """The proof of an erasure: what the log tells of it and of its keys, and the places of what it blanked.

    Raises:
        Conflict: an entry has no place as yet.
    """
    blank = await work.log.by_ids(json.loads(shown.ledger)["entries"])
    about = await work.log.about([subject, *(key.kid for key in shown.keks)])
    told = [one for one in about if one.event.partition(".")[0] in {"erasure", "hold", "key"}]
    found = {one.id: one for one in (*blank, *told)}.values()
    if any(one.position is None for one in found):
        raise Conflict("log.export.uncovered", "an entry waits for its place: try again")
    entries = sorted(found, key=lambda one: one.position or 0)
    return Custody(referral=subject, agency=None, natives=(), keys=shown.keks, entries=entries, erasure=shown)


async def export(
    work: Reading,
    keys: CheckpointKeys,
    file: IO[bytes],
    custody: Custody,
    *,
    acknowledgements: Mapping[str, bytes],
    origin: str,
    now: datetime,
) -> int:
    """Write the bundle; how many entries it shows. ``now`` is aware UTC.

    ``acknowledgements`` are the bytes that each message was answered with, by its id, where they can still be read.

    Raises:
        Conflict: the last checkpoint does not cover the log: verify it.
        Unavailable: no key signs at the moment.
    """
    checkpoints = await work.log.checkpoints()
    size = await work.log.size()
    if not checkpoints or checkpoints[-1].size != size:
        raise Conflict("log.export.uncovered", "the last checkpoint does not cover the log: run mash log verify")
    shown = _covering(checkpoints, [one.position or 0 for one in custody.entries])
    wanted = {node for one in custody.entries for node in merkle.nodes_for_inclusion(one.position or 0, size)}
    wanted |= {node for one in shown for node in merkle.nodes_for_consistency(one.size, size)}
    nodes = await places.nodes(work.sets, wanted)
    key = keys.checkpoint_key()
    verifiers = [one.text() for one in (*keys.checkpoint_verifiers(), *keys.former_checkpoint_verifiers())]
    header: JsonInput = {
        "kind": "header",
        "format": FORMAT,
        "v": VERSION,
        "origin": origin,
        "referral": custody.referral,
        "agency": custody.agency,
        "size": size,
        "exported_at": instant(now),
        "keys": verifiers,
    }
    digest, count = hashlib.sha256(), 0
    for line in (header, *_lines(custody, shown, size, acknowledgements, lambda level, index: nodes[level, index])):
        data = canonical.dumps(line) + b"\n"
        file.write(data)
        digest.update(data)
        count += 1
    note = sign_checkpoint(Checkpoint(origin=origin + SEAL_SUFFIX, size=count, root=digest.digest()), key)
    file.write(canonical.dumps({"kind": "seal", "note": note}) + b"\n")
    return len(custody.entries)


def _lines(
    custody: Custody,
    checkpoints: Sequence[CheckpointRecord],
    size: int,
    acknowledgements: Mapping[str, bytes],
    read: merkle.Read,
) -> Iterator[JsonInput]:
    for checkpoint in checkpoints:
        proof = merkle.consistency(checkpoint.size, size, read)
        yield {
            "kind": "checkpoint",
            "size": checkpoint.size,
            "note": checkpoint.note,
            "consistency": [base64url.encode(node) for node in proof],
        }
    for key in custody.keys:
        yield _key(key)
    for native in custody.natives:
        yield _native(native, acknowledgements.get(native.id))
    if custody.erasure is not None:
        yield _erasure(custody.erasure)
    places_of = [entry.position or 0 for entry in custody.entries]
    for entry, path in zip(custody.entries, merkle.inclusions(places_of, size, read), strict=True):
        yield _entry(entry, [base64url.encode(node) for node in path])


def _covering(checkpoints: Sequence[CheckpointRecord], positions: Collection[int]) -> list[CheckpointRecord]:
    """The first checkpoint over each of these places, which whoever was handed a proof holds, and the last of all."""
    found: dict[int, CheckpointRecord] = {}
    ordered, place = sorted(positions), 0
    for checkpoint in checkpoints:
        before = place
        while place < len(ordered) and ordered[place] < checkpoint.size:
            place += 1
        if place > before:
            found[checkpoint.size] = checkpoint
    found[checkpoints[-1].size] = checkpoints[-1]
    return list(found.values())


def _key(key: KeyRow) -> JsonInput:
    return {
        "kind": "key",
        "kid": key.kid,
        "purpose": key.purpose,
        "version": key.version,
        "state": key.state,
        "public": key.public,
        "created_at": instant(key.created_at),
        "published_at": instant(key.published_at) if key.published_at else None,
        "promoted_at": instant(key.promoted_at) if key.promoted_at else None,
        "retired_at": instant(key.retired_at) if key.retired_at else None,
        "revoked_at": instant(key.revoked_at) if key.revoked_at else None,
    }


def _erasure(shown: ErasureShown) -> JsonInput:
    return {
        "kind": "erasure",
        "ledger": shown.ledger,
        "keks": [
            {
                "kid": key.kid,
                "version": key.version,
                "destroyed_at": instant(key.changed_at) if key.state == "destroyed" and key.changed_at else None,
            }
            for key in shown.keks
        ],
        "backups_end": instant(shown.backups_end),
        "for_good": instant(shown.for_good),
        "fixed": shown.fixed,
    }


def _native(message: MessageRecord, acknowledgement: bytes | None) -> JsonInput:
    told = None if acknowledgement is None else base64url.encode(hashlib.sha256(acknowledgement).digest())
    return {
        "kind": "native",
        "message": message.id,
        "feed": message.feed,
        "agency": message.agency,
        "received_at": instant(message.received_at),
        "digest": message.digest,
        "acknowledgement": {
            "status": message.answer_status,
            "media_type": message.answer_media_type,
            "digest": told,
        },
    }


def _entry(entry: LogRecord, path: list[str]) -> JsonInput:
    if not entry.salt:
        leaf = base64url.encode(entry.commitment)
        return {"kind": "erased", "index": entry.position, "leaf": leaf, "path": path}
    return {
        "kind": "entry",
        "index": entry.position,
        "entry": entry.entry.decode(),
        "salt": base64url.encode(entry.salt),
        "path": path,
    }
