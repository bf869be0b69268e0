r"""Check an exported log bundle with nothing but Python's standard library (3.9 or newer).

    python verify.py BUNDLE [--key VERIFIER_KEY] [--seen CHECKPOINT] [--json]

This one file imports nothing of the gateway that wrote the bundle and no library, so that you can read all of what
you trust. It guarantees, when it says "verified":

(1) the bundle is complete and in order: a header, every leaf of the tree from 0 on, checkpoints, one seal at the end;
(2) every entry that is shown is the one that was committed to: HMAC-SHA256(salt, "mash-log-v1\n" + entry) is its leaf;
(3) every checkpoint is signed by a key that the header names, and its root is the root over the leaves so far, so that
    all checkpoints are consistent: nothing was removed, changed or put in between;
(4) the last checkpoint covers every leaf;
(5) the seal over the bytes of the whole bundle is signed by the header's first key;
(6) with --key: that first key is yours. Without it you know only that the bundle agrees with the key that it brings;
(7) with --seen: a checkpoint that you kept earlier is of this same, since only longer, history.

Exit code 0: verified. 1: not verified, with the reason. 2: the arguments or the files can't be read.

Source: RFC 9162 section 2 (tree), RFC 8032 section 5.1 (Ed25519), C2SP signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

FORMAT = "mash-log-bundle"
VERSION = 1
LINE_LIMIT = 1_000_000
DOMAIN = b"mash-log-v1\n"
SEAL_SUFFIX = "/bundle"


class NotVerified(Exception):
    """The bundle does not hold; the text says what and where, never what an entry says."""


class Verifier(NamedTuple):
    """A verifier key of a signed note: ``name+id+base64``. ``key_id`` and ``public`` are bytes."""

    name: str
    key_id: bytes
    public: bytes


class Note(NamedTuple):
    """A checkpoint's lines, its text as signed, and the signatures below it (name, key id, signature)."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


class Result(NamedTuple):
    """What was verified. ``root`` is hex; ``shown`` of ``entries`` are in the bundle in full."""

    origin: str
    entries: int
    shown: int
    checkpoints: int
    root: str
    key: str


# --- Ed25519, RFC 8032 section 5.1: verification alone, on public values, so that timing does not matter ---

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
_ZERO: _Point = (0, 1, 1, 0)


def _add(a: _Point, b: _Point) -> _Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g = 2 * a[3] * b[3] * _D % _P
    h = 2 * a[2] * b[2] % _P
    return (f - e) * (h - g) % _P, (h + g) * (f + e) % _P, (h - g) * (h + g) % _P, (f - e) * (f + e) % _P


def _decompress(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _compress(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base() -> _Point:
    point = _decompress((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    if point is None:
        raise AssertionError("the base point is on the curve")
    return point


_B = _base()


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether this is the key's signature over the message. Strict: one encoding, s below the group's order."""
    point = _decompress(public) if len(public) == 32 else None
    if point is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    minus: _Point = (-point[0] % _P, point[1], 1, -point[3] % _P)
    table = (_ZERO, _B, minus, _add(_B, minus))
    total = _ZERO
    for bit in range(252, -1, -1):
        total = _add(total, total)
        total = _add(total, table[(s >> bit & 1) + 2 * (h >> bit & 1)])
    return hmac.compare_digest(_compress(total), signature[:32])


# --- signed notes ---


def parse_verifier(text: str) -> Verifier:
    """The verifier key in this text; its key id must be its own."""
    parts = text.strip().split("+", 2)
    try:
        key = base64.b64decode(parts[2], validate=True)
        key_id = bytes.fromhex(parts[1])
    except (IndexError, ValueError, binascii.Error):
        raise NotVerified("a verifier key is malformed") from None
    expected = hashlib.sha256(parts[0].encode() + b"\n" + key).digest()[:4]
    if len(key) != 33 or key[:1] != b"\x01" or key_id != expected:
        raise NotVerified("a verifier key is malformed or its id is not its own")
    return Verifier(parts[0], key_id, key[1:])


def parse_note(text: str) -> Note:
    """The checkpoint in this signed note, its signatures unverified as yet."""
    head, blank, tail = text.rpartition("\n\n")
    lines = head.split("\n")
    if not blank or not tail.endswith("\n") or len(lines) < 3 or not all(lines):
        raise NotVerified("a checkpoint is malformed")
    try:
        root = base64.b64decode(lines[2], validate=True)
        signatures = [_signature(line) for line in tail[:-1].split("\n")]
    except (ValueError, binascii.Error):
        raise NotVerified("a checkpoint is malformed") from None
    if len(root) != 32 or not (lines[1].isascii() and lines[1].isdigit()) or len(lines[1]) > 19:
        raise NotVerified("a checkpoint is malformed")
    return Note(lines[0], int(lines[1]), root, (head + "\n").encode(), tuple(signatures))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    blob = base64.b64decode(encoded, validate=True)
    if dash != "\N{EM DASH}":
        raise ValueError("no signature line")
    return name, blob[:4], blob[4:]


def require_signature(note: Note, keys: list[Verifier], origin: str, what: str) -> None:
    """Demand that one of these keys signed the note, and that it speaks of this origin."""
    if note.origin != origin:
        raise NotVerified(f"{what} is of another log")
    for name, key_id, signature in note.signatures:
        for key in keys:
            if (name, key_id) == (key.name, key.key_id) and verify_ed25519(key.public, note.text, signature):
                return
    raise NotVerified(f"{what} is not signed by the key that it should be signed by")


# --- the tree ---


class Tree:
    """An append-only RFC 9162 tree that keeps the roots of its complete subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the leaf with this data."""
        node, rest = hashlib.sha256(b"\x00" + leaf).digest(), self.size
        while rest & 1:
            node = hashlib.sha256(b"\x01" + self._peaks.pop() + node).digest()
            rest >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._peaks:
            return hashlib.sha256().digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root


# --- the bundle ---


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise NotVerified(f"line {number} is not a JSON object") from None
    if not isinstance(value, dict):
        raise NotVerified(f"line {number} is not a JSON object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _bytes(line: dict[str, Any], name: str, number: int, length: int) -> bytes:
    try:
        text = str(line.get(name, ""))
        value = base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotVerified(f"line {number}: {name} is not base64url") from None
    if len(value) != length:
        raise NotVerified(f"line {number}: {name} has the wrong length")
    return value


def leaf_of(line: dict[str, Any], number: int, size: int) -> bytes:
    """The leaf's data that this line stands for: given, or computed from the entry and its salt."""
    if line.get("index") != size:
        raise NotVerified(f"line {number}: a leaf is missing or out of order at {size}")
    if line["kind"] == "leaf":
        return _bytes(line, "leaf", number, 32)
    entry = line.get("entry")
    if not isinstance(entry, str):
        raise NotVerified(f"line {number}: an entry is text")
    try:
        text = entry.encode("utf-8")
    except UnicodeEncodeError:
        raise NotVerified(f"line {number}: an entry is text") from None
    return hmac.new(_bytes(line, "salt", number, 32), DOMAIN + text, hashlib.sha256).digest()


class Check:
    """One pass over a bundle, line by line; it holds the tree's peaks and nothing else of what it read."""

    def __init__(self, header: dict[str, Any], seen: Note | None) -> None:
        keys = header.get("keys")
        if header.get("format") != FORMAT or header.get("v") != VERSION or header.get("kind") != "header":
            raise NotVerified("line 1 is no header of a bundle that this program knows")
        if not isinstance(keys, list) or not keys:
            raise NotVerified("line 1 names no key")
        self.keys = [parse_verifier(str(key)) for key in keys]
        self.key = str(keys[0])
        self.origin = str(header.get("origin", ""))
        self.tree, self.shown, self.checkpoints = Tree(), 0, 0
        self.covered: int | None = None
        self.seen = seen
        self.compare()

    def compare(self) -> None:
        """(7) at the size of a checkpoint that was kept earlier, its root must be ours."""
        if self.seen is not None and self.seen.size == self.tree.size:
            require_signature(self.seen, self.keys, self.origin, "the checkpoint that you kept")
            if self.seen.root != self.tree.root():
                raise NotVerified("the checkpoint that you kept is of another history")
            self.seen = None

    def take(self, line: dict[str, Any], number: int) -> None:
        """Steps (1) to (3) for one line between header and seal."""
        kind = line.get("kind")
        if kind in ("entry", "leaf"):
            self.tree.append(leaf_of(line, number, self.tree.size))  # (1), (2)
            self.shown += kind == "entry"
            self.compare()
        elif kind == "checkpoint":
            note = parse_note(str(line.get("note", "")))
            require_signature(note, self.keys, self.origin, f"line {number}: the checkpoint")  # (3)
            if note.size != self.tree.size or note.root != self.tree.root():
                raise NotVerified(f"line {number}: the checkpoint's root is not the root over the leaves before it")
            self.checkpoints += 1
            self.covered = note.size
        else:
            raise NotVerified(f"line {number} is of no kind that this program knows")

    def seal(self, line: dict[str, Any], lines: int, digest: bytes) -> Result:
        """Steps (4), (5) and the end of (7)."""
        if self.covered != self.tree.size:
            raise NotVerified("the last checkpoint does not cover every leaf")
        note = parse_note(str(line.get("note", "")))
        require_signature(note, self.keys[:1], self.origin + SEAL_SUFFIX, "the seal")
        if note.size != lines or note.root != digest:
            raise NotVerified("the bundle is not the one that was sealed")
        if self.seen is not None:
            raise NotVerified("the checkpoint that you kept is of a longer history than this bundle")
        return Result(self.origin, self.tree.size, self.shown, self.checkpoints, self.tree.root().hex(), self.key)


def verify(bundle: BinaryIO, *, key: str = "", seen: str | None = None) -> Result:
    """What the bundle holds, once every step above was passed.

    Raises:
        NotVerified: with the first reason.
    """
    digest, check, result = hashlib.sha256(), None, None
    for number, raw in enumerate(iter(lambda: bundle.readline(LINE_LIMIT), b""), start=1):
        if not raw.endswith(b"\n"):
            raise NotVerified(f"line {number} is cut off or too long")
        if result is not None:
            raise NotVerified(f"line {number}: something stands after the seal")
        line = _object(raw, number)
        if check is None:
            check = Check(line, parse_note(seen) if seen is not None else None)
            if key and parse_verifier(key) != check.keys[0]:  # (6)
                raise NotVerified("the bundle is sealed by another key than yours")
        elif line.get("kind") == "seal":
            result = check.seal(line, number - 1, digest.digest())
        else:
            check.take(line, number)
        digest.update(raw)
    if result is None:
        raise NotVerified("the bundle has no seal: it is cut off")
    return result


def main(arguments: list[str] | None = None) -> int:
    """Run the check as a command; the exit code is as the module says."""
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Check an exported log bundle.",
        epilog="example: python verify.py log.bundle --key 'demo.mash.log+1a2b3c4d+AX...'",
    )
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("--key", default="", help="the verifier key, as you had it from the hub by another way")
    parser.add_argument("--seen", default="", metavar="FILE", help="a checkpoint of this log that you kept earlier")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")
    options = parser.parse_args(arguments)
    try:
        seen = Path(options.seen).read_text(encoding="utf-8") if options.seen else None
        with Path(options.bundle).open("rb") as bundle:
            result = verify(bundle, key=options.key, seen=seen)
    except NotVerified as error:
        _say(options.json, {"verified": False, "problem": str(error)}, f"NOT verified: {error}")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"a file can't be read: {type(error).__name__}\n")
        return 2
    sentence = (
        f"verified: {result.entries} entries ({result.shown} shown), {result.checkpoints} checkpoints, "
        f"log {result.origin}, root {result.root}"
    )
    if not options.key:
        sentence += f"\nThe bundle agrees with the key that it brings. Compare it with the hub's own: {result.key}"
    _say(options.json, {"verified": True, "pinned": bool(options.key), **result._asdict()}, sentence)
    return 0


def _say(as_json: bool, value: dict[str, Any], sentence: str) -> None:  # noqa: FBT001 - click gives it so
    sys.stdout.write((json.dumps(value) if as_json else sentence) + "\n")


if __name__ == "__main__":
    sys.exit(main())
