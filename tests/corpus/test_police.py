"""Public samples of police and court XML: each message is read whole; what is no message is told apart."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adapters.police import spi
from tests.conformance.checks import CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import xml_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
SAMPLES = sorted((CORPUS / "police-cjs").glob("*.xml"))
ROUTES = tomllib.loads((Path(__file__).parent / "routes" / "police_xml.toml").read_text(encoding="utf-8"))["route"]
MESSAGES = [
    path
    for path in SAMPLES
    if any(path.relative_to(CORPUS).match(row["glob"]) for row in ROUTES if row.get("adapter") == spi.NAME)
]

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SAMPLES, reason="the corpus of public police samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_a_message_is_read_whole(path: Path) -> None:
    payload = path.read_bytes()
    items = spi.ADAPTER.read(payload, CONTEXT).items
    texts = [text for item in items for text in texts_of(item)]
    known = set(texts)
    for _, value in xml_values(payload):
        assert value.strip() in known or accounted(value, texts), "a value is unaccounted for"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_file_has_one_route_and_what_is_no_message_is_refused(path: Path) -> None:
    rows = [row for row in ROUTES if path.relative_to(CORPUS).match(row["glob"])]
    assert len(rows) == 1, "one row says what the file is"
    if "no_message" in rows[0]:
        error = refusal(spi.ADAPTER, path.read_bytes())
        assert error is not None
        assert error.code in {"police.spi.root", "police.spi.attributes"}
