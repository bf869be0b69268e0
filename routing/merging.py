"""What a source's merge of two records means for the hub: one person, or a question for a person. Pure.

A source may be wrong about who is who, and a child whose record was swallowed by another's is a child whom nobody
looks for. So software makes one person of two only where nothing known of the two disagrees. Everything else waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from routing.linkage import LINKABLE, Link, spell, terms
from routing.refreshing import agree, merge
from schemas.notification import MergeKind
from schemas.persons import Person


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two: what the source says of it, who that is, and what the hub knows of them.

    ``another_system``: only a local number leads there, and the agency that says so never told the hub of them. Who
    issued a number stands in the message, where anybody can write it.
    """

    told: Person
    link: Link
    record: Person | None = None
    another_system: bool = False

    @property
    def known(self) -> tuple[Person, ...]:
        """All that is known of it."""
        return (self.told,) if self.record is None else (self.told, self.record)


class Outcome(StrEnum):
    """What becomes of it. ``apart`` leaves both as they are; ``same`` adds what the source says to whoever is known."""

    APART = "apart"
    SAME = "same"
    JOIN = "join"
    WAIT = "wait"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row: for two for which ``when`` holds it comes to ``outcome``; ``code`` names the row, ``because`` explains."""

    code: str
    when: Callable[[MergeKind, Side, Side], bool]
    outcome: Outcome
    because: str


RULES: tuple[Rule, ...] = (
    Rule(
        code="moved",
        when=lambda kind, *_: kind is MergeKind.MOVE,
        outcome=Outcome.APART,
        because="an entry went from one person's record to another's, and the two stay two",
    ),
    Rule(
        code="another_system",
        when=lambda _, surviving, prior: surviving.another_system or prior.another_system,
        outcome=Outcome.WAIT,
        because="a local number leads to somebody of whom this agency never told the hub",
    ),
    Rule(
        code="unknown_and_differ",
        when=lambda _, surviving, prior: (
            not _leads_anywhere(surviving) and not _leads_anywhere(prior) and _numbers_differ(surviving, prior)
        ),
        outcome=Outcome.APART,
        because="the hub knows neither of the two, whose numbers differ",
    ),
    Rule(
        code="unknown",
        when=lambda _, surviving, prior: not _leads_anywhere(surviving) and not _leads_anywhere(prior),
        outcome=Outcome.SAME,
        because="the hub knows neither of the two",
    ),
    Rule(
        code="one_already",
        when=lambda _, surviving, prior: surviving.link.person_id == prior.link.person_id is not None,
        outcome=Outcome.SAME,
        because="both are one person already",
    ),
    Rule(
        code="several",
        when=lambda _, surviving, prior: bool(surviving.link.conflicts or prior.link.conflicts),
        outcome=Outcome.WAIT,
        because="it is not certain whom the hub knows by these numbers",
    ),
    Rule(
        code="numbers_differ",
        when=lambda _, surviving, prior: _numbers_differ(surviving, prior),
        outcome=Outcome.WAIT,
        because="the two have different valid numbers, each of which names one person everywhere",
    ),
    Rule(
        code="births_differ",
        when=lambda _, surviving, prior: _any(surviving, prior, lambda one, other: _born(one, other) is False),
        outcome=Outcome.WAIT,
        because="the two were born on different days",
    ),
    Rule(
        code="names_differ",
        when=lambda _, surviving, prior: _names_differ(surviving, prior),
        outcome=Outcome.WAIT,
        because="the two have different first names, as twins have on one day of birth",
    ),
    Rule(
        code="unborn",
        when=lambda _, surviving, prior: _any(surviving, prior, lambda one, other: one.unborn != other.unborn),
        outcome=Outcome.WAIT,
        because="one of the two is not born yet",
    ),
    Rule(
        code="joined",
        when=lambda _, surviving, prior: surviving.link.person_id is not None and prior.link.person_id is not None,
        outcome=Outcome.JOIN,
        because="the source says that both are one person, and nothing that the hub knows contradicts it",
    ),
    Rule(
        code="one_known",
        when=lambda *_: True,
        outcome=Outcome.SAME,
        because="the hub knows one of the two, and nothing contradicts that the other is the same",
    ),
)
"""Read from the top; the last always holds."""


def decide(kind: MergeKind, surviving: Side, prior: Side) -> Rule:
    """The row that says what becomes of the two."""
    return next(rule for rule in RULES if rule.when(kind, surviving, prior))


def joined(surviving: Person, prior: Person) -> Person:
    """One record of two, under the ``ref`` of the one that stays, whose values stand first. Nothing is lost."""
    return merge(prior, surviving).model_copy(update={"ref": surviving.ref})


def probe(prior: Person, surviving: Person) -> Person:
    """The prior record as it is looked for: where the source names it by numbers alone, it is who the other one is."""
    return prior.model_copy(
        update={
            "birth_date": prior.birth_date or surviving.birth_date,
            "names": (*prior.names, *surviving.names),
        }
    )


def _leads_anywhere(side: Side) -> bool:
    return side.link.person_id is not None or bool(side.link.conflicts)


def _numbers_differ(surviving: Side, prior: Side) -> bool:
    for kind in LINKABLE:
        ours, theirs = _numbers(surviving, kind), _numbers(prior, kind)
        if ours and theirs and not ours & theirs:
            return True
    return False


def _numbers(side: Side, kind: str) -> set[str]:
    return {term.value for one in side.known for term in terms(one) if term.kind == kind}


def _names_differ(surviving: Side, prior: Side) -> bool:
    """Whether both have first names, and none of one is, or begins, one of the other. An initial begins many."""
    ours, theirs = _first_names(surviving), _first_names(prior)
    return bool(ours and theirs) and not any(
        one.startswith(other) or other.startswith(one) for one in ours for other in theirs
    )


def _first_names(side: Side) -> set[str]:
    return {spelt for one in side.known for name in one.names if name.given and (spelt := spell(name.given[0]))}


def _born(one: Person, other: Person) -> bool | None:
    return agree(one.birth_date, other.birth_date)


def _any(surviving: Side, prior: Side, speaks: Callable[[Person, Person], bool]) -> bool:
    """Whether it speaks for any two of what is known. A bare number tells of nobody's birth."""
    return any(speaks(one, other) for one in surviving.known for other in prior.known if _tells(one) and _tells(other))


def _tells(person: Person) -> bool:
    return person.unborn or person.birth_date is not None or bool(person.names)
