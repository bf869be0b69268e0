"""Public FHIR samples that nobody here wrote: each is read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.nhs.fhir import ADAPTER
from schemas.notification import Normalised
from tests.conformance.checks import CONTEXT, accounted, texts_of
from tests.conformance.walks import fhir_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "nhs-fhir"
FILES = sorted([*CORPUS.glob("*.json"), *CORPUS.glob("*.xml")])

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the corpus of public FHIR samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole(path: Path) -> None:
    payload = path.read_bytes()
    items = ADAPTER.read(payload, CONTEXT).items
    texts = [text for item in items for text in texts_of(item)]
    pointers = {left.pointer for item in items for left in item.unmapped}
    pointers |= {mapped.pointer for item in items for mapped in item.provenance}
    for pointer, value in fhir_values(payload):
        assert pointer in pointers, pointer
        assert accounted(value, texts), pointer
    for item in items:
        assert item.notification.people
        assert Normalised.model_validate_json(item.model_dump_json()) == item
