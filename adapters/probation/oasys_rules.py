"""What an OASys assessment means to a hub: rows with reasons, and how its levels and answers are read.

Source: OASys risk of serious harm (RoSH) screening, full analysis and summary; levels low, medium, high, very high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters import codes
from adapters.kinds import Rule
from schemas.vocabulary import ItemKind


def raised(text: str) -> bool:
    """Whether an answer raises what was asked about: anything but a clear no, "don't know" included."""
    return bool(text) and not codes.says_no(text)


def level(text: str) -> str:
    """A level in one spelling: ``LOW``, ``MEDIUM``, ``HIGH``, ``VERY_HIGH``, or what else it says."""
    return "_".join(text.upper().replace("_", " ").split())


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at.

    ``children`` and ``others`` are the levels of risk to children and of any other risk of harm to others, in one
    spelling; ``written`` says that the assessment holds anything that was written about harm or its management.
    """

    conference: bool
    identifiable: bool
    child_words: bool
    children: frozenset[str]
    others: frozenset[str]
    written: bool


_GRAVE = frozenset({"HIGH", "VERY_HIGH"})

RULES: Sequence[Rule[Facts]] = (
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.conference,
        because="a child protection conference is known, or nobody could rule one out",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.identifiable,
        because="a risk to identifiable children is known, or nobody could rule one out",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: bool(facts.children - {"LOW"}),
        because="the risk to children is assessed as more than low",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.child_words,
        because="what the assessor wrote speaks of a child, a pregnancy or children's services",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: bool(facts.others & _GRAVE),
        because="the risk of serious harm to others is high, and whoever lives there is near it, children included",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.children == {"LOW"},
        because="the risk to children is assessed as low, and nothing speaks of a child",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.written and not facts.others,
        because="it lists assessments, needs, scores or risks to the person alone, and nothing about harm to others",
    ),
)
"""Read from the top; an assessment that no row fits is a concern."""
