"""What a message may cost on its way, counted and not timed: each of these fails when the hot path loses a fifth.

Where a change makes the path dearer on purpose, its number here goes up in the same commit, and says so there. Where
one makes it cheaper, its number goes down, so that what was gained is kept.
"""

from __future__ import annotations

import asyncio
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import pytest

from adapters import registry
from adapters.port import Fate, FeedContext
from benchmarks.load.messages import concern, giant, registration
from gateway.bootstrap import Gateway
from gateway.intake.intake import Feed
from gateway.store.direct.sqlite import SqliteDriver, SqliteWork
from schemas.hub import FeedSection

Make = Callable[[int, str], bytes]
LOST = 1.2
"""A fifth."""
TOGETHER = 64
READ_REGISTRATION, READ_CONCERN = 434, 834
"""Calls to read an ADT^A28 and a REF^I12: split, normalised with provenance, validated."""
TAKE_REGISTRATION, TAKE_CONCERN = 1_980, 4_100
"""Calls from the bytes to the answer, for each of those that come together.

1,128 and 2,274 before people were linked by what they are called, too: about a dozen keyed hashes of blocks for each
person, and a trace of each concern (ADR 29, ADR 33).
"""
COPIES = 9.9
"""How many times its size a large message takes at its most, from the bytes to the answer."""


@dataclass
class Calls:
    """How many functions were called, Python's and C's."""

    number: int = 0


@contextmanager
def counted() -> Iterator[Calls]:
    """Count what this thread calls."""
    calls = Calls()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        if event in {"call", "c_call"}:
            calls.number += 1

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.fixture
def feed() -> Feed:
    section = FeedSection(name="nhs-mllp", agency="health", adapter="nhs.hl7v2", authentication="loopback")
    context = FeedContext(feed=section.name, agency=section.agency)
    return Feed(section=section, adapter=registry.get("nhs.hl7v2"), context=context)


async def sent(gateway: Gateway, feed: Feed, payloads: list[bytes]) -> None:
    answers = await asyncio.gather(*(gateway.intake.receive(feed, payload, None) for payload in payloads))
    assert {one.fate for one in answers} == {Fate.ACCEPTED}


@pytest.mark.parametrize("make, budget", [(registration, READ_REGISTRATION), (concern, READ_CONCERN)])
def test_reading_a_message_calls_no_more_than_it_did(feed: Feed, make: Make, budget: int) -> None:
    for number in range(3):  # what is cached at the first call
        feed.adapter.read(make(number, "W"), feed.context)
    payload = make(10, "G")
    with counted() as calls:
        feed.adapter.read(payload, feed.context)
    assert calls.number <= budget * LOST


@pytest.mark.parametrize("make, budget", [(registration, TAKE_REGISTRATION), (concern, TAKE_CONCERN)])
async def test_taking_a_message_in_with_others_calls_no_more_than_it_did(
    gateway: Gateway, feed: Feed, make: Make, budget: int
) -> None:
    """From the bytes to the answer, on the loop and at the store, for each of 64 that come at once."""
    await sent(gateway, feed, [make(number, "W") for number in range(3)])
    payloads = [make(100 + number, "G") for number in range(TOGETHER)]
    with counted() as calls:
        await sent(gateway, feed, payloads)
    assert calls.number / TOGETHER <= budget * LOST


async def test_messages_that_come_at_once_cost_two_commits_and_six_steps_at_the_store(
    gateway: Gateway, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, steps = 0, 0
    commit, run = SqliteWork.commit, SqliteDriver.run

    async def committing(self: SqliteWork, *writes: object) -> object:
        nonlocal commits
        commits += 1
        return await commit(self, *writes)  # type: ignore[arg-type]

    def running(self: SqliteDriver, step: object) -> object:
        nonlocal steps
        steps += 1
        return run(self, step)  # type: ignore[arg-type]

    monkeypatch.setattr(SqliteWork, "commit", committing)
    monkeypatch.setattr(SqliteDriver, "run", running)
    await sent(gateway, feed, [registration(number, "G") for number in range(TOGETHER)])
    assert commits <= 2
    assert steps <= 3 * commits


async def test_a_large_message_is_held_a_bounded_number_of_times(gateway: Gateway, feed: Feed) -> None:
    payload = giant(1, "G", 500_000)
    await sent(gateway, feed, [giant(2, "W", 500_000)])
    tracemalloc.start()
    try:
        await sent(gateway, feed, [payload])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak / len(payload) <= COPIES * LOST
