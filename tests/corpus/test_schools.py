"""Public samples of schools' CSV: each is read whole or refused with a reason; XML of other senders is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adapters.police import ppn
from adapters.port import FeedContext
from adapters.schools import csv, ctf
from schemas.vocabulary import ItemKind
from tests.conformance.checks import CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import csv_values

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
LISTS = sorted((CORPUS / "schools").glob("*.csv"))
OTHER_LISTS = sorted((CORPUS / "local-authority").glob("*.csv"))
OTHER_XML = sorted(CORPUS.glob("*/*.xml"))
REFUSED = {
    "class_import-empty": "schools.csv.empty",
    "cohort_import-empty": "schools.csv.empty",
    "class_import-malformed": "schools.csv.malformed",
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LISTS, reason="the corpus of public school samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", [*LISTS, *OTHER_LISTS], ids=lambda path: path.stem)
def test_a_list_is_read_whole_or_refused_with_a_reason(path: Path) -> None:
    payload = path.read_bytes()
    error = refusal(csv.ADAPTER, payload)
    if path in LISTS:
        wanted = next((code for name, code in REFUSED.items() if path.stem.endswith(name)), None)
        assert (error.code if error is not None else None) == wanted
    if error is not None:
        assert error.code.startswith("schools.csv.")
        assert error.detail
        assert error.at
        return
    texts = [text for item in csv.ADAPTER.read(payload, CONTEXT).items for text in texts_of(item)]
    headers = {cell.strip(' "\ufeff') for cell in payload.decode("utf-8").splitlines()[0].split(",")}
    for value in {value for _, value in csv_values(payload)} - headers:
        assert accounted(value, texts), "a cell is unaccounted for"


@pytest.mark.parametrize("path", OTHER_LISTS, ids=lambda path: path.stem)
def test_a_person_list_of_an_authority_is_read_through_a_column_map_and_its_return_is_refused(path: Path) -> None:
    options = {"columns": {"GivenName": "given", "SourceID": "local_id", "Column1": "preferred_given"}}
    context = FeedContext(feed="authority", agency="example", options=options)
    if "903" in path.name:
        error = refusal(csv.ADAPTER, path.read_bytes())
        assert error is not None
        assert error.code == "schools.csv.foreign"
        return
    for item in csv.ADAPTER.read(path.read_bytes(), context).items:
        (child,) = item.notification.children
        assert child.names
        assert item.notification.kind is ItemKind.UPDATE


def test_no_public_class_list_is_taken_for_a_concern() -> None:
    kinds = Counter(
        item.notification.kind
        for path in LISTS
        if refusal(csv.ADAPTER, path.read_bytes()) is None
        for item in csv.ADAPTER.read(path.read_bytes(), CONTEXT).items
    )
    assert kinds[ItemKind.CONCERN] == 0
    assert kinds[ItemKind.UPDATE] > 50


@pytest.mark.parametrize("path", OTHER_XML, ids=lambda path: path.stem)
def test_xml_of_other_formats_is_refused_with_a_reason(path: Path) -> None:
    for adapter in (ppn.ADAPTER, ctf.ADAPTER):
        error = refusal(adapter, path.read_bytes())
        assert error is not None
        assert error.code.startswith(adapter.name)
        assert error.detail
