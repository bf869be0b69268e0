"""Whether a value stands in what an adapter made of a message."""

from __future__ import annotations

from adapters.kit import Accounts, accounted


def test_a_value_that_stands_nowhere_is_not_accounted_for() -> None:
    assert accounted("Rowan", ["Rowan Lee"])
    assert not accounted("Row", ["Rowan Lee"])
    assert not accounted("1", ["2019", "21"])


def test_a_number_may_be_one_end_of_a_joined_one() -> None:
    assert accounted("820", ["8201234"])
    assert not accounted("20", ["8201234"])


def test_words_are_not_found_across_two_texts() -> None:
    assert not accounted("Lee Rowan", ["Rowan Lee", "Rowan"])


def test_a_place_is_known_by_itself_or_by_the_text_that_wraps_it() -> None:
    accounts = Accounts([], ["/Message", "PID-5"])
    assert accounts.know("/Message/a")
    assert accounts.know("")
    assert not accounts.know("/Messages")
    assert not accounts.know("PID-5[2]")
