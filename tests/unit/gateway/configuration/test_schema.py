"""The published schema is that of the code, and it takes and refuses the files that the code does."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gateway.configuration import schema
from tests.unit.gateway.configuration.test_reading import GOOD

PUBLISHED = Path(__file__).parents[4] / "docs" / "hub.schema.json"


def test_what_is_published_is_what_the_command_writes() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema.document(), "mash config schema > docs/hub.schema.json"


def valid(made: dict[str, Any]) -> bool:
    checker = jsonschema.Draft202012Validator(json.loads(schema.document()))
    # TOML's dates and times are strings of their formats to a schema.
    return checker.is_valid(json.loads(json.dumps(made, default=str)))


def test_it_takes_a_good_file_and_is_itself_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.document()))
    assert valid(tomllib.loads(GOOD))


@pytest.mark.parametrize(
    "old, new",
    [
        ("hours = 4\n", "hours = 0\n"),
        ("port = 8080", "prt = 8080"),
        ('sector = "police"', 'sector = "navy"'),
        ('id = "harbour"', 'id = "Harbour!"'),
    ],
)
def test_it_refuses_what_the_hub_refuses(old: str, new: str) -> None:
    assert not valid(tomllib.loads(GOOD.replace(old, new)))
