"""Which words speak of a child."""

from __future__ import annotations

import pytest

from adapters.probation.child_words import speaks_of_child


@pytest.mark.parametrize(
    "text", ["her unborn baby", "his step-son", "two siblings", "UNDER 16", "pregnancy", "a schoolboy"]
)
def test_words_speak_of_a_child(text: str) -> None:
    assert speaks_of_child(text)


@pytest.mark.parametrize("text", ["", "his person", "a sonata", "Jackson", "alcohol"])
def test_words_that_only_look_like_it_do_not(text: str) -> None:
    assert not speaks_of_child(text)


def test_more_than_anybody_writes_is_doubtful_and_doubt_means_yes() -> None:
    assert speaks_of_child("a " * 100_001)
    assert not speaks_of_child("a " * 100_000)
