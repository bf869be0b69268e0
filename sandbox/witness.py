"""A witness of logs: it cosigns a checkpoint that follows the last one it saw, and refuses forks and rollbacks.

What it saw last is on the disk before its signature leaves, so that no restart makes it forget.
Source: C2SP tlog-witness v0.1 (add-checkpoint), tlog-cosignature v1.0.0 (cosignature/v1), RFC 9162 section 2.1.4.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox.failures import NotTrusted
from sandbox.log_proof import COSIGNATURE, LogKey, checkpoint, follows

LARGEST_BODY = 64 * 1024
_MOST_HASHES = 63
SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a witness answers: 200 with its line; 400, 403, 404, 409 or 422 by the specification."""

    status: int
    text: str = ""
    media_type: str = "text/plain"


class Memory:
    """The last checkpoint of each log, one small file for each, replaced whole and durable once ``keep`` returns."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def last(self, origin: str) -> tuple[int, bytes]:
        """Size and root of the last checkpoint of this log; of an unknown one, 0 and nothing."""
        path = self._path(origin)
        if not path.exists():
            return 0, b""
        held = json.loads(path.read_text(encoding="utf-8"))
        return int(held["size"]), bytes.fromhex(held["root"])

    def keep(self, origin: str, size: int, root: bytes) -> None:
        """Remember this one."""
        path = self._path(origin)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"origin": origin, "size": size, "root": root.hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _path(self, origin: str) -> Path:
        return self._directory / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"


class Witness:
    """One witness. ``logs`` are the keys of the logs that it knows, by origin."""

    def __init__(self, name: str, key: Ed25519PrivateKey, logs: Mapping[str, LogKey], memory: Memory) -> None:
        self._name = name
        self._key = key
        self._logs = logs
        self._memory = memory

    def verifier(self) -> str:
        """The witness's verifier key, for whoever trusts it."""
        raw = COSIGNATURE + self._key.public_key().public_bytes_raw()
        return f"{self._name}+{self._key_id().hex()}+{base64.b64encode(raw).decode()}"

    def add_checkpoint(self, body: bytes, now: int) -> Answer:
        """Cosign the checkpoint in ``body`` at ``now`` (seconds of the epoch), or say why not.

        (1) the request is whole; (2) the log is known (404) and signed the checkpoint (403); (3) the old size is the
        one seen last (409 tells it) and not beyond the new one (400); (4) the same size has the same root (409), and
        a larger tree begins with the one seen (422); (5) it is remembered; (6) then it is signed.
        """
        # (1) the request
        try:
            old, path, note = _parsed(body)
        except ValueError:
            return Answer(status=400, text="malformed\n")
        # (2) a known log's own checkpoint
        key = self._logs.get(note.partition("\n")[0])
        if key is None:
            return Answer(status=404, text="unknown log\n")
        try:
            size, root = checkpoint(note, key)
        except NotTrusted:
            return Answer(status=403, text="not signed by the log\n")
        # (3) where we are
        seen, seen_root = self._memory.last(key.name)
        if old > size:
            return Answer(status=400, text="the old size is beyond the new one\n")
        if old != seen:
            return Answer(status=409, text=f"{seen}\n", media_type=SIZE_TYPE)
        # (4) it follows what we saw
        if size == seen and seen and (root != seen_root or path):
            return Answer(status=409, text=f"{seen}\n", media_type=SIZE_TYPE)
        if size > seen > 0 and not follows(seen, size, path, seen_root, root):
            return Answer(status=422, text="the tree does not follow\n")
        if seen == 0 and path:
            return Answer(status=422, text="nothing was seen that it could follow\n")
        # (5) remembered, (6) signed
        self._memory.keep(key.name, size, root)
        return Answer(status=200, text=self._line(note.rpartition("\n\n")[0] + "\n", now))

    def _line(self, text: str, now: int) -> str:
        signature = self._key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        blob = self._key_id() + now.to_bytes(8) + signature
        return f"\N{EM DASH} {self._name} {base64.b64encode(blob).decode()}\n"

    def _key_id(self) -> bytes:
        raw = COSIGNATURE + self._key.public_key().public_bytes_raw()
        return hashlib.sha256(self._name.encode() + b"\n" + raw).digest()[:4]


def _parsed(body: bytes) -> tuple[int, list[bytes], str]:
    """The old size, the proof and the note of a request.

    Raises:
        ValueError: it is malformed.
    """
    head, separator, note = body.decode("utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    sound = separator and word == "old" and number.isascii() and number.isdecimal() and len(number) < 19
    if not sound or len(lines) > _MOST_HASHES or not note:
        raise ValueError("request")
    try:
        path = [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error as error:
        raise ValueError("proof") from error
    if any(len(step) != hashlib.sha256().digest_size for step in path):
        raise ValueError("proof")
    return int(number), path, note
