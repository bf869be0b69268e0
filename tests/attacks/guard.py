"""A guard: what refuses an attack, a place in the code, and the code without it.

``python -m tests.campaigns.guards`` (``make attack-guards``) takes one out after the other, in a copy of the tree, and
demands that the attack's test fails. Where two guards stand behind one another, both are cut at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One replacement in one file; ``old`` stands there exactly once."""

    file: str
    old: str
    new: str = ""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A guard of one attack, by the attack's words in the table.

    ``only`` is pytest's ``-k``. ``falls`` is how the test falls without it, where that is not by an assertion.
    """

    attack: str
    cuts: tuple[Cut, ...]
    only: str = ""
    falls: str = ""


def guard(attack: str, file: str, old: str, new: str = "", *more: Cut, only: str = "", falls: str = "") -> Guard:
    """A guard in one place, or with ``more`` that stand behind it."""
    return Guard(attack=attack, cuts=(Cut(file=file, old=old, new=new), *more), only=only, falls=falls)
