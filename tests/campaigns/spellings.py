"""Other spellings of a sealed bundle that anybody could write, without any key: none may be taken for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

_ORDER = 2**252 + 27742317777372353535851937790883648493
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ARABIC = {ord("0") + digit: 0x0660 + digit for digit in range(10)}


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A bundle taken apart: the lines before the seal, the seal's line, its note, and the signature in it."""

    body: bytes
    seal: bytes
    note: str
    signature: str

    @classmethod
    def of(cls, data: bytes) -> Sealed:
        """This bundle's parts."""
        end = data[:-1].rindex(b"\n") + 1
        note = json.loads(data[end:])["note"]
        return cls(body=data[:end], seal=data[end:], note=note, signature=note.split(" ")[-1].strip())

    def noted(self, note: str) -> bytes:
        """The same lines under another note."""
        return self.body + plain({"kind": "seal", "note": note})

    def line(self, number: int, change: Callable[[str], str]) -> bytes:
        """The same with one line of the note changed: 1 is the count, 2 the digest."""
        lines = self.note.split("\n")
        return self.noted("\n".join([*lines[:number], change(lines[number]), *lines[number + 1 :]]))

    def signed(self, signature: str) -> bytes:
        """The same with the signature in another spelling."""
        return self.noted(self.note.replace(self.signature, signature))


def plain(value: dict[str, object]) -> bytes:
    """A line, its members as they stand."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def twin(text: str) -> str:
    """Other base64 of the same bytes: the bits that the last letter does not need."""
    short = text.rstrip("=")
    return short[:-1] + _LETTERS[_LETTERS.index(short[-1]) ^ 1] + "=" * (len(text) - len(short))


def with_order(text: str) -> str:
    """A signature's twin, which a lax reader takes: s and the group's order in place of s. Source: RFC 8032, 5.1.7."""
    blob = base64.b64decode(text)
    return base64.b64encode(blob[:36] + (int.from_bytes(blob[36:], "little") + _ORDER).to_bytes(32, "little")).decode()


def _last_two_exchanged(body: bytes) -> bytes:
    *lines, one, two = body.splitlines(keepends=True)
    return b"".join([*lines, two, one])


SPELLINGS: dict[str, Callable[[Sealed], bytes]] = {
    "a line feed more": lambda one: one.body + one.seal + b"\n",
    "a space at the end": lambda one: one.body + one.seal[:-1] + b" \n",
    "no line feed at the end": lambda one: one.body + one.seal[:-1],
    "an empty line between": lambda one: one.body + b"\n" + one.seal,
    "a byte order mark": lambda one: b"\xef\xbb\xbf" + one.body + one.seal,
    "CRLF": lambda one: (one.body + one.seal).replace(b"\n", b"\r\n"),
    "CRLF at the end": lambda one: one.body + one.seal[:-1] + b"\r\n",
    "a space in the seal": lambda one: one.body + one.seal.replace(b'":"', b'": "', 1),
    "a member of the seal twice": lambda one: one.body + one.seal.replace(b"{", b'{"kind":"seal",', 1),
    "the note twice": lambda one: one.body + one.seal.replace(b'"note":', b'"note":"","note":', 1),
    "members of the seal in another order": lambda one: one.body + plain({"note": one.note, "kind": "seal"}),
    "a member more in the seal": lambda one: one.body + plain({"kind": "seal", "note": one.note, "x": 1}),
    "the dash escaped": lambda one: one.body + one.seal.replace("\u2014".encode(), b"\\u2014"),
    "another dash": lambda one: one.body + one.seal.replace("\u2014".encode(), "\u2013".encode()),
    "a letter escaped": lambda one: one.body + one.seal.replace(b"custody", b"custod\\u0079", 1),
    "a slash escaped": lambda one: one.body + one.seal.replace(b"/custody", b"\\/custody", 1),
    "the count with a zero before": lambda one: one.line(1, lambda text: "0" + text),
    "the count with a sign": lambda one: one.line(1, lambda text: "+" + text),
    "the count with an underscore": lambda one: one.line(1, lambda text: f"{text[0]}_{text[1:]}"),
    "the count in other digits": lambda one: one.line(1, lambda text: text.translate(_ARABIC)),
    "the count with a space": lambda one: one.line(1, lambda text: text + " "),
    "the digest's last bits": lambda one: one.line(2, twin),
    "the digest without padding": lambda one: one.line(2, lambda text: text.rstrip("=")),
    "the digest with a letter that is none": lambda one: one.line(2, lambda text: "!" + text),
    "the signature in base64url": lambda one: one.signed(one.signature.replace("+", "-").replace("/", "_") + "="),
    "the signature with the group's order": lambda one: one.signed(with_order(one.signature)),
    "the signature twice": lambda one: one.noted(one.note + one.note.rpartition("\n\n")[2]),
    "a stranger's signature beside it": lambda one: one.noted(f"{one.note}\u2014 x {one.signature}\n"),
    "a line more in the note": lambda one: one.noted(one.note.replace("\n\n", "\nmore\n\n")),
    "a blank line more in the note": lambda one: one.noted(one.note.replace("\n\n", "\n\n\n")),
    "two spaces in the signature's line": lambda one: one.noted(one.note.replace("\u2014 ", "\u2014  ")),
    "no line feed in the note": lambda one: one.noted(one.note[:-1]),
    "the last lines exchanged": lambda one: _last_two_exchanged(one.body) + one.seal,
    "a member twice": lambda one: (
        one.body.replace(b'{"consistency":', b'{"consistency":[],"consistency":', 1) + one.seal
    ),
    "a number in another spelling": lambda one: one.body.replace(b'"v":1', b'"v":1.0', 1) + one.seal,
}
