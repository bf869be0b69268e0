from __future__ import annotations

import pytest

from adapters.json_taking import JsonTaking
from adapters.schools.json_part import Part
from adapters.strict_json import Json, leaves
from schemas.errors import TooLarge


def part(value: Json) -> Part:
    return Part(value, "", JsonTaking(leaves(value)))


def test_a_path_goes_through_wrapping_and_the_pointer_tells_it() -> None:
    found = part({"a": {"data": {"b/c": {"data": [{"d": "x"}], "meta": {}}}}})
    inner = found.within("a")
    assert inner is not None
    assert inner.pointer == "/a/data"
    assert [each.get("d").pointer for each in Part(inner.value, inner.pointer, inner.taking).members()] == [""]
    wrapped = part({"a": {"data": [{"d": "x"}]}})
    assert [each.get("d") for each in wrapped.each("a")] == [("x", "/a/data/0/d")]


def test_data_beside_other_members_is_no_wrapping() -> None:
    assert part({"data": "x", "name": "y"}).get("name").text == "y"


def test_the_first_path_with_a_text_is_taken_and_none_is_absent() -> None:
    found = part({"a": "", "b": " ", "c": "x", "d": True, "e": {}, "f": None})
    assert found.get("a", "b", "c").pointer == "/c"
    assert found.get("d").text == "true"
    assert (found.get("e").text, found.get("f", "g").text) == ("", "")
    assert (found.has("f"), found.has("e")) == (False, True)


def test_one_that_stands_alone_is_a_list_of_one() -> None:
    assert [native.text for native in part({"a": "x"}).texts("a")] == ["x"]
    assert [native.text for native in part({"a": ["x", None, "", "y", {}]}).texts("a")] == ["x", "y"]
    assert part({}).texts("a") == []


def test_a_list_that_is_too_long_is_refused_with_its_pointer() -> None:
    found = part({"a": ["x", "y"]})
    assert len(found.few("a", 2)) == 2
    with pytest.raises(TooLarge) as caught:
        found.few("a", 1)
    assert (caught.value.code, caught.value.at) == ("schools.json.members", "/a")
