"""Whom to ask as a hub's own file has it: its rows in place of the built-in ones, sector by sector."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from routing.asking import RULES, Picture, Rule
from schemas.asking import About, AskingRow
from schemas.persons import Person

_ABOUT: Mapping[About, Callable[[Picture], tuple[Person, ...]]] = {
    "everybody": lambda picture: picture.everybody,
    "children": lambda picture: picture.born,
    "adults": lambda picture: picture.adults,
    "children_and_mothers_to_be": lambda picture: picture.children + picture.mothers_to_be,
}


def rules(rows: Sequence[AskingRow]) -> tuple[Rule, ...]:
    """The rows that a hub asks by: the built-in ones, and in their place the file's where it has any for the sector."""
    own = {row.asks for row in rows}
    return tuple(rule for rule in RULES if rule.asks not in own) + tuple(_rule(row) for row in rows)


def _rule(row: AskingRow) -> Rule:
    return Rule(
        asks=row.asks,
        when=lambda picture: _applies(row, picture),
        about=_ABOUT[row.about],
        categories=row.categories,
        because=row.because,
    )


def _applies(row: AskingRow, picture: Picture) -> bool:
    if row.concerns and not picture.concerns.intersection(row.concerns):
        return False
    if row.ratings and picture.rating not in row.ratings:
        return False
    return not row.unborn or any(child.unborn for child in picture.children)
