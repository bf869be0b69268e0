"""The erasure ledger: a file of signed lines outside database and backup, each bound to the one before.

A line is canonical JSON::

    {"v": 1, "number", "before", "at", "referral", "scopes", "entries", "note"}

``number`` counts from 1; ``before`` is the SHA-256 of the line before (base64url; of nothing for the first), line feed
included. ``scopes`` are the keys that were destroyed and ``entries`` the log's entries that were blanked, by their ids.
``note`` is a signed note with origin ``{origin}/erasure`` over ``number`` and the SHA-256 of the line without ``note``.
Lines are only ever added. Nobody's name stands in it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crypto import base64url, canonical
from crypto.canonical import JsonInput
from crypto.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from crypto.failure import SealFailed
from gateway.log.entry import instant
from gateway.log.signers import CheckpointKeys
from schemas.errors import Rejected, Unavailable

VERSION = 1
SUFFIX = "/erasure"
_MEMBERS = frozenset({"v", "number", "before", "at", "referral", "scopes", "entries", "note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One erasure as the ledger tells it."""

    number: int
    referral: str
    scopes: tuple[str, ...]
    entries: tuple[str, ...]


class Ledger:
    """The file at ``path``, signed and checked by the keys of the log of this ``origin``."""

    def __init__(self, path: Path, keys: CheckpointKeys, *, origin: str) -> None:
        self.path = path
        self._keys = keys
        self._origin = origin + SUFFIX

    def read(self) -> list[Erased]:
        """Every erasure, in order; none where there is no file.

        Raises:
            Rejected: a line was changed, taken away from the middle, or is not signed by a key of this hub.
            Unavailable: the file can't be read.
        """
        found, before = list[Erased](), b""
        for number, raw in enumerate(self._lines(), start=1):
            found.append(self._parsed(raw, number, before))
            before = raw
        return found

    def add(self, referral: str, scopes: Sequence[str], entries: Sequence[str], *, now: datetime) -> Erased:
        """Add a line, durable before this returns. One process at a time: hold the sequencer's lock.

        Raises:
            Rejected: the ledger as it is does not hold.
            Unavailable: it can't be written, or no key signs at the moment.
        """
        number = len(self.read()) + 1
        lines = self._lines()
        body: dict[str, JsonInput] = {
            "v": VERSION,
            "number": number,
            "before": _digest(lines[-1] if lines else b""),
            "at": instant(now),
            "referral": referral,
            "scopes": list(scopes),
            "entries": list(entries),
        }
        root = hashlib.sha256(canonical.dumps(body)).digest()
        signed = Checkpoint(origin=self._origin, size=number, root=root)
        body["note"] = sign_checkpoint(signed, self._keys.checkpoint_key())
        try:
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
                file.write(canonical.dumps(body) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            raise Unavailable("erasure.ledger", "the erasure ledger can't be written", at="retention.ledger") from None
        return Erased(number=number, referral=referral, scopes=tuple(scopes), entries=tuple(entries))

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except OSError:
            raise Unavailable("erasure.ledger", "the erasure ledger can't be read", at="retention.ledger") from None

    def _parsed(self, raw: bytes, number: int, before: bytes) -> Erased:
        bad = Rejected("erasure.ledger", f"line {number} does not hold: put the right file back", at="retention.ledger")
        line = canonical.loads(raw)
        if not isinstance(line, dict) or line.keys() != _MEMBERS or canonical.dumps(line) + b"\n" != raw:
            raise bad
        note, referral, scopes, entries = line.pop("note"), line["referral"], line["scopes"], line["entries"]
        if not (isinstance(note, str) and isinstance(referral, str)):
            raise bad
        if not (isinstance(scopes, list) and isinstance(entries, list)):
            raise bad
        root = hashlib.sha256(canonical.dumps(line)).digest()
        expected = Checkpoint(origin=self._origin, size=number, root=root)
        if (line["number"], line["before"]) != (number, _digest(before)) or not self._is_signed(note, expected):
            raise bad
        return Erased(
            number=number, referral=referral, scopes=tuple(map(str, scopes)), entries=tuple(map(str, entries))
        )

    def _is_signed(self, note: str, expected: Checkpoint) -> bool:
        for verifier in (*self._keys.checkpoint_verifiers(), *self._keys.former_checkpoint_verifiers()):
            try:
                if verify_checkpoint(note, verifier, origin=self._origin) == expected:
                    return True
            except SealFailed:
                continue
        return False


def _digest(line: bytes) -> str:
    return base64url.encode(hashlib.sha256(line).digest())
