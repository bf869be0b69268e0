from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from adapters.port import FeedContext
from adapters.schools.json import ADAPTER
from adapters.schools.school_document import FORMAT, RECORDS, schema
from schemas.errors import Rejected
from tests.fixtures.regenerate import natives

PUBLISHED = Path(__file__).parents[4] / "docs" / "formats" / "schools-json.schema.json"
OURS = [path for path in natives("schools.json") if not path.name.startswith("wonde")]
FEED = FeedContext(feed="school", agency="marshside-academy")


def document(**record: object) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "records": [{"record": "concern", "id": "1", "narrative": "x", "categories": [], **record}],
    }


def validator() -> jsonschema.Draft202012Validator:
    found = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_the_published_schema_is_that_of_the_models() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize("native", OURS, ids=lambda path: path.stem)
def test_an_independent_validator_accepts_each_fixture(native: Path) -> None:
    assert not list(validator().iter_errors(json.loads(native.read_bytes())))


@pytest.mark.parametrize(
    "change, at",
    [
        ({"record": "gossip"}, "/records/0/record"),
        ({"record": 7}, "/records/0/record"),
        ({"id": ""}, "/records/0/id"),
        ({"narrative": ["x"]}, "/records/0/narrative"),
        ({"categories": "Neglect"}, "/records/0/categories"),
        ({"pupils": {"given": "Morgan"}}, "/records/0/pupils"),
        ({"pupils": [{"upn": []}]}, "/records/0/pupils/0/upn"),
        ({"actions": [{"by": "Pat"}]}, "/records/0/actions/0/action"),
        ({"consent": []}, "/records/0/consent"),
        ({"handling": "secret"}, "/records/0/handling"),
    ],
)
def test_what_the_schema_refuses_the_adapter_refuses_with_its_pointer(change: dict[str, object], at: str) -> None:
    wrong = document(**change)
    assert list(validator().iter_errors(wrong))
    with pytest.raises(Rejected) as caught:
        ADAPTER.read(json.dumps(wrong).encode(), FEED)
    assert (caught.value.code, caught.value.at) == ("schools.json.shape", at)
    assert caught.value.detail


@pytest.mark.parametrize("name", ["id", "narrative", "categories", "record"])
def test_a_member_that_must_be_there_is_asked_for(name: str) -> None:
    wrong = document()
    del wrong["records"][0][name]
    assert list(validator().iter_errors(wrong))
    with pytest.raises(Rejected) as caught:
        ADAPTER.read(json.dumps(wrong).encode(), FEED)
    assert caught.value.at == f"/records/0/{name}"


def test_null_is_as_good_as_absent_and_unknown_members_are_kept() -> None:
    payload = json.dumps(document(place=None, pupils=None, colour="green")).encode()
    (item,) = ADAPTER.read(payload, FEED).items
    assert ("/records/0/colour", "green") in {(each.pointer, each.value) for each in item.unmapped}


def test_the_example_of_the_documentation_is_valid_and_read() -> None:
    page = PUBLISHED.with_name("schools-json.md").read_text(encoding="utf-8")
    lines = [line[4:] for line in page.split("## Our own documents")[1].splitlines() if line.startswith("    ")]
    assert not list(validator().iter_errors(json.loads("\n".join(lines))))
    (item,) = ADAPTER.read("\n".join(lines).encode(), FEED).items
    assert [child.relation for child in item.notification.children] == ["", "sibling"]


def test_each_kind_of_record_says_what_it_is() -> None:
    assert set(RECORDS) == {"concern", "attendance", "missing_education"}
    assert all(model.__doc__ for model in RECORDS.values())
