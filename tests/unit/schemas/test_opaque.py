from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.opaque import RANDOM_BYTES, TIMED_RANDOM_BYTES, Prefix, is_name, name, timed

RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(st.sampled_from(Prefix), RANDOM)
def test_a_name_says_what_it_names_and_nothing_else(prefix: Prefix, random: bytes) -> None:
    made = name(prefix, random)
    assert re.fullmatch(rf"{prefix.value}_[0-9a-z]{{26}}", made)
    assert is_name(made, prefix)
    assert [other for other in Prefix if is_name(made, other)] == [prefix]


@given(RANDOM, RANDOM)
def test_other_bytes_give_another_name_and_the_order_is_kept(one: bytes, other: bytes) -> None:
    first, second = name(Prefix.REFERRAL, one), name(Prefix.REFERRAL, other)
    assert (first < second) == (one < other)
    assert (first == second) == (one == other)


TIMES = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
TAILS = st.binary(min_size=TIMED_RANDOM_BYTES, max_size=TIMED_RANDOM_BYTES)


@given(TIMES, TAILS, TIMES, TAILS)
def test_names_with_their_time_order_by_it(at: datetime, tail: bytes, then: datetime, other: bytes) -> None:
    first, second = timed(Prefix.MESSAGE, at, tail), timed(Prefix.MESSAGE, then, other)
    assert is_name(first, Prefix.MESSAGE)
    if then - at >= timedelta(milliseconds=1):
        assert first < second
    if at == then:
        assert (first == second) == (tail == other)


def test_a_name_with_its_time_takes_exactly_ten_bytes() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        timed(Prefix.MESSAGE, datetime(2026, 5, 4, tzinfo=UTC), b"\x00" * RANDOM_BYTES)


def test_the_letters_that_are_mistaken_for_others_are_not_used() -> None:
    made = "".join(name(Prefix.ITEM, bytes([value] * RANDOM_BYTES))[4:] for value in range(256))
    assert not set(made) & set("ilou")


@pytest.mark.parametrize("random", [b"", b"\x00" * 15, b"\x00" * 17])
def test_a_name_takes_exactly_sixteen_bytes(random: bytes) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        name(Prefix.MESSAGE, random)


def test_every_prefix_is_three_letters_and_none_is_given_twice() -> None:
    assert all(re.fullmatch("[a-z]{3}", prefix.value) for prefix in Prefix)
    assert len({prefix.value for prefix in Prefix}) == len(Prefix)


@pytest.mark.parametrize(
    "text",
    ["", "ref_", "ref_" + "0" * 25, "ref_" + "0" * 27, "ref_" + "u" * 26, "REF_" + "0" * 26, "ref_" + "0" * 26 + "\n"],
)
def test_what_has_not_the_shape_is_no_name(text: str) -> None:
    assert not is_name(text, Prefix.REFERRAL)


@given(st.text(max_size=40))
def test_no_text_makes_the_question_raise(text: str) -> None:
    is_name(text, Prefix.REFERRAL)
