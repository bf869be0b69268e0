from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from adapters.local_authority import product_pdf
from schemas.product import ProductDocument
from tests.unit.adapters.local_authority.products import CHILD, ID, MOTHER, UNBORN, WORDS, product

LONG = "A sentence of a long history that an owner released. " * 180


def read(document: ProductDocument) -> PdfReader:
    return PdfReader(io.BytesIO(product_pdf.render(document)))


def text(document: ProductDocument) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(document).pages).split())


def catalogue(file: PdfReader) -> Any:  # noqa: ANN401 - objects of a PDF are of any shape
    return file.trailer["/Root"]


def test_it_says_what_the_product_says() -> None:
    said = text(product(CHILD, UNBORN, MOTHER))
    for part in (
        "section 47 enquiry",
        "What the manager writes.",
        "Zoë Łucka",
        "born 2015-03-02",
        "expected 2027-03-01; mother Ada Test",
        "Ada Test (mother)",
        "upn H801200001001",
        "What Test Health released",
        "health history, about Zoë Łucka",
        f"{WORDS} (2026-05-01, record)",
        "Condition of the owner: Not for the father",
        "police: something is held here; ask the desk",
    ):
        assert part in said


def test_every_page_bears_the_marking_twice_and_its_number() -> None:
    pages = read(product(words=LONG)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        said = page.extract_text()
        assert said.count("OFFICIAL-SENSITIVE") == 2
        assert f"page {number} of {len(pages)}" in said


def test_a_long_text_is_whole_over_its_pages() -> None:
    said = re.sub(r"OFFICIAL-SENSITIVE( +\S+, version 2 +page \d+ of \d+)?", " ", text(product(words=LONG)))
    assert " ".join(LONG.split()) in " ".join(said.split())


def test_a_word_that_is_longer_than_a_line_is_broken_and_whole() -> None:
    word = "abcdefghij" * 60
    assert word in text(product(words=word)).replace(" ", "")


def test_metadata_names_the_product_by_its_id_and_nobody() -> None:
    file = read(product())
    assert file.metadata is not None
    assert file.metadata.title == f"Information product {ID}, version 2"
    assert set(file.metadata.values()) == {
        f"Information product {ID}, version 2",
        "Testborough MASH",
        "OFFICIAL-SENSITIVE",
        "mash-gateway",
        "D:20261102103000Z",
    }
    assert file.xmp_metadata is None


def test_it_is_tagged_in_a_language_with_its_title_on_show() -> None:
    file = read(product())
    root = catalogue(file)
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    tree = root["/StructTreeRoot"]["/K"][0].get_object()
    kinds = [element.get_object()["/S"] for element in tree["/K"]]
    assert kinds[0] == "/H1"
    assert {"/H2", "/H3", "/P"} <= set(kinds)


def test_every_piece_of_the_tree_is_marked_on_its_page() -> None:
    file = read(product(words=LONG))
    parents = catalogue(file)["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    for page, elements in zip(file.pages, parents[1::2], strict=True):
        content = page.get_contents()
        assert content is not None
        marked = [int(found) for found in re.findall(rb"<</MCID (\d+)>> BDC", content.get_data())]
        assert marked == list(range(len(elements)))
        assert [element.get_object()["/K"][0] for element in elements] == marked


def test_the_same_document_gives_the_same_bytes() -> None:
    assert product_pdf.render(product()) == product_pdf.render(product())


@pytest.mark.parametrize(
    "words, drawn",
    [("中文", "[U+4E2D][U+6587]"), ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"), ("Ελένη Щука", "Ελένη Щука")],
)
def test_a_letter_that_cannot_be_drawn_stands_as_its_code_point(words: str, drawn: str) -> None:
    assert drawn in text(product(words=words))


@pytest.mark.parametrize("words", ["{nb}", "\\) Tj ET", "a\x00\x01b", "<</MCID 0>> BDC", "**bold** __x__", "((("])
def test_words_are_words_whatever_they_look_like(words: str) -> None:
    expected = words.replace("\x00", "").replace("\x01", "")
    assert f"{expected} (2026-05-01, record)" in text(product(words=words))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.text(min_size=1, max_size=300).filter(lambda told: told.strip()))
def test_any_words_give_a_file_that_reads(words: str) -> None:
    assert len(read(product(words=words)).pages) >= 1


def test_time_grows_with_the_length_and_not_faster() -> None:
    said = product().model_copy(update={"summary": "word " * 20_000})
    started = time.process_time()
    product_pdf.render(said)
    assert time.process_time() - started < 10
