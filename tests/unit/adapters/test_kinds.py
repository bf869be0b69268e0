from __future__ import annotations

from adapters.kinds import Rule, judge
from schemas.vocabulary import ItemKind

RULES = (
    Rule[int](kind=ItemKind.UPDATE, when=lambda number: number > 1, because="more than one"),
    Rule[int](kind=ItemKind.CONTEXT, when=lambda number: number > 0, because="some"),
)


def test_the_first_row_that_holds_decides() -> None:
    assert judge(RULES, 2) == (ItemKind.UPDATE, "more than one")
    assert judge(RULES, 1) == (ItemKind.CONTEXT, "some")


def test_doubt_means_concern() -> None:
    kind, because = judge(RULES, 0)
    assert kind is ItemKind.CONCERN
    assert because
