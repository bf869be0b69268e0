"""Bytes that no honest system sends: what an adapter must read or refuse, and never fall over.

They are made from a sample, so that they get past the first look at a format. The same sample gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MOST = 5 * 1024 * 1024
_HUGE = 100 * 1024 * 1024
_DEEP = 5_000
_ATTRIBUTES = 200_000
_FLIPS = 64
_RUN = 1_000_000
_TAG = re.compile(rb"<[A-Za-z_][^\s/>]*")
_CODECS = ("utf-16", "utf-16-be", "utf-32", "cp037", "shift_jis", "utf-7")


def hostile(payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Each kind of damage by its name, and the bytes."""
    yield from _fragments()
    yield from _damaged(payload)
    yield from _encoded(payload)
    yield from _deep(payload)
    yield from _runs(payload)
    yield from _markup(payload)
    yield from _large(payload)


def _fragments() -> Iterator[tuple[str, bytes]]:
    for each in (b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"MSH", b"MSH|", b"{", b"[]", b"<", b'"', b"null", b"0"):
        yield "a fragment", each
    yield "nothing but blanks", b" " * 100
    yield "nothing but line ends", b"\r\n" * 100


def _damaged(payload: bytes) -> Iterator[tuple[str, bytes]]:
    for tenth in range(1, 10):
        at = len(payload) * tenth // 10
        yield "truncated", payload[:at]
        yield "without its start", payload[at:]
        yield "a NUL within", payload[:at] + b"\x00\xff" + payload[at:]
        yield "a piece twice", payload[:at] + payload[at // 2 : at] + payload[at:]
    # Spread over the sample by a step that no length shares for long; each bit has its turn.
    for turn in range(_FLIPS if payload else 0):
        at = turn * 7_919 % len(payload)
        flipped = bytes([payload[at] ^ (1 << turn % 8)])
        yield "a bit flipped", payload[:at] + flipped + payload[at + 1 :]
    yield "upper and lower case changed", payload.swapcase()
    yield "sent twice at once", payload * 2
    yield "a NUL between all bytes", b"\x00".join(payload[at : at + 1] for at in range(min(len(payload), 10_000)))


def _encoded(payload: bytes) -> Iterator[tuple[str, bytes]]:
    text = payload.decode("utf-8", errors="replace")
    for codec in _CODECS:
        yield f"in {codec}", text.encode(codec, errors="ignore")
    yield "with half a character", payload.replace(b"e", b"\xe2\x82")
    yield "with a lone surrogate", payload.replace(b"e", b"\xed\xa0\x80")


def _deep(payload: bytes) -> Iterator[tuple[str, bytes]]:
    yield "deep lists", b"[" * _DEEP
    yield "deep objects", b'{"a":' * _DEEP
    yield "deep and whole lists", b"[" * _DEEP + b"]" * _DEEP
    yield "deep elements", b"<a>" * _DEEP
    yield "deep within the sample", payload.replace(b":", b":" + b"[" * _DEEP + b"]" * _DEEP + b",", 1)
    yield "deep within the sample's markup", payload.replace(b"</", b"<a>" * _DEEP + b"</a>" * _DEEP + b"</", 1)


def _runs(payload: bytes) -> Iterator[tuple[str, bytes]]:
    # What a pattern reads that tries again from every place of a run: a minute of work in a megabyte.
    middle = len(payload) // 2
    for name, run in (("blanks", b" "), ("quotes that never close", b'[\\"'), ("signs", b"-"), ("digits", b"0")):
        many = run * (_RUN // len(run))
        yield f"a run of {name} to its end", payload[:middle] + many
        yield f"a run of {name} within", payload[:middle] + many + payload[middle:]


def _markup(payload: bytes) -> Iterator[tuple[str, bytes]]:
    yield "a DOCTYPE with entities", b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'
    yield "a DOCTYPE from a file", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    declared = b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    first = _TAG.search(payload)
    if first is None:
        return
    yield "the sample with a DOCTYPE", payload[: first.start()] + declared + payload[first.start() :]
    many = b"".join(b' a%d=""' % number for number in range(_ATTRIBUTES))
    yield "200,000 attributes", payload[: first.end()] + many + payload[first.end() :]


def _large(payload: bytes) -> Iterator[tuple[str, bytes]]:
    yield "over 5 MiB", b"x" * (_MOST + 1)
    yield "over 5 MiB behind the sample", payload + b"\n" * (_MOST + 1)
    yield "over 5 MiB before the sample", b" " * (_MOST + 1) + payload
    yield "100 MiB", payload + bytes(_HUGE)
