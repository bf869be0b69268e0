"""Public samples of CP-IS, Spine Mini Service and ITK answers: each is read whole; an acknowledgement is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.nhs.cpis import ADAPTER
from schemas.notification import Normalised
from schemas.vocabulary import ItemKind
from tests.conformance.checks import CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import xml_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "nhs-v3-cpis"
FILES = sorted(CORPUS.glob("*.xml"))
NO_MESSAGES = ("ITKEvents_ACK",)
"""Acknowledgements: they answer a message and tell nothing of anybody."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the corpus of public CP-IS samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole_unless_it_is_no_message(path: Path) -> None:
    payload = path.read_bytes()
    error = refusal(ADAPTER, payload)
    if any(name in path.name for name in NO_MESSAGES):
        assert error is not None
        assert error.code == "nhs.cpis.acknowledgement"
        return
    items = ADAPTER.read(payload, CONTEXT).items
    texts = [text for item in items for text in texts_of(item)]
    for _, value in xml_values(payload):
        assert accounted(value, texts)
    for item in items:
        assert (item.notification.kind is ItemKind.CONTEXT) is (not item.notification.people)
        assert Normalised.model_validate_json(item.model_dump_json()) == item
