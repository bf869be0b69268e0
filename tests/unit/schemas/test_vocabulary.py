from __future__ import annotations

import re
from enum import StrEnum

import pytest

from schemas import vocabulary
from schemas.vocabulary import Concern, LegalGround, Outcome, Rating, RefusalReason

LISTS = [
    each
    for each in vars(vocabulary).values()
    if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
]


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_every_word_is_spelt_in_a_way_that_configuration_and_urls_can_hold(words: type[StrEnum]) -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+|OFFICIAL(-SENSITIVE)?", word.value) for word in words)


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_every_list_says_what_it_is(words: type[StrEnum]) -> None:
    assert words.__doc__


def test_the_lists_of_the_domain_are_whole() -> None:
    assert len(Concern) == 20  # nineteen categories, and other
    assert len(Outcome) == 10
    assert len(RefusalReason) == 10
    assert len(LegalGround) == 10


def test_ratings_stand_worst_first() -> None:
    assert list(Rating) == [Rating.RED, Rating.AMBER, Rating.GREEN, Rating.BLUE]
