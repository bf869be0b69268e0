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
(5) each native notification has the digest that its entry of the log named when it came, unless that was erased;
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
    "message.duplicate": "the notification {subject} came from {actor} once more and got its first answer again",
    "referral.created": "it opened the referral {referral}",
    "referral.joined": "it joined the referral {referral}",
    "rating.suggested": "{actor} suggested the rating {rating}; a suggestion decides nothing",
    "referral.viewed": "{actor} was shown the referral as {role}",
    "referral.person_added": "{actor} added the person {subject} to the referral",
    "referral.closed": "{actor} closed the referral",
    "rating.given": "{actor} rated the referral {rating}",
    "request.sent": "{actor} had {agency} asked by the request {subject}",
    "disclosure.received": "{actor} answered the request {request}: {decision}, kept as {subject}",
    "disclosure.refused": "an answer of {actor} to {subject} was refused ({code})",
    "disclosure.viewed": "{actor} was shown the disclosure {subject} as {role}",
    "disclosure.released": "{actor} released parts of the disclosure {subject} to more readers",
    "decision.made": "{actor} made the decision {subject}",
    "product.made": "{actor} made the product {subject} for {recipient}",
    "product.accepted": "{actor} accepted the product {subject}",
    "product.acted_on": "{actor} acted on the product {subject}",
    "feedback.sent": "{actor} had the sender of {message} told the outcome",
    "envelope.sealed": "the envelope {subject} ({kind}, about {about}) was sealed for {recipient}",
    "envelope.delivered": "the envelope {subject} reached {recipient}",
    "envelope.opened": "{actor} opened the envelope {subject} ({kind}, about {about})",
    "envelope.opening_refused": "{actor} was refused the envelope {subject} ({code})",
    "agency.enrolled": "{actor} enrolled the agency {subject} with its keys",
    "log.exported": "{actor} made a bundle such as this one",
    "key.created": "the hub's key {subject} ({purpose}) was made",
    "key.promoted": "the hub's key {subject} ({purpose}) took over",
    "key.retired": "the hub's key {subject} ({purpose}) gave way to its successor",
    "key.revoked": "the hub's key {subject} ({purpose}) was revoked",
}
RANK = {event: rank for rank, event in enumerate(TOLD)}
"""Of what the log tells of one moment, what is told first."""
BESIDE = ("key.", "agency.", "log.", "trust.")
"""Events that are told after the story: they are not of this referral alone."""
SPOKEN = ("role", "decision", "rating", "kind", "purpose")
"""What is written with underscores and read without."""
ACTORS = {"hub": "the hub", "operator": "the hub's operator"}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WORDS = """\
What the names stand for: ref_ a referral, the case of one child; msg_ a notification, as an agency sent it; req_ a
request to an agency; dis_ its answer, a disclosure; prd_ a product, what was put together for a reader; env_ an
envelope, a sealed message to one reader. A reader "opened" an envelope when the hub gave them its key, which it
does once, and only after this log has told so."""
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
    if base64.b64encode(key).decode() != encoded:
        raise NotVerified("a verifier key is malformed")
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
    if any(name in value and type(value[name]) is not int for name in ("index", "size", "v")):
        raise NotVerified(f"line {number} is not in the one spelling of this format")
    return value


class Bundle:
    """A bundle whose every claim was checked.

    ``story`` holds its entries in the order of the log, ``places`` where each stands in it.
    """

    def __init__(self, data: bytes, trust: list[Key], seen: str | None = None) -> None:
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
        self.places: list[int] = []
        self.erased = 0
        self.unproved: set[str] = set()
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

    def _history(self, lines: list[Line], trust: list[Key], seen: str | None) -> int:
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
        if seen is not None:
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
                self.places.append(line["index"])

    def _natives(self) -> None:
        """Step (5)."""
        came = {
            e["subject"]: e["detail"]["digest"]
            for e in self.story
            if "digest" in e["detail"] and e["event"].startswith("message.")
        }
        for line in self.natives:
            if line["message"] not in came and self.erased:
                self.unproved.add(line["message"])  # the entry that told of it says nothing any more
            elif came.get(line["message"]) != line["digest"]:
                raise NotVerified("a notification's digest is not the one that the log named when it came")

    def _key_stories(self) -> None:
        """Step (6)."""
        for line in self.keys:
            events = [e for e in self.story if e["event"] in STAGES and e["subject"] == line["kid"]]
            told = {STAGES[e["event"]]: e["at"] for e in events}
            if any(line[stage] != told.get(stage) for stage in STAGES.values()):
                raise NotVerified("a key's times are not those that the log tells")

    def words(self) -> Iterator[str]:
        """What was checked, what that cannot show, and the story, in sentences."""
        head = self.header
        cut = f"cut to what {head['agency']} may see" if head["agency"] else "in full"
        yield f"The chain of custody of {head['referral']} in the log {self.origin}, {cut},"
        yield f"as of {spoken(head['exported_at'])}."
        yield ""
        yield "What was checked, and holds:"
        yield "- the seal: not a bit of this file is other than when it was signed, by a key that you trust;"
        yield f"- {counted(self.checkpoints, 'signed checkpoint')}, of one history of {counted(self.size, 'entry')};"
        yield f"- {counted(len(self.story), 'entry')}, each unchanged and proved to stand in that history at its place;"
        proved = len(self.natives) - len(self.unproved)
        yield f"- {counted(proved, 'notification')}, by the digest that the log named when it came;"
        yield f"- {counted(len(self.keys), 'key')} of the hub, whose times are those that the log tells."
        if self.erased:
            yield f"- {counted(self.erased, 'entry')} more, erased: proved to have stood there, now without words."
        yield ""
        yield "What this file cannot show:"
        yield "- that nothing was left out of it: only the whole log shows that (mash log export, verify.py);"
        yield "- what is marked as the hub's word: nothing but the hub's seal stands behind it."
        yield ""
        yield WORDS
        yield ""
        for line in self.natives:
            yield from self._native_words(line)
        together = list(zip(self.places, self.story))  # noqa: B905 - Python 3.9 has no strict
        told = sorted(together, key=lambda one: (one[1]["at"], RANK.get(one[1]["event"], len(RANK)), one[0]))
        yield "What happened; times are UTC, in brackets the entry's place in the log:"
        yield from self._days([one for one in told if not one[1]["event"].startswith(BESIDE)])
        yield ""
        yield "The hub's keys, the agencies, and bundles that were made:"
        yield from self._days([one for one in told if one[1]["event"].startswith(BESIDE)])

    def _native_words(self, line: Line) -> Iterator[str]:
        answer = line["acknowledgement"]
        by = "the hub's word: the entry was erased" if line["message"] in self.unproved else "as the log named it"
        yield f"The notification {line['message']} of {line['agency']}, through the feed {line['feed']},"
        yield f"received on {spoken(line['received_at'])} (the hub's word)."
        yield f"    SHA-256 of its bytes: {line['digest']} ({by});"
        yield "    the file that the agency sent must give the same (sha256sum FILE)."
        digest = b64(answer["digest"], 32).hex() if answer["digest"] else "erased"
        yield f"    SHA-256 of the acknowledgement, {answer['media_type']}: {digest} (the hub's word)."
        yield ""

    def _days(self, entries: list[tuple[int, Line]]) -> Iterator[str]:
        day = ""
        for place, entry in entries:
            date, _, moment = spoken(entry["at"]).partition(", ")
            if date != day:
                yield date
                day = date
            yield f"  {moment[:-4]}  {sentence(entry)} [{place}]"


def counted(number: int, what: str) -> str:
    """So many of them, in words."""
    more = what[:-1] + "ies" if what.endswith("y") and not what.endswith("ey") else what + "s"
    return f"{number} {what if number == 1 else more}"


def spoken(at: str) -> str:
    """A time of the log as people say it, to the microsecond."""
    year, month, day = at[:10].split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}, {at[11:].rstrip('Z')} UTC"


def sentence(entry: Line) -> str:
    """What an entry says, in words."""
    detail = {
        name: str(value).replace("_", " ") if name in SPOKEN else value for name, value in entry["detail"].items()
    }
    actor = ACTORS.get(entry["actor"], entry["actor"].partition("person:")[2] or entry["actor"])
    told = {**detail, "actor": actor, "subject": entry["subject"], "referral": entry["referral"]}
    shape = TOLD.get(entry["event"])
    if shape is None:
        what = str(entry["event"]).replace(".", " ").replace("_", " ")
        shape = what + (": {subject}" if entry["subject"] else "") + ", by {actor}"
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
        seen = Path(options.seen).read_text(encoding="utf-8") if options.seen else None
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
