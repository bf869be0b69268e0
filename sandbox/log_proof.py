"""Checks that a release is in the hub's log before the released key is used.

Source: RFC 9162, sections 2.1.1 and 2.1.3 (Merkle tree, inclusion); C2SP signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sandbox import base64url
from sandbox.failures import NotTrusted
from sandbox.jose import json_object

COMMITMENT = b"mash-log-v1\n"
COSIGNATURE = b"\x04"
_ED25519 = b"\x01"
_ROOT_BYTES = 32
_SIGNED = "\N{EM DASH} "


@dataclass(frozen=True, kw_only=True)
class LogKey:
    """The log's verifier key: its name, the four bytes that tell it apart, and Ed25519's 32 bytes."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> LogKey:
        """The key in ``name+hash+base64``.

        Raises:
            NotTrusted: it is malformed or its hash is not its own.
        """
        return cls.of_type(text, _ED25519)

    @classmethod
    def of_witness(cls, text: str) -> LogKey:
        """The key of a witness, which is of another type.

        Raises:
            NotTrusted: as ``parse``.
        """
        return cls.of_type(text, COSIGNATURE)

    @classmethod
    def of_type(cls, text: str, kind: bytes) -> LogKey:
        """The key in this text, which must be of this type.

        Raises:
            NotTrusted: as ``parse``.
        """
        name, _, rest = text.partition("+")
        hashed, _, encoded = rest.partition("+")
        raw = _base64(encoded)
        key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if raw[:1] != kind or len(raw) != 1 + _ROOT_BYTES or hashed != key_id.hex():
            raise NotTrusted("the log's key is malformed")
        return cls(name=name, key_id=key_id, public=raw[1:])

    def named_in(self, note: str) -> bool:
        """Tell whether a signature of this note says that it is by this key; of none, any key does."""
        lines = note.rpartition("\n\n")[2].splitlines()
        signed = [line.removeprefix(_SIGNED).partition(" ") for line in lines if line.startswith(_SIGNED)]
        return not note or any(name == self.name and _base64(blob)[:4] == self.key_id for name, _, blob in signed)


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A proven opening: its place in the log, and the size of the tree that was signed."""

    index: int
    size: int
    event: str


def check(proof: Mapping[str, Any], *, key: LogKey, envelope: str, client_id: str) -> Logged:
    """Return where the opening of ``envelope`` by ``client_id`` stands in the log.

    (1) the checkpoint is the log's: its name and a good signature; (2) the entry, committed to under its salt, lies
    in the tree of that checkpoint at ``index``; (3) the entry speaks of this envelope and of this client.

    Raises:
        NotTrusted: one of them does not hold: the released key must not be used.
    """
    try:
        index, entry, salt = int(proof["index"]), base64url.decode(proof["entry"]), base64url.decode(proof["salt"])
        path = [base64url.decode(step) for step in proof["path"]]
        note = str(proof["checkpoint"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotTrusted("the log proof is malformed") from error
    # (1) the checkpoint
    size, root = checkpoint(note, key)
    # (2) the inclusion
    commitment = hmac.new(salt, COMMITMENT + entry, hashlib.sha256).digest()
    if _root(leaf_hash(commitment), index, size, path) != root:
        raise NotTrusted("the log proof does not lead to the checkpoint's root")
    # (3) the entry
    told = json_object(entry)
    if told.get("subject") != envelope or told.get("actor") != client_id:
        raise NotTrusted("the log entry is of another opening")
    return Logged(index=index, size=size, event=str(told.get("event", "")))


def check_cosigned(note: str, shown: Mapping[str, Any], *, key: LogKey, witnesses: Sequence[LogKey]) -> str:
    """The name of a witness that cosigned a tree which begins with the one that ``note`` signs.

    (1) both checkpoints are the log's; (2) the cosigned tree begins with the other; (3) one of ``witnesses`` signed.

    Raises:
        NotTrusted: one of them does not hold: the log may show others another history.
    """
    try:
        cosigned, path = str(shown["checkpoint"]), [base64url.decode(step) for step in shown["consistency"]]
    except (KeyError, TypeError, ValueError) as error:
        raise NotTrusted("the cosigned checkpoint is malformed") from error
    # (1) the log's own
    (old, old_root), (new, new_root) = checkpoint(note, key), checkpoint(cosigned, key)
    # (2) one history
    if (old_root != new_root or path) if old == new else not follows(old, new, path, old_root, new_root):
        raise NotTrusted("what was cosigned does not follow what the release was proven by")
    # (3) a witness
    body, lines = cosigned.rpartition("\n\n")[0] + "\n", cosigned.rpartition("\n\n")[2].splitlines()
    for witness in witnesses:
        if any(_cosigned(line, body, witness) for line in lines):
            return witness.name
    raise NotTrusted("no witness cosigned it")


def _cosigned(line: str, body: str, witness: LogKey) -> bool:
    name, _, encoded = line.removeprefix(_SIGNED).partition(" ")
    if name != witness.name or not line.startswith(_SIGNED):
        return False
    blob = _base64(encoded)
    if blob[:4] != witness.key_id or len(blob) != 4 + 8 + 64:
        return False
    message = f"cosignature/v1\ntime {int.from_bytes(blob[4:12])}\n{body}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(witness.public).verify(blob[12:], message)
    except InvalidSignature:
        return False
    return True


def follows(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of ``new`` leaves begins with that of ``old``. Source: RFC 9162, section 2.1.4.2."""
    if not 0 < old < new or not path:
        return False
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    lower = upper = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            lower, upper = node_hash(step, lower), node_hash(step, upper)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            upper = node_hash(upper, step)
        first, last = first >> 1, last >> 1
    return last == 0 and lower == old_root and upper == new_root


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf's data."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that this path leads to. Source: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        raise NotTrusted("the log proof lies outside the tree")
    place, last, reached = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise NotTrusted("the log proof is too long")
        if place & 1 or place == last:
            reached = node_hash(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        place, last = place >> 1, last >> 1
    if last:
        raise NotTrusted("the log proof is too short")
    return reached


def checkpoint(note: str, key: LogKey) -> tuple[int, bytes]:
    """Size and root of a checkpoint that this log signed.

    Raises:
        NotTrusted: it did not, or the note is malformed.
    """
    head, separator, signatures = note.rpartition("\n\n")
    body = head + "\n"
    lines = head.split("\n")
    if not separator or len(lines) < 3 or not lines[1].isdecimal():
        raise NotTrusted("the checkpoint is malformed")
    if lines[0] != key.name:
        raise NotTrusted("the checkpoint is of another log")
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(_SIGNED).partition(" ")
        blob = _base64(encoded)
        if name == key.name and blob[:4] == key.key_id and line.startswith(_SIGNED):
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], body.encode())
            except InvalidSignature as error:
                raise NotTrusted("the checkpoint's signature does not hold") from error
            return int(lines[1]), _base64(lines[2])
    raise NotTrusted("the checkpoint is not signed by the log")


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotTrusted("base64") from error
