"""An officer's share of a hub's master key, as text that can be printed, kept in a safe and typed in again.

The text names hub, key, ceremony, number and threshold; each line carries a check of its own, so that a slip is found
where it was made, and the whole another. Letters and digits that look alike (0 and O, 1 and I, 8 and B) are taken for
each other: the alphabet of base32 holds one of each alone. Source: RFC 4648, section 6.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto import master, sharing
from crypto.atrest import KEY_BYTES
from schemas.errors import Rejected

CONTENT_TYPE = "mash-share"
"""The ``cty`` of a share that is sealed to its officer."""

_VERSION = 1
_CEREMONY_BYTES = 8
_CHECK_BYTES = 4
_LONGEST = 4_000
_GROUP, _GROUPS = 5, 6
_LINE = _GROUP * _GROUPS
_LOOKALIKES = str.maketrans({"0": "O", "1": "I", "8": "B", "-": "", " ": "", "\t": ""})
_AT = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One share. ``key`` and ``ceremony`` are ids in 16 hexadecimal digits; the value is never shown."""

    hub: str
    key: str
    ceremony: str
    threshold: int
    of: int
    number: int
    value: bytes = field(repr=False)

    def text(self) -> str:
        """The share as it is printed."""
        head = (
            f"# Share {self.number} of {self.of} of the master key {self.key} of the hub {self.hub}\n"
            f"# {self.threshold} shares of the ceremony {self.ceremony} together give the key back.\n"
            "# Keep it where nobody else finds it, and not with another share.\n"
        )
        spelt = base64.b32encode(self._packed()).decode().rstrip("=")
        lines = [spelt[start : start + _LINE] for start in range(0, len(spelt), _LINE)]
        return head + "".join(
            f"{place}. {_grouped(line)} {_check(place, line)}\n" for place, line in enumerate(lines, 1)
        )

    @classmethod
    def parse(cls, text: str) -> Share:
        """The share in this text; lines that begin with # say nothing.

        Raises:
            Rejected: a line is mistyped, missing or not in its place (it is named), or the whole is no share.
        """
        if len(text) > _LONGEST:
            raise _refused("this is too long for a share")
        lines = [line.strip() for line in text.splitlines()]
        spelt = "".join(
            _checked(place, line)
            for place, line in enumerate((line for line in lines if line and not line.startswith("#")), 1)
        )
        try:
            packed = base64.b32decode(spelt + "=" * (-len(spelt) % 8))
        except ValueError:
            raise _refused("it is not whole: are all its lines there?") from None
        return cls._unpacked(packed)

    def _packed(self) -> bytes:
        hub = self.hub.encode()
        body = bytes([_VERSION, self.threshold, self.of, self.number, len(hub)]) + hub
        body += bytes.fromhex(self.key) + bytes.fromhex(self.ceremony) + self.value
        return body + hashlib.sha256(body).digest()[:_CHECK_BYTES]

    @classmethod
    def _unpacked(cls, packed: bytes) -> Share:
        body, check = packed[:-_CHECK_BYTES], packed[-_CHECK_BYTES:]
        if len(body) < 5 or hashlib.sha256(body).digest()[:_CHECK_BYTES] != check:
            raise _refused("it is not whole: are all its lines there, and in their order?")
        version, threshold, of, number, length = body[:5]
        ids = 5 + length
        value = ids + master.ID_BYTES + _CEREMONY_BYTES
        fits = version == _VERSION and 2 <= threshold <= of <= sharing.MOST and 1 <= number <= of
        if not fits or len(body) != value + KEY_BYTES:
            raise _refused("this is no share that this version knows")
        return cls(
            hub=body[5:ids].decode("utf-8", errors="replace"),
            key=body[ids : ids + master.ID_BYTES].hex(),
            ceremony=body[ids + master.ID_BYTES : value].hex(),
            threshold=threshold,
            of=of,
            number=number,
            value=body[value:],
        )


def joined(shares: Sequence[Share]) -> bytes:
    """The master key's 32 secret bytes, which are those of the key that the shares name.

    Raises:
        Rejected: shares of several hubs, keys or ceremonies; one twice; too few; or one was altered.
    """
    if not shares:
        raise _refused("there is none")
    first = shares[0]
    for name, says in (("hub", "hubs"), ("key", "master keys"), ("ceremony", "ceremonies")):
        if any(getattr(share, name) != getattr(first, name) for share in shares):
            raise _refused(f"these are shares of different {says}: bring those of one")
    if any((share.threshold, share.of) != (first.threshold, first.of) for share in shares):
        raise _refused("these shares do not belong together")
    numbers = [share.number for share in shares]
    if len(set(numbers)) != len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise _refused(f"share {twice} is here twice: bring another officer's")
    if len(shares) < first.threshold:
        raise _refused(
            f"{first.threshold} are needed and {len(shares)} here: bring {first.threshold - len(shares)} more"
        )
    secret = sharing.join({share.number: share.value for share in shares})
    if master.id_of(secret) != first.key:
        raise _refused("together they do not give the key that they name: one of them was altered")
    return secret


def _grouped(line: str) -> str:
    return " ".join(line[start : start + _GROUP] for start in range(0, len(line), _GROUP))


def _check(place: int, line: str) -> str:
    """Two letters over a line and its place."""
    digest = hashlib.sha256(f"{place}.{line}".encode()).digest()
    return base64.b32encode(digest)[:2].decode()


def _checked(place: int, line: str) -> str:
    number, dot, rest = line.partition(".")
    spelt = (rest if dot else number).upper().translate(_LOOKALIKES)
    body, check = spelt[:-2], spelt[-2:]
    if len(body) > _LINE or _check(place, body) != check or (dot and number.strip() != str(place)):
        raise _refused(f"look at line {place} again: it is mistyped, or not in its place")
    return body


def _refused(detail: str) -> Rejected:
    return Rejected("keys.share", detail, at=_AT)
