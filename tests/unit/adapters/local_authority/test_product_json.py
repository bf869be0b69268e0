from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from adapters.local_authority import product_json
from schemas.product import ProductDocument
from tests.unit.adapters.local_authority.products import CHILD, MOTHER, UNBORN, WORDS, product

SCHEMA: dict[str, Any] = dict(product_json.schema())


def test_the_schema_is_one_and_a_product_satisfies_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(product_json.render(product(CHILD, UNBORN, MOTHER))))


@pytest.mark.parametrize("field", ["product", "marking", "evidence", "persons", "outcomes"])
def test_the_schema_refuses_a_product_without_its_parts(field: str) -> None:
    whole = json.loads(product_json.render(product()))
    del whole[field]
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(whole)


def test_the_schema_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(json.loads(product_json.render(product())) | {"address": "somewhere"})


def test_the_schema_has_no_place_for_a_whereabouts() -> None:
    assert not {"addresses", "school", "gp", "contacts", "notes"} & set(SCHEMA["$defs"]["ProductPerson"]["properties"])


def test_every_letter_is_as_it_was_and_the_same_document_gives_the_same_bytes() -> None:
    said = product(words="שלום 中 \u202e text")
    assert product_json.render(said) == product_json.render(said)
    assert (
        json.loads(product_json.render(said))["evidence"][0]["groups"][0]["items"][0]["text"] == "שלום 中 \u202e text"
    )


@given(words=st.text(min_size=1, max_size=200).filter(lambda text: text.strip()))
def test_a_document_reads_back_as_it_was(words: str) -> None:
    said = product(words=words)
    assert ProductDocument.model_validate_json(product_json.render(said)) == said


def test_the_words_are_there_once() -> None:
    assert product_json.render(product()).count(WORDS.encode()) == 1
