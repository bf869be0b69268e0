from __future__ import annotations

from routing.families import STEPS, families, of_concern, widened
from routing.traces import Trace
from tests.unit.routing.tracing import trace


def test_children_of_one_concern_are_one_family_and_those_of_two_are_two() -> None:
    assert families([trace("1", "a b"), trace("2", "c")]) == [frozenset("ab"), frozenset("c")]


def test_an_adult_makes_one_family_of_two_concerns_except_the_adult_whom_it_is_about() -> None:
    seen = [trace("1", "a", "mum"), trace("2", "b", "mum"), trace("3", "c", others="mum")]
    assert families(seen) == [frozenset("abc")]
    assert families(seen, apart_from="mum") == [frozenset("a"), frozenset("b"), frozenset("c")]


def test_a_later_concern_joins_what_stood_apart() -> None:
    assert families([trace("1", "a"), trace("2", "b"), trace("3", "a b")]) == [frozenset("ab")]


def test_a_concern_that_names_no_child_is_of_no_family() -> None:
    assert families([trace("1", "", "mum")]) == []


def test_what_names_nobody_of_a_family_adds_nobody_to_it() -> None:
    family = of_concern(trace("1", "a", "mum"))
    assert widened(family, [trace("2", "b", "other"), trace("3", "c", others="mum")]) == family


def reach(seen: list[Trace], latest: Trace) -> set[str]:
    family = of_concern(latest)
    for _ in range(STEPS):
        beside = [one for one in seen if one.children & family.children or one.residents & family.residents]
        family = widened(family, beside)
    return set(family.people)


def test_a_family_is_widened_over_the_adults_who_live_with_its_children_and_not_over_others() -> None:
    latest = trace("9", "baby")
    seen = [latest, trace("1", "baby", "mum"), trace("2", "elder", "mum"), trace("3", "cousin", others="mum")]
    assert reach(seen, latest) == {"baby", "mum", "elder"}


def test_it_is_widened_so_often_and_no_more() -> None:
    latest = trace("9", "a", "x")
    seen = [latest, trace("1", "b", "x y"), trace("2", "c", "y z"), trace("3", "d", "z")]
    assert reach(seen, latest) == {"a", "b", "x", "y"}
