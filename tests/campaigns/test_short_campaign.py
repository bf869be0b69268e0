"""A few hundred mutations of every adapter on each run of the tests; the campaign itself finds what it looks for."""

from __future__ import annotations

import socket
import time

import pytest

from adapters import registry
from adapters.port import Answer, FeedContext, Receipt
from schemas.notification import Reading
from tests.campaigns import case
from tests.campaigns.case import Finding, attempt, payload_of, smaller
from tests.campaigns.sources import sources
from tests.unit.adapters.kit.notes import NOTE, Notes

CASES = 300
SEED = 1


class Breaks(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        if b"}{" in payload:
            raise KeyError("a bug")
        return super().read(payload, context)


class CallsHome(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        with socket.socket() as line:
            line.connect(("127.0.0.1", 9))
        return super().read(payload, context)


class Dawdles(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        return super().answer(payload, receipt, context)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_no_mutation_makes_an_adapter_fall_over(name: str) -> None:
    adapter, begun = registry.get(name), sources(name)
    found = [
        (number, finding)
        for number in range(CASES)
        if (finding := attempt(adapter, payload_of(SEED, name, number, begun))) is not None
    ]
    assert not found, f"python -m tests.campaigns --adapter {name} --seed {SEED} --cases {CASES} saves them"


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    first = [payload_of(7, "x", number, [NOTE, b"<a>b</a>"]) for number in range(200)]
    assert first == [payload_of(7, "x", number, [NOTE, b"<a>b</a>"]) for number in range(200)]
    assert len(set(first)) > 150


def test_a_bug_is_found_and_made_smaller() -> None:
    payload = NOTE + NOTE
    finding = attempt(Breaks(), payload)
    assert finding is not None
    assert finding.kind == "KeyError"
    assert smaller(Breaks(), payload, finding) == b"}{"


def test_a_call_to_the_network_is_stopped_and_found() -> None:
    finding = attempt(CallsHome(), NOTE)
    assert finding is not None
    assert finding.kind == "RuntimeError"


def test_what_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "SECONDS", 0.05)
    assert attempt(Dawdles(), NOTE) == Finding(kind="slow", place="over 0 s")
