"""Whether an item is a concern, an update or context: rows with reasons, read from the top. Doubt means concern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.vocabulary import ItemKind

Facts = TypeVar("Facts")


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[Facts]):
    """One row: items for which ``when`` holds are of ``kind``, ``because`` of this (plain words, no values)."""

    kind: ItemKind
    when: Callable[[Facts], bool]
    because: str


def judge(rules: Sequence[Rule[Facts]], facts: Facts) -> tuple[ItemKind, str]:
    """The kind and the reason of the first row that holds; a concern where none does."""
    for rule in rules:
        if rule.when(facts):
            return rule.kind, rule.because
    return ItemKind.CONCERN, "no rule fits, and doubt means concern"
