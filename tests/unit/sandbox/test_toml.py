from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.toml import Value, render

PLAIN = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x7f")), st.booleans(),
    st.integers(-1_000, 1_000), st.dates(), st.lists(st.integers(0, 9)),
)  # fmt: skip
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
TABLES = st.recursive(
    st.dictionaries(NAMES, PLAIN),
    lambda inner: st.dictionaries(NAMES, st.one_of(PLAIN, inner, st.lists(inner, min_size=1, max_size=3))),
    max_leaves=8,
)


@given(TABLES)
def test_what_is_written_is_read_again(document: Mapping[str, Value]) -> None:
    assert tomllib.loads(render(document)) == document


def test_times_and_dates_are_toml_s_own() -> None:
    document: dict[str, Value] = {"opens": time(9), "holidays": [date(2026, 12, 25)]}
    assert tomllib.loads(render(document)) == document


def test_a_table_inside_a_list_of_plain_values_is_refused() -> None:
    table: Value = {"a": 1}
    with pytest.raises(TypeError):
        render({"mixed": [1, table]})
