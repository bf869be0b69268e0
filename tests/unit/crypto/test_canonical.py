from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import canonical
from crypto.canonical import Json
from schemas.errors import Rejected, TooLarge

VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Json) -> None:
    assert canonical.loads(canonical.dumps(value)) == value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), st.integers(), max_size=6))
def test_the_order_of_members_makes_no_difference(value: dict[str, int]) -> None:
    assert canonical.dumps(value) == canonical.dumps(dict(reversed(value.items())))


def test_members_are_sorted_without_spaces_in_utf_8() -> None:
    assert canonical.dumps({"b": [1, 2], "a": "\u00e9"}) == '{"a":"\u00e9","b":[1,2]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")], {1: "a"}, [{None: 1}], "\ud800"])
def test_what_has_no_one_meaning_is_not_written(value: canonical.JsonInput) -> None:
    with pytest.raises(ValueError):
        canonical.dumps(value)


@pytest.mark.parametrize("value", [b"bytes", object(), {"a": {1, 2}}])
def test_what_json_does_not_have_is_not_written(value: canonical.JsonInput) -> None:
    with pytest.raises(TypeError):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"\\u0061":2}}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e400",
        b"-1e400",
        b"9" * 41,
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"{}\x00",
        b"{} {}",
        b"{'a':1}",
        b"",
        b"[1,]",
        b"[",
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_what_readers_could_read_in_different_ways_is_refused(text: bytes) -> None:
    with pytest.raises(Rejected):
        canonical.loads(text)


def test_a_paired_surrogate_is_one_character() -> None:
    assert canonical.loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_depth_and_size_are_limited() -> None:
    assert canonical.loads(b"[[]]", depth=2) == [[]]
    with pytest.raises(TooLarge):
        canonical.loads(b"[[]]", depth=1)
    with pytest.raises(TooLarge):
        canonical.loads(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(TooLarge):
        canonical.loads(b"[1,2]", size=4)


def test_brackets_inside_text_are_no_depth() -> None:
    assert canonical.loads(b'"[[[[\\"[[["', depth=0) == '[[[["[[['


def test_only_an_object_is_an_object() -> None:
    assert canonical.loads_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(Rejected):
        canonical.loads_object(b"[]")


def test_errors_do_not_repeat_the_text() -> None:
    with pytest.raises(Rejected) as refused:
        canonical.loads(b'{"Blenkinsop": }')
    assert "Blenkinsop" not in f"{refused.value}{refused.value.args}"
    assert refused.value.__cause__ is None
