from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.metrics import ALL, Figure
from routing.suppression import LEAST, suppressed


def share(group: str, count: int, of: int) -> Figure:
    return Figure(metric="m", group=group, count=count, of=of, value=round(100 * count / of, 1) if of else None)


def whole(*groups: tuple[int, int]) -> list[Figure]:
    """Groups that add up, after their total."""
    parts = [share(f"g{place}", count, of) for place, (count, of) in enumerate(groups)]
    return [share(ALL, sum(count for count, _ in groups), sum(of for _, of in groups)), *parts]


def shown(figures: list[Figure]) -> dict[str, tuple[int | None, int | None]]:
    return {one.group: (one.count, one.of) for one in suppressed(figures)}


@pytest.mark.parametrize(
    "count, of, expected",
    [(5, 10, (5, 10)), (4, 20, (None, 20)), (16, 20, (None, 20)), (0, 20, (None, 20)), (2, 4, (None, None))],
)
def test_a_count_the_rest_and_a_base_under_five_are_left_out(
    count: int, of: int, expected: tuple[int | None, int | None]
) -> None:
    assert shown([share(ALL, count, of)]) == {ALL: expected}


def test_a_share_is_left_out_with_either_of_its_counts() -> None:
    (one,) = suppressed([share(ALL, 4, 20)])
    assert (one.value, one.suppressed) == (None, True)
    (other,) = suppressed([share(ALL, 5, 20)])
    assert (other.value, other.suppressed) == (25.0, False)


def test_one_group_that_is_left_out_takes_the_smallest_other_with_it() -> None:
    found = shown(whole((3, 20), (9, 30), (20, 50)))
    assert found == {ALL: (32, 100), "g0": (None, 20), "g1": (None, 30), "g2": (20, 50)}


def test_a_large_count_that_is_left_out_for_its_rest_takes_another_with_it() -> None:
    found = shown(whole((18, 20), (9, 30), (20, 50)))
    assert (found["g0"], found["g1"], found["g2"]) == ((None, 20), (None, 30), (20, 50))


def test_rests_that_come_to_less_than_five_take_another_with_them() -> None:
    found = shown(whole((10, 12), (9, 10), (20, 40), (30, 90)))
    assert (found["g2"], found["g3"]) == ((None, 40), (30, 90))


def test_groups_that_are_left_out_and_come_to_less_than_five_take_another_with_them() -> None:
    found = shown(whole((0, 20), (1, 30), (9, 30), (20, 50)))
    assert found["g2"] == (None, 30)
    assert found["g3"] == (20, 50)


def test_where_no_group_is_left_the_total_goes() -> None:
    assert shown([share(ALL, 30, 60), share("g0", 2, 60)])[ALL] == (None, 60)


def test_times_go_with_their_base() -> None:
    figures = [
        Figure(metric="t", group=group, count=None, of=of, value=2.0)
        for group, of in ((ALL, 43), ("amber", 30), ("green", 9), ("red", 4))
    ]
    found = {one.group: (one.of, one.value) for one in suppressed(figures)}
    assert found == {ALL: (43, 2.0), "amber": (30, 2.0), "green": (None, None), "red": (None, None)}


GROUPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=4)


@given(GROUPS)
def test_nothing_small_is_shown_and_nothing_small_can_be_worked_out(pairs: list[tuple[int, int]]) -> None:
    figures = whole(*((count, count + rest) for count, rest in pairs))
    found = suppressed(figures)
    for one in found:
        assert one.of is None or one.of >= LEAST
        assert one.count is None or (one.count >= LEAST and one.of is not None and one.of - one.count >= LEAST)
        assert one.suppressed is (one.count is None)
    for column in ("count", "of"):
        truth = [getattr(one, column) for one in figures[1:]]
        told = [getattr(one, column) for one in found[1:]]
        total = getattr(found[0], column)
        for place, value in enumerate(told):
            if value is None and total is not None:
                assert len(_possible(told, total, place)) > 1, (truth, told, total)


def _possible(told: list[int | None], total: int, place: int) -> set[int]:
    """What a reader could take a left-out number for, who knows that all add up."""
    out = [other for other, value in enumerate(told) if value is None and other != place]
    rest = total - sum(value for value in told if value is not None)
    ranges = [range(rest + 1) for _ in out]
    return {rest - sum(values) for values in product(*ranges) if rest - sum(values) >= 0}
