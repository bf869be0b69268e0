"""The erasure ledger: a file of signed lines outside database and backup, each bound to the one before.

A line is canonical JSON::

    {"v": 2, "number", "before", "at", "subject", "scopes", "entries", "keks", "note"}

``number`` counts from 1; ``before`` is the SHA-256 of the line before (base64url; of nothing for the first), line feed
included. ``subject`` is what was erased: a referral, a message that belonged to none, or (by its kid) a version of the
key-encryption key. ``scopes`` are the keys that were destroyed and ``entries`` the log's entries that were blanked, by
their ids; ``keks`` the versions that those keys were wrapped under. A line of v 1 says ``referral``, without ``keks``.
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
from schemas.errors import Rejected, Unavailable, Unknown

VERSION = 2
SUFFIX = "/erasure"
_COMMON = frozenset({"v", "number", "before", "at", "scopes", "entries", "note"})
_MEMBERS = {1: _COMMON | {"referral"}, VERSION: _COMMON | {"subject", "keks"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One erasure as the ledger tells it."""

    number: int
    subject: str
    scopes: tuple[str, ...]
    entries: tuple[str, ...]
    keks: tuple[int, ...]


class Ledger:
    """The file at ``path``, signed and checked by the keys of the log of this ``origin``."""

    def __init__(self, path: Path, keys: CheckpointKeys, *, origin: str) -> None:
        self.path = path
        self._keys = keys
        self._origin = origin + SUFFIX
        self._checked: list[tuple[bytes, Erased]] = []  # lines whose signatures held: looked at once

    def read(self) -> list[Erased]:
        """Every erasure, in order; none where there is no file.

        Raises:
            Rejected: a line was changed, taken away from the middle, or is not signed by a key of this hub.
            Unavailable: the file can't be read.
        """
        lines = self._lines()
        if lines[: len(self._checked)] != [raw for raw, _ in self._checked]:
            self._checked = []
        for number, raw in enumerate(lines[len(self._checked) :], start=len(self._checked) + 1):
            before = self._checked[-1][0] if self._checked else b""
            self._checked.append((raw, self._parsed(raw, number, before)))
        return [line for _, line in self._checked]

    def text(self, number: int) -> str:
        """A line as it stands in the file, without its line feed.

        Raises:
            Rejected, Unavailable: as ``read``. Unknown: there is no such line.
        """
        if not 0 < number <= len(self.read()):
            raise Unknown("erasure.ledger.line", "the ledger has no such line", at="retention.ledger")
        return self._checked[number - 1][0].decode().rstrip("\n")

    def add(
        self, subject: str, scopes: Sequence[str], entries: Sequence[str], keks: Sequence[int], *, now: datetime
    ) -> Erased:
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
            "subject": subject,
            "scopes": list(scopes),
            "entries": list(entries),
            "keks": list(keks),
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
        return self.read()[number - 1]

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
        if not isinstance(line, dict) or canonical.dumps(line) + b"\n" != raw:
            raise bad
        version = line.get("v")
        if not isinstance(version, int) or line.keys() != _MEMBERS.get(version):
            raise bad
        note, subject = line.pop("note"), line["subject" if version == VERSION else "referral"]
        scopes, entries, keks = line["scopes"], line["entries"], line.get("keks", [])
        if not (isinstance(note, str) and isinstance(subject, str)):
            raise bad
        if not (isinstance(scopes, list) and isinstance(entries, list) and isinstance(keks, list)):
            raise bad
        root = hashlib.sha256(canonical.dumps(line)).digest()
        expected = Checkpoint(origin=self._origin, size=number, root=root)
        if (line["number"], line["before"]) != (number, _digest(before)) or not self._is_signed(note, expected):
            raise bad
        return Erased(
            number=number,
            subject=subject,
            scopes=tuple(map(str, scopes)),
            entries=tuple(map(str, entries)),
            keks=tuple(one for one in keks if isinstance(one, int)),
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
