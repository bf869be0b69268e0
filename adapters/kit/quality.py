"""The quality scale: what an adapter has done, is exempt from with a reason, or has still to do, in three levels.

A quality file lies beside the adapter's module as ``MODULE.quality.toml``. The rules are rows; each says what it asks,
and whether a program can look for itself (``mash adapters quality`` does, and says where the file tells otherwise).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.kit.walks import WALKS
from schemas.errors import Rejected


class Level(StrEnum):
    """Each level asks for its own rules and for those of the levels before."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class State(StrEnum):
    """What a quality file says of a rule."""

    DONE = "done"
    EXEMPT = "exempt"
    TODO = "todo"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: its name in the file, its level, and what it asks."""

    name: str
    level: Level
    asks: str


RULES = (
    Rule(name="conformance", level=Level.BRONZE, asks="every check of the kit passes on every sample"),
    Rule(name="golden", level=Level.BRONZE, asks="each sample has a golden file that a person read"),
    Rule(name="page", level=Level.BRONZE, asks="a page says what goes where, what is refused, how it is answered"),
    Rule(name="tests", level=Level.BRONZE, asks="its module has tests of its own"),
    Rule(name="properties", level=Level.SILVER, asks="property tests try its parser with generated input"),
    Rule(
        name="handling", level=Level.SILVER, asks="markers for restricted or hidden reach handling, shown by a sample"
    ),
    Rule(
        name="identifiers",
        level=Level.SILVER,
        asks="an identifier that fails its check is kept and flagged, in a sample",
    ),
    Rule(
        name="kinds", level=Level.SILVER, asks="samples of a concern and of something less, told apart by rows of rules"
    ),
    Rule(name="refusals", level=Level.SILVER, asks="its page lists the codes that it refuses with"),
    Rule(name="corpus", level=Level.GOLD, asks="files that nobody here wrote go through, 95% of the well-formed ones"),
    Rule(name="fuzzed", level=Level.GOLD, asks="a campaign of 100,000 mutations found nothing"),
    Rule(name="answers", level=Level.GOLD, asks="a library of the format's own reads its answers"),
    Rule(name="schema", level=Level.GOLD, asks="a published schema validates its samples or its answers"),
    Rule(name="peers", level=Level.GOLD, asks="a real system has sent through it"),
)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the file says of a rule; an exemption and what is to do come with words."""

    state: State
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """A quality file. Paths are relative to the project's root; ``routes`` are the corpus's, for adapters of ours."""

    syntax: str
    samples: str
    page: str
    tests: tuple[str, ...]
    claims: Mapping[str, Claim]

    def level(self) -> Level | None:
        """The highest level whose rules, and those below, are all done or exempt."""
        reached = None
        for level in Level:
            if any(self.claims[rule.name].state is State.TODO for rule in RULES if rule.level is level):
                break
            reached = level
        return reached


def parse(text: str) -> Quality:
    """Read a quality file.

    Raises:
        Rejected: it is no TOML, or says something that the scale does not know; ``at`` names it.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Rejected("quality.toml", f"mend the TOML: {error}") from error
    for key in table.keys() - {"syntax", "samples", "page", "tests", "rules"}:
        raise Rejected("quality.key", "take it out, or mend its spelling", at=key)
    syntax = _text(table, "syntax")
    if syntax and syntax not in WALKS:
        raise Rejected("quality.syntax", f"write one of {', '.join(sorted(WALKS))}", at="syntax")
    tests = table.get("tests", [])
    if not isinstance(tests, list) or not all(isinstance(each, str) for each in tests):
        raise Rejected("quality.tests", "write a list of paths", at="tests")
    return Quality(
        syntax=syntax,
        samples=_text(table, "samples"),
        page=_text(table, "page"),
        tests=tuple(tests),
        claims=_claims(table.get("rules", {})),
    )


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise Rejected("quality.text", "write a text in quotation marks", at=key)
    return value


def _claims(rules: object) -> dict[str, Claim]:
    if not isinstance(rules, dict):
        raise Rejected("quality.rules", "write a table [rules]", at="rules")
    known = {rule.name for rule in RULES}
    for name in rules.keys() ^ known:
        detail = "take it out: the scale has no such rule" if name in rules else "say done, exempt: why, or todo: what"
        raise Rejected("quality.rule", detail, at=f"rules.{name}")
    return {rule.name: _claim(rules[rule.name], rule.name) for rule in RULES}


def _claim(said: object, name: str) -> Claim:
    word, _, reason = said.partition(":") if isinstance(said, str) else ("", "", "")
    state = next((each for each in State if each == word.strip()), None)
    if state is None or (state is not State.DONE and not reason.strip()):
        raise Rejected("quality.claim", "say done, exempt: why, or todo: what", at=f"rules.{name}")
    return Claim(state=state, reason=reason.strip())
