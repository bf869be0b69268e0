"""Words that speak of a concern: found as their patterns find them, whatever comes first."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nhs.hl7_codes import CONCERN_FAMILIES, WORDS, spoken


@given(data=st.data(), around=st.text(max_size=10))
def test_words_are_found_where_their_pattern_finds_them(data: st.DataObject, around: str) -> None:
    row = data.draw(st.sampled_from(WORDS))
    said = data.draw(st.from_regex(re.compile(row.pattern.pattern, re.IGNORECASE)))
    text = f"{around}{said}{around}"
    assert spoken(text) == [each for each in WORDS if each.pattern.search(text)]


@pytest.mark.parametrize(
    "text", ["\u017fafeguarding", "UNBORN", "traffic\u212aing", "rad\u0131cal\u0130sation", "Zo\xeb \u017felf harm"]
)
def test_letters_of_other_cases_are_seen_through(text: str) -> None:
    assert spoken(text) == [each for each in WORDS if each.pattern.search(text)] != []


@pytest.mark.parametrize("text", ["", "well baby clinic", "newborn", "self care", "the sexual health clinic"])
def test_other_words_say_nothing(text: str) -> None:
    assert spoken(text) == []


def test_a_family_stands_under_the_letter_that_its_codes_start_with() -> None:
    for letter, families in CONCERN_FAMILIES.items():
        assert all(pattern.pattern.startswith(letter) for pattern, _ in families)
