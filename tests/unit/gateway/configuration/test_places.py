from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.configuration.places import Path, Place, nearest, places
from sandbox.toml import render

DOCUMENT = """\
# a remark with = and [brackets]
title = "one"  # and # another

[hub]
id = "harbour"
'quoted key' = 1
"esc\\u0061ped" . dotted = 2

  [hub.inner]
  text = \"\"\"
several = lines
[not.a.table]
"quoted" \\\"\"\" still\"\"\"\"
  raw = '''
a = 'b' # no remark
'''

[[feeds]]
name = "first"
options = { codes = ["a", "b"], nested = { deep = true } }
list = [
  1, # one
  [2, 3],
  { at = 4 },
]

[[feeds]]
name = 'second'

[feeds.detail]
url = "https://x.example/#part"

[[feeds.rows]]
n = 1
[[feeds.rows]]
n = 2
when = 09:00:00
day = 2026-12-25T10:00:00Z
"""


@pytest.mark.parametrize(
    "path, line, column",
    [
        (("title",), 2, 1),
        (("hub",), 4, 1),
        (("hub", "id"), 5, 1),
        (("hub", "quoted key"), 6, 1),
        (("hub", "escaped"), 7, 1),
        (("hub", "escaped", "dotted"), 7, 1),
        (("hub", "inner"), 9, 3),
        (("hub", "inner", "text"), 10, 3),
        (("hub", "inner", "raw"), 14, 3),
        (("feeds", 0), 18, 1),
        (("feeds", 0, "options", "codes", 1), 20, 27),
        (("feeds", 0, "options", "nested", "deep"), 20, 44),
        (("feeds", 0, "list", 0), 22, 3),
        (("feeds", 0, "list", 1, 1), 23, 7),
        (("feeds", 0, "list", 2, "at"), 24, 5),
        (("feeds", 1), 27, 1),
        (("feeds", 1, "name"), 28, 1),
        (("feeds", 1, "detail"), 30, 1),
        (("feeds", 1, "detail", "url"), 31, 1),
        (("feeds", 1, "rows", 0, "n"), 34, 1),
        (("feeds", 1, "rows", 1, "day"), 38, 1),
    ],
)
def test_each_key_has_its_line_and_column(path: Path, line: int, column: int) -> None:
    assert places(DOCUMENT)[path] == Place(line, column)


def test_nothing_is_found_that_is_not_there() -> None:
    found = places(DOCUMENT)
    assert set(found) == paths(tomllib.loads(DOCUMENT))


def test_what_is_missing_has_the_place_of_the_table_around_it() -> None:
    found = places(DOCUMENT)
    assert nearest(found, ("feeds", 1, "agency")) == Place(27, 1)
    assert nearest(found, ("people",)) == Place(1, 1)


KEYS = st.text("abcdefgh-_ .\"'#=[]{}\\é", min_size=1, max_size=6)
SCALARS = (
    st.integers(-1000, 1000)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab\"'\\#=[]{},\n\té€😀", max_size=12)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_every_key_of_any_document_is_found_and_nothing_else(made: dict[str, Any]) -> None:
    text = written(made)
    assert tomllib.loads(text) == made
    assert set(places(text)) == paths(made)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 9), min_size=1), st.integers(0, 5))
def test_the_text_at_a_place_is_the_key(made: dict[str, int], before: int) -> None:
    text = "# é\n" * before + render(made)
    lines = text.split("\n")
    for path, place in places(text).items():
        assert lines[place.line - 1][place.column - 1 :].startswith(str(path[0]))


def paths(value: object, path: Path = ()) -> set[Path]:
    """Every path of a document, as ``tomllib`` read it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    for name, one in inner:
        found |= paths(one, (*path, name))
    return found


def written(made: dict[str, Any]) -> str:
    return "".join(f"{quoted(key)} = {inline(value)}\n" for key, value in made.items())


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + ", # a remark ]\n".join(inline(one) for one in value) + "\n]"
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
