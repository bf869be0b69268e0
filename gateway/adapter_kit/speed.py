"""How fast an adapter reads, beside a bare parse of the same bytes in the same run: a class, and no time.

A class says how much more than parsing an adapter does, on whatever machine it is measured.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from adapters.kit import Sample
from adapters.kit.walks import hl7, syntax_of, text
from adapters.port import Adapter

CLASSES = (("A", 50.0), ("B", 200.0), ("C", 1_000.0))
"""A class and the most times the bare parse that it takes; what is slower has none."""
_ENOUGH = 0.05
_RUNS = 3
_MOST_LOOPS = 2_000


@dataclass(frozen=True, kw_only=True)
class Speed:
    """``ratio`` is to the bare parse of the same bytes; ``per_kb`` are milliseconds of processor for 1,024 bytes."""

    letter: str
    ratio: float
    per_kb: float


def measure(adapter: Adapter, sample: Sample) -> Speed:
    """The best of a few runs of both, in processor time of this process."""
    bare = _PARSERS[sample.syntax or syntax_of(sample.payload)]
    reading = _best(lambda: adapter.read(sample.payload, sample.context))
    ratio = reading / max(_best(lambda: bare(sample.payload)), 1e-9)
    letter = next((letter for letter, most in CLASSES if ratio <= most), "-")
    return Speed(letter=letter, ratio=ratio, per_kb=reading * 1_000 / max(len(sample.payload) / 1_024, 1e-9))


def _best(work: Callable[[], object]) -> float:
    work()
    return min(_once(work) for _ in range(_RUNS))


def _once(work: Callable[[], object]) -> float:
    start, loops = time.process_time(), 0
    while (took := time.process_time() - start) < _ENOUGH and loops < _MOST_LOOPS:
        work()
        loops += 1
    return took / max(loops, 1)


def _xml(payload: bytes) -> object:
    return etree.fromstring(payload, etree.XMLParser(resolve_entities=False, no_network=True))


def _table(payload: bytes) -> object:
    return list(csv.reader(io.StringIO(text.decoded(payload), newline="")))


_PARSERS: Mapping[str, Callable[[bytes], object]] = {
    "csv": _table,
    "hl7": lambda payload: list(hl7.values(payload)),
    "json": json.loads,
    "mime": lambda payload: email.message_from_bytes(payload, policy=email.policy.default),
    "text": lambda payload: text.decoded(payload).split(),
    "xml": _xml,
}
