"""What an adapter must do to count as one. A check takes the adapter and one of its samples, and asserts."""

from __future__ import annotations

import builtins
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn
from unittest import mock

from adapters import registry
from adapters.port import STATUS, Adapter, Fate, FeedContext, Problem, Receipt
from schemas.errors import MashError
from schemas.notification import Normalised
from schemas.vocabulary import Sector
from tests.conformance.walks import WALKS

CONTEXT = FeedContext(feed="conformance", agency="example")
AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)

DERIVED = re.compile(r"ref|kind|kind_reason|format|validity|verified|marking|use|unborn|system")
"""Last parts of fields that an adapter decides itself or that follow from the field beside them."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A native file that the adapter accepts."""

    name: str
    payload: bytes


def says_what_it_is(adapter: Adapter, sample: Sample) -> None:
    """It has a name that the registry knows, a version, a sector and a summary; its readings carry its name."""
    assert registry.get(adapter.name) is adapter
    assert re.fullmatch(r"\d+(\.\d+)+", adapter.version)
    assert isinstance(adapter.sector, Sector)
    assert adapter.summary
    reading = adapter.read(sample.payload, CONTEXT)
    assert reading.format.startswith(adapter.name)
    assert reading.items
    assert all(item.notification.native_id for item in reading.items)


def is_pure(adapter: Adapter, sample: Sample) -> None:
    """It opens nothing, connects to nothing, and reads neither clock nor random source."""
    before = adapter.read(sample.payload, CONTEXT)
    with _sealed_off():
        assert adapter.read(sample.payload, CONTEXT) == before
        adapter.answer(sample.payload, _receipt(Fate.ACCEPTED), CONTEXT)


def is_stable(adapter: Adapter, sample: Sample) -> None:
    """The same bytes give the same reading and the same answer, whatever was read between."""
    first = adapter.read(sample.payload, CONTEXT).model_dump_json()
    for payload in _hostile(sample.payload[:200]):
        refusal(adapter, payload)
    assert adapter.read(sample.payload, CONTEXT).model_dump_json() == first
    receipt = _receipt(Fate.QUARANTINED)
    assert adapter.answer(sample.payload, receipt, CONTEXT) == adapter.answer(sample.payload, receipt, CONTEXT)


def tells_where_every_field_came_from(adapter: Adapter, sample: Sample) -> None:
    """Each canonical value has its own provenance, or is part of one that has."""
    for item in adapter.read(sample.payload, CONTEXT).items:
        known = {mapped.field for mapped in item.provenance}
        for field, value in _values(item.notification.model_dump(mode="json")):
            if DERIVED.fullmatch(field.rpartition(".")[2]) or field.startswith("quality"):
                continue
            if field == "native_id" and value.startswith("sha256:"):
                continue  # a digest of the whole came from no one place in it
            # An identifier is recorded as a whole, a joined text under its own name.
            assert any(field == each or field.startswith((f"{each}.", f"{each}[")) for each in known), field


def leaves_nothing_unaccounted(adapter: Adapter, sample: Sample) -> None:
    """Every value of an independent walk stands in the notification or on the unmapped list."""
    items = adapter.read(sample.payload, CONTEXT).items
    texts = [text for item in items for text in texts_of(item)]
    pointers = {mapped.pointer for item in items for mapped in item.provenance}
    pointers |= {left.pointer for item in items for left in item.unmapped}
    for pointer, value in WALKS[adapter.name](sample.payload):
        assert not pointer or pointer in pointers, pointer
        assert accounted(value, texts), f"{pointer or 'a value'} of {sample.name}"


def withstands_hostile_input(adapter: Adapter, sample: Sample) -> None:
    """Whatever the bytes are, it reads them or raises one of our errors, which hold none of the values."""
    secrets = {value for _, value in WALKS[adapter.name](sample.payload) if len(value) >= 8}
    for payload in _hostile(sample.payload):
        error = refusal(adapter, payload)
        if error is not None:
            assert error.code.startswith(adapter.name)
            assert error.detail
            assert not any(value in str(error) for value in secrets)


def answers_every_fate(adapter: Adapter, sample: Sample) -> None:
    """Every fate has an answer with its status, in one format of the sender's, that tells no more than it must."""
    named = [
        name.family
        for item in adapter.read(sample.payload, CONTEXT).items
        for person in item.notification.people
        for name in person.names
        if len(name.family) >= 4
    ]
    for payload in (sample.payload, b"", b"\x00\xff\xfe garbage", sample.payload[: len(sample.payload) // 2]):
        for fate in Fate:
            answer = adapter.answer(payload, _receipt(fate), CONTEXT)
            assert answer.status == STATUS[fate]
            assert answer.body
            assert "/" in answer.media_type
            text = answer.body.decode("utf-8")
            assert not any(name in text for name in named)


Check = Callable[[Adapter, Sample], None]
CHECKS: tuple[Check, ...] = (
    says_what_it_is,
    is_pure,
    is_stable,
    tells_where_every_field_came_from,
    leaves_nothing_unaccounted,
    withstands_hostile_input,
    answers_every_fate,
)


def refusal(adapter: Adapter, payload: bytes) -> MashError | None:
    """Why the adapter refuses these bytes, or None where it reads them. Any other error is a bug and passes."""
    try:
        adapter.read(payload, CONTEXT)
    except MashError as error:
        return error
    return None


def accounted(value: str, texts: list[str]) -> bool:
    """Whether the value stands among the texts: by itself, as whole words of one, or as one end of a joined number."""
    wanted = value.strip()
    if not wanted or wanted in texts:
        return True
    if len(wanted) >= 3 and wanted.isdigit():
        numbers = [text for text in texts if text.isdigit()]
        if any(number.startswith(wanted) or number.endswith(wanted) for number in numbers):
            return True
    words = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    return any(words.search(text) for text in texts)


def texts_of(item: Normalised) -> Iterator[str]:
    """Every text of the notification and of the unmapped list, trimmed."""
    for _, value in _values(item.notification.model_dump(mode="json")):
        yield value.strip()
    for left in item.unmapped:
        yield left.value.strip()


def _values(dumped: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every value that says something: defaults, such as false and the empty text, say nothing."""
    if isinstance(dumped, dict):
        for key, each in dumped.items():
            yield from _values(each, f"{field}.{key}" if field else key)
    elif isinstance(dumped, list):
        for index, each in enumerate(dumped):
            yield from _values(each, f"{field}[{index}]")
    elif dumped is True or (dumped is not None and dumped is not False and dumped != ""):
        yield field, str(dumped)


def _receipt(fate: Fate) -> Receipt:
    bad = fate not in (Fate.ACCEPTED, Fate.DUPLICATE)
    problem = Problem(code="example.code", at="PID-3", detail="Change what the place names.") if bad else None
    return Receipt(fate=fate, at=AT, message_id="msg_0123456789abcdefghjkmnpqrs", problem=problem)


def _hostile(payload: bytes) -> Iterator[bytes]:
    yield from (
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b" " * 100,
        b"\r\n" * 100,
        b"MSH",
        b"MSH|",
        b"{",
        b"[]",
        b"<",
        b'"',
    )
    for tenth in range(1, 10):
        yield payload[: len(payload) * tenth // 10]
        at = len(payload) * tenth // 10
        yield payload[:at] + b"\x00\xff" + payload[at:]
    yield payload.decode("utf-8", errors="replace").encode("utf-16")
    yield payload.swapcase()
    yield payload * 2
    yield b"[" * 5_000
    yield b'{"a":' * 5_000
    yield b"<a>" * 5_000
    yield b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'
    yield b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    yield payload.replace(b"<?xml", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><?xml')
    yield b"x" * (5 * 1024 * 1024 + 1)
    yield payload + b"\n" * (5 * 1024 * 1024 + 1)


@contextmanager
def _sealed_off() -> Iterator[None]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("an adapter does no input or output, and reads no clock or random source")

    with (
        mock.patch.object(builtins, "open", refuse),
        mock.patch.object(socket, "socket", refuse),
        mock.patch.object(os, "urandom", refuse),
        mock.patch.object(time, "time", refuse),
    ):
        yield
