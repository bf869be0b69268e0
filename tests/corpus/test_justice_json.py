"""Public samples of probation, prison, court and police JSON: each message is read whole, anything else is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adapters import registry
from tests.conformance.checks import CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import json_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("probation-justice", "police-cjs", "police-cjs-schema")
FILES = sorted(path for folder in FOLDERS for path in (CORPUS / folder).glob("*.json"))
ROUTES = [
    row
    for name in ("probation", "police_json")
    for row in tomllib.loads((Path(__file__).parent / "routes" / f"{name}.toml").read_text(encoding="utf-8"))["route"]
]
NAMES = ("police.cpp", "probation.alert", "probation.event", "probation.oasys")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the corpus of public justice samples is not beside this checkout"),
]


def rows(path: Path) -> list[dict[str, str]]:
    return [row for row in ROUTES if path.relative_to(CORPUS).match(row["glob"])]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole_by_the_adapter_of_its_route_and_by_no_other(path: Path) -> None:
    (row,) = rows(path)
    payload = path.read_bytes()
    for name in NAMES:
        adapter = registry.get(name)
        error = refusal(adapter, payload)
        if name != row.get("adapter"):
            assert error is not None, name
            assert error.code.startswith(f"{name}.")
            assert error.detail
            continue
        assert error is None
        items = adapter.read(payload, CONTEXT).items
        texts = [text for item in items for text in texts_of(item)]
        pointers = {left.pointer for item in items for left in item.unmapped}
        pointers |= {mapped.pointer for item in items for mapped in item.provenance}
        for pointer, value in json_values(payload):
            assert pointer in pointers, pointer
            assert accounted(value, texts), pointer


@pytest.mark.skipif(not FILES, reason="the corpus of public justice samples is not beside this checkout")
def test_every_route_is_of_some_sample() -> None:
    used = {row["glob"] for path in FILES for row in rows(path)}
    assert used == {row["glob"] for row in ROUTES}
