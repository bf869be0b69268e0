r"""Check the chain of custody of one referral, offline, with nothing but Python's standard library (3.9 or newer).

    python custody.py BUNDLE --trust VERIFIER_KEY [--trust ...] [--seen CHECKPOINT] [--json]

This one file imports nothing of the gateway that wrote the bundle. When it says "verified", it guarantees:

(1) not one bit of the file is other than it was sealed: its last line signs the SHA-256 of all before it, by a key that
    you trust, which you had from the hub by another way than this file;
(2) it is in the one spelling of its format: lines of canonical JSON, in order, nothing twice, nothing unknown;
(3) the last checkpoint is signed by a key that you trust; every other is signed by a key that the header names, and is
    proved to be the beginning of the same history;
(4) each entry is the one that was committed to, HMAC-SHA256(salt, "mash-log-v1\n" + entry), and is proved to be in the
    log at its place (RFC 9162);
(5) each native notification has the digest that its entry of the log named when it came;
(6) each key's story (created, promoted, retired, revoked) is the one that the log tells;
(7) with --seen: a checkpoint that you kept earlier is one of this same history.

It does not show that nothing was left out: only the whole log can (mash log export, verify.py). Digests of
acknowledgements and times beside the entries are the hub's word alone, under its seal. A proof of erasure is such a
bundle with one line more, which erased.py checks, beside this file.

Exit code 0: verified. 1: not verified, with the reason. 2: the arguments or the files can't be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT, VERSION, SEAL_SUFFIX = "mash-custody-bundle", 1, "/custody"
DOMAIN = b"mash-log-v1\n"
SIZE_LIMIT = 200_000_000
ORDER = ("header", "checkpoint", "key", "native", "erasure", "entry")
MEMBERS = {
    "header": {"agency", "exported_at", "format", "keys", "kind", "origin", "referral", "size", "v"},
    "checkpoint": {"consistency", "kind", "note", "size"},
    "key": {
        "created_at", "kid", "kind", "promoted_at", "public", "published_at", "purpose", "retired_at", "revoked_at",
        "state", "version",
    },
    "native": {"acknowledgement", "agency", "digest", "feed", "kind", "message", "received_at"},
    "erasure": {"backups_end", "fixed", "for_good", "keks", "kind", "ledger"},
    "entry": {"entry", "index", "kind", "path", "salt"},
    "erased": {"index", "kind", "leaf", "path"},
}  # fmt: skip
TOLD = {
    "message.accepted": "the notification {subject} came from {actor}, was stored and was acknowledged",
    "referral.created": "it opened the referral {referral}",
    "referral.viewed": "{actor} was shown the referral as {role}",
    "request.sent": "{actor} had {agency} asked by the request {subject}",
    "disclosure.received": "{actor} answered the request {request}: {decision}, kept as {subject}",
    "disclosure.refused": "an answer of {actor} to {subject} was refused ({code})",
    "disclosure.viewed": "{actor} was shown the disclosure {subject} as {role}",
    "disclosure.released": "{actor} released parts of the disclosure {subject} to more readers",
    "envelope.sealed": "the envelope {subject} ({kind}, about {about}) was sealed for {recipient}",
    "envelope.delivered": "the envelope {subject} reached {recipient}",
    "envelope.opened": "{actor} opened the envelope {subject} ({kind}, about {about})",
    "envelope.opening_refused": "{actor} was refused the envelope {subject} ({code})",
    "key.created": "the hub's key {subject} ({purpose}) was made",
    "key.promoted": "the hub's key {subject} ({purpose}) took over",
    "key.retired": "the hub's key {subject} ({purpose}) gave way to its successor",
    "key.revoked": "the hub's key {subject} ({purpose}) was revoked",
}
STAGES = {f"key.{stage}": f"{stage}_at" for stage in ("created", "promoted", "retired", "revoked")}
Key = tuple[str, bytes, bytes]
"""A verifier key: its name, its id, its 32 public bytes."""
Line = dict[str, Any]


class NotVerified(Exception):
    """The bundle does not hold; the text says what and where."""


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


_B = _decompress((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ZERO


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
    inverse = pow(total[2], _P - 2, _P)
    x, y = total[0] * inverse % _P, total[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def b64(text: str, length: int = 0) -> bytes:
    """The bytes of this base64url, in its one spelling."""
    try:
        value = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (AttributeError, ValueError):
        raise NotVerified("something that should be base64url is not") from None
    if base64.urlsafe_b64encode(value).rstrip(b"=") != text.encode() or (length and len(value) != length):
        raise NotVerified("something that should be base64url is not, or has the wrong length")
    return value


def verifier(text: str) -> Key:
    """(name, key id, public key) of a verifier key as text: ``name+id+base64``."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        key = base64.b64decode(encoded, validate=True)
    except (AttributeError, ValueError):
        raise NotVerified("a verifier key is malformed") from None
    if len(key) != 33 or key[0] != 1 or hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_id:
        raise NotVerified("a verifier key is malformed, or its id is not its own")
    return name, bytes.fromhex(key_id), key[1:]


def opened(note: str, keys: list[Key], origin: str, what: str, *, alone: bool = False) -> tuple[int, bytes]:
    """(size, root) of a signed note that one of these keys signed; ``alone``: nobody else did, in the one spelling."""
    try:
        head, blank, tail = note.rpartition("\n\n")
        first, size, root = head.split("\n")[:3]
        signatures = [line.split(" ") for line in tail[:-1].split("\n")]
        root_bytes, number = base64.b64decode(root, validate=True), int(size)
        signed = [(name, base64.b64decode(encoded, validate=True)) for _, name, encoded in signatures]
    except (AttributeError, ValueError):
        raise NotVerified(what + " is malformed") from None
    spelt = "\n".join(f"\u2014 {name} {base64.b64encode(blob).decode()}" for name, blob in signed) + "\n"
    if (str(number), base64.b64encode(root_bytes).decode(), spelt) != (size, root, tail) or len(root_bytes) != 32:
        raise NotVerified(what + " is malformed")
    if first != origin or (alone and (len(signed) != 1 or head != f"{first}\n{size}\n{root}")) or not blank:
        raise NotVerified(what + " is of another log")
    for name, blob in signed:
        for key_name, key_id, public in keys:
            if (name, blob[:4]) == (key_name, key_id) and verify_ed25519(public, (head + "\n").encode(), blob[4:]):
                return number, root_bytes
    raise NotVerified(what + " is not signed by the key that it should be signed by")


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node of the tree."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def climbed(number: int, last: int, first: bytes, second: bytes, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """The roots that a proof leads to, of the old tree and of the new. Source: RFC 9162 sections 2.1.3.2, 2.1.4.2."""
    for sibling in path:
        if last == 0:
            return None
        if number % 2 or number == last:
            first, second = node(sibling, first), node(sibling, second)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node(second, sibling)
        number, last = number >> 1, last >> 1
    return (first, second) if last == 0 else None


def included(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that this leaf's proof of inclusion leads to."""
    start = hashlib.sha256(b"\x00" + leaf).digest()
    found = climbed(index, size - 1, start, start, path) if 0 <= index < size else None
    return found[1] if found else None


def consistent(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """(old root, new root) that this proof of consistency leads to, of path[0] on."""
    number, last = old - 1, new - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    return climbed(number, last, path[0], path[0], path[1:])


def parsed(raw: bytes, number: int) -> Line:
    """The object of a line that is spelt canonically, with exactly the members of its kind."""
    try:
        value = json.loads(raw.decode("utf-8"))
        spelt = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise NotVerified(f"line {number} is not JSON") from None
    if spelt != raw or not isinstance(value, dict) or value.keys() != MEMBERS.get(str(value.get("kind"))):
        raise NotVerified(f"line {number} is not in the one spelling of this format")
    return value


class Bundle:
    """A bundle whose every claim was checked; ``story`` holds its entries in the order of the log."""

    def __init__(self, data: bytes, trust: list[Key], seen: str = "") -> None:
        lines = self._sealed(data, trust)
        self.lines = found = [parsed(raw, number) for number, raw in enumerate(lines, start=1)]
        kinds = ["entry" if line["kind"] == "erased" else line["kind"] for line in found]
        if kinds != sorted(kinds, key=ORDER.index) or kinds.count("header") != 1:
            raise NotVerified("the lines are not in order")
        self.header = found[0]
        if (self.header["format"], self.header["v"], self.header["origin"]) != (FORMAT, VERSION, self.origin):
            raise NotVerified("line 1 is no header of a bundle that this program knows")
        self.keys = [line for line in found if line["kind"] == "key"]
        self.natives = [line for line in found if line["kind"] == "native"]
        self.checkpoints = self._history([line for line in found if line["kind"] == "checkpoint"], trust, seen)
        self.story: list[Line] = []
        self.erased = 0
        self._entries([line for line in found if line["kind"] in ("entry", "erased")])
        self._natives()
        self._key_stories()

    def _sealed(self, data: bytes, trust: list[Key]) -> list[bytes]:
        """Step (1): the lines before the seal."""
        body, _, last = data[:-1].rpartition(b"\n")
        body += b"\n"
        if data[-1:] != b"\n" or len(data) > SIZE_LIMIT or not last.startswith(b'{"kind":"seal","note":"'):
            raise NotVerified("the file has no seal: it is cut off, or was changed")
        try:
            seal = json.loads(last.decode("utf-8"))
            spelt = json.dumps(seal, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
            note = seal["note"]
            claimed = base64.b64decode(note.split("\n")[2], validate=True)
        except (ValueError, KeyError, IndexError, AttributeError, RecursionError, TypeError):
            raise NotVerified("the seal is malformed") from None
        if claimed != hashlib.sha256(body).digest():
            raise NotVerified("the file is not the one that was sealed")
        if spelt != last or seal.keys() != {"kind", "note"}:
            raise NotVerified("the seal is malformed")
        self.origin = note.split("\n")[0][: -len(SEAL_SUFFIX)]
        count, _ = opened(note, trust, self.origin + SEAL_SUFFIX, "the seal", alone=True)
        lines = body[:-1].split(b"\n")
        if count != len(lines):
            raise NotVerified("the file is not the one that was sealed")
        return lines

    def _history(self, lines: list[Line], trust: list[Key], seen: str) -> int:
        """Steps (3) and (7): how many checkpoints there are."""
        if not lines or [line["size"] for line in lines] != sorted({line["size"] for line in lines}):
            raise NotVerified("the checkpoints are missing or not in order")
        size, root = opened(lines[-1]["note"], trust, self.origin, "the last checkpoint")
        if size != self.header["size"] or lines[-1]["consistency"] != []:
            raise NotVerified("the last checkpoint is not over the log that the header names")
        self.size, self.root = size, root
        named = [verifier(text) for text in self.header["keys"]]
        roots = {size: root}
        for line in lines:
            older, old_root = opened(line["note"], named, self.origin, f"the checkpoint of size {line['size']}")
            path = [b64(one, 32) for one in line["consistency"]]
            if older != size:
                path = [old_root, *path] if older and older & (older - 1) == 0 else path
                if not 0 < older < size or not path or consistent(older, size, path) != (old_root, root):
                    raise NotVerified(f"the checkpoint of size {older} is of another history")
            if older != line["size"]:
                raise NotVerified(f"the checkpoint of size {older} is under another size")
            roots[older] = old_root
        if seen:
            kept, kept_root = opened(seen, trust + named, self.origin, "the checkpoint that you kept")
            if kept not in roots:
                raise NotVerified(f"nothing here reaches to the checkpoint that you kept, of {kept} entries")
            if roots[kept] != kept_root:
                raise NotVerified("the checkpoint that you kept is of another history: the log was forked")
        return len(lines)

    def _entries(self, lines: list[Line]) -> None:
        """Step (4)."""
        places = [line["index"] for line in lines]
        if places != sorted(set(places)):
            raise NotVerified("the entries are not in order, or one is there twice")
        for line in lines:
            if line["kind"] == "erased":
                leaf, told = b64(line["leaf"], 32), None
                self.erased += 1
            else:
                text = line["entry"].encode("utf-8")
                leaf, told = hmac.new(b64(line["salt"], 32), DOMAIN + text, "sha256").digest(), json.loads(text)
            if included(leaf, line["index"], self.size, [b64(one, 32) for one in line["path"]]) != self.root:
                raise NotVerified(f"the entry at place {line['index']} is not in the log")
            if told is not None:
                self.story.append(told)

    def _natives(self) -> None:
        """Step (5)."""
        came = {e["subject"]: e["detail"].get("digest") for e in self.story if "digest" in e["detail"]}
        for line in self.natives:
            if came.get(line["message"]) != line["digest"] and not self.erased:
                raise NotVerified("a notification's digest is not the one that the log named when it came")

    def _key_stories(self) -> None:
        """Step (6)."""
        for line in self.keys:
            events = [e for e in self.story if e["event"] in STAGES and e["subject"] == line["kid"]]
            told = {STAGES[e["event"]]: e["at"] for e in events}
            if any(line[stage] != told.get(stage) for stage in STAGES.values()):
                raise NotVerified("a key's times are not those that the log tells")

    def words(self) -> Iterator[str]:
        """What was checked, and the story, in sentences."""
        head = self.header
        cut = f"cut to what {head['agency']} may see" if head["agency"] else "in full"
        yield f"The chain of custody of {head['referral']} in {self.origin}, {cut}, as of {head['exported_at']}."
        yield f"Checked: the seal over every byte; {self.checkpoints} signed checkpoints of one history of {self.size}"
        yield f"entries; {len(self.story)} entries, each proved to be in it; {len(self.natives)} notifications by their"
        yield f"digests; the lives of {len(self.keys)} keys."
        if self.erased:
            yield f"{self.erased} entries were erased: they are proved to have stood there, and say nothing any more."
        yield ""
        for line in self.natives:
            answer = line["acknowledgement"]
            told = f"SHA-256 {answer['digest']}" if answer["digest"] else "erased"
            yield f"The notification {line['message']} of {line['agency']} ({line['feed']}): SHA-256 {line['digest']},"
            yield f"    acknowledged with {answer['media_type']}, {told} (the hub's word)"
        for entry in self.story:
            yield f"{entry['at']}  {sentence(entry)}"


def sentence(entry: Line) -> str:
    """What an entry says, in words."""
    told = {"actor": entry["actor"], "subject": entry["subject"], "referral": entry["referral"], **entry["detail"]}
    what = str(entry["event"]).replace(".", " ").replace("_", " ")
    shape = TOLD.get(entry["event"], what + " {subject}, by {actor}")
    for name, value in told.items():
        shape = shape.replace("{" + name + "}", str(value))
    return shape


def refused(problem: str, *, as_json: bool) -> int:
    """Say that the bundle does not hold, and why; the exit code."""
    sys.stdout.write(json.dumps({"verified": False, "problem": problem}) if as_json else f"NOT verified: {problem}")
    sys.stdout.write("\n")
    return 1


def main(arguments: list[str] | None = None) -> int:
    """Run the check as a command; the exit code is as the module says."""
    parser = argparse.ArgumentParser(prog="custody.py", description="Check the chain of custody of one referral.")
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("--trust", action="append", required=True, help="a verifier key that you had by another way")
    parser.add_argument("--seen", default="", metavar="FILE", help="a checkpoint of this log that you kept earlier")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    options = parser.parse_args(arguments)
    try:
        seen = Path(options.seen).read_text(encoding="utf-8") if options.seen else ""
        bundle = Bundle(Path(options.bundle).read_bytes(), [verifier(text) for text in options.trust], seen)
    except NotVerified as error:
        return refused(str(error), as_json=options.json)
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"a file can't be read: {type(error).__name__}\n")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError):
        # Only what a trusted key sealed comes so far: it was not changed since, and is not of this format either.
        return refused("it is sealed, and not of this format", as_json=options.json)
    if options.json:
        told = {"verified": True, **bundle.header, "entries": len(bundle.story), "erased": bundle.erased}
        sys.stdout.write(json.dumps({**told, "root": bundle.root.hex(), "story": bundle.story}) + "\n")
    else:
        sys.stdout.write("verified\n" + "\n".join(bundle.words()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
