"""Public samples of the probation and prison services' JSON: events are read whole, other JSON is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.probation.event import ADAPTER
from tests.conformance.checks import CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import json_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "probation-justice"
FILES = sorted(CORPUS.glob("*.json"))
EVENTS = ("DERIVED-sqs-template", "domain-calculation-event", "prison-to-probation-update__")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the corpus of public probation samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole_or_refused_with_a_reason(path: Path) -> None:
    payload = path.read_bytes()
    is_event = any(name in path.name for name in EVENTS)
    error = refusal(ADAPTER, payload)
    assert (error is None) is is_event
    if error is not None:
        assert error.code.startswith("probation.event.")
        assert error.detail
        return
    item = ADAPTER.read(payload, CONTEXT).items[0]
    texts = list(texts_of(item))
    pointers = {left.pointer for left in item.unmapped} | {mapped.pointer for mapped in item.provenance}
    for pointer, value in json_values(payload):
        assert pointer in pointers, pointer
        assert accounted(value, texts), pointer
