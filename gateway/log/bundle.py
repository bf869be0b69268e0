"""The exported log: one JSON-lines text file that ``offline_verifier.py`` checks without any part of the gateway.

Lines, each one JSON object with a ``kind``::

    header      format, v, origin, size, referral, exported_at, keys: verifier texts, the one that seals first
    entry       index, entry (its exact text), salt
    leaf        index, leaf: the commitment, where the entry is not shown
    checkpoint  note, directly after the last leaf that it covers
    seal        note: a signed note with origin ``{origin}/bundle``, the number of lines before it and the SHA-256 of
                their bytes in place of size and root; the origin keeps it from ever passing for a checkpoint

Byte strings are base64url.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import IO

from crypto import base64url, canonical
from crypto.canonical import JsonInput
from crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.log.entry import instant
from gateway.log.signers import CheckpointKeys
from gateway.store import Reading
from gateway.store.records import CheckpointRecord, LogRecord
from schemas.errors import Conflict

FORMAT = "mash-log-bundle"
VERSION = 1
SEAL_SUFFIX = "/bundle"
BATCH = 1_000


class _Lines:
    """Writes lines and keeps count and digest of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.count = 0
        self.digest = hashlib.sha256()

    def write(self, line: JsonInput) -> None:
        data = canonical.dumps(line) + b"\n"
        self._file.write(data)
        self.digest.update(data)
        self.count += 1


async def export(
    work: Reading, keys: CheckpointKeys, file: IO[bytes], *, origin: str, now: datetime, referral: str | None = None
) -> int:
    """Write what this transaction sees of the log; how many entries it shows. ``now`` is aware UTC.

    With ``referral`` only that referral's entries are shown; of all others the file holds the commitments, which tell
    nothing without their salts.

    Raises:
        Conflict: the last checkpoint does not cover the log: verify it.
        Unavailable: no key signs at the moment.
    """
    size = await work.log.size()
    checkpoints = deque(await work.log.checkpoints())
    if size and (not checkpoints or checkpoints[-1].size != size):
        raise Conflict("log.export.uncovered", "the last checkpoint does not cover the log: run mash log verify")
    key, lines, shown = keys.checkpoint_key(), _Lines(file), 0
    verifiers = [verifier.text() for verifier in (*keys.checkpoint_verifiers(), *keys.former_checkpoint_verifiers())]
    lines.write(_header(origin, size, referral, now, verifiers))
    for start in range(0, size, BATCH):
        for entry in await work.log.entries(start, min(start + BATCH, size)):
            show = referral is None or entry.referral_id == referral
            lines.write(_shown(entry) if show else _hidden(entry))
            shown += show
            _write_checkpoints(lines, checkpoints, (entry.position or 0) + 1)
    note = sign_checkpoint(Checkpoint(origin=origin + SEAL_SUFFIX, size=lines.count, root=lines.digest.digest()), key)
    lines.write({"kind": "seal", "note": note})
    return shown


def _header(origin: str, size: int, referral: str | None, now: datetime, verifiers: Sequence[str]) -> JsonInput:
    return {
        "kind": "header",
        "format": FORMAT,
        "v": VERSION,
        "origin": origin,
        "size": size,
        "referral": referral,
        "exported_at": instant(now),
        "keys": verifiers,
    }


def _shown(entry: LogRecord) -> JsonInput:
    return {
        "kind": "entry",
        "index": entry.position,
        "entry": entry.entry.decode(),
        "salt": base64url.encode(entry.salt),
    }


def _hidden(entry: LogRecord) -> JsonInput:
    return {"kind": "leaf", "index": entry.position, "leaf": base64url.encode(entry.commitment)}


def _write_checkpoints(lines: _Lines, checkpoints: deque[CheckpointRecord], size: int) -> None:
    while checkpoints and checkpoints[0].size <= size:
        lines.write({"kind": "checkpoint", "note": checkpoints.popleft().note})
