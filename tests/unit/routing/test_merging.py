"""Two records that a source says are one person's: joined where nothing disagrees, waiting where anything does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.linkage import Candidate, Doubt, Link, link_told, terms_told
from routing.merging import RULES, Outcome, Side, decide, joined, probe
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import MergeKind
from schemas.persons import Address, Name, Person
from tests.unit.routing.builders import NHS, OTHER_NHS, UPN, number, person

ONE, OTHER = number(IdentifierKind.NHS, NHS), number(IdentifierKind.NHS, OTHER_NHS)
LOCAL, LATER = number(IdentifierKind.LOCAL, "A1", "RXX"), number(IdentifierKind.LOCAL, "A2", "RXX")
NOBODY = Link(person_id=None, because="nobody")
UNSURE = Link(person_id=None, because="unsure", conflicts=(Doubt(person_id="per_9", because="unsure"),))


def bare(*numbers: Identifier) -> Person:
    return Person(ref="prior-1", identifiers=numbers)


def side(told: Person, known: str | None = None, record: Person | None = None) -> Side:
    link = Link(person_id=known, because="known") if known else NOBODY
    return Side(told=told, link=link, record=record or (told if known else None))


def strange(told: Person, known: str) -> Side:
    return replace(side(told, known), another_system=True)


def called(given: str, *numbers: Identifier) -> Person:
    name = Name(given=(given,) if given else (), family="Sample")
    return Person(ref="p", names=(name,), birth_date="2010-02-03", identifiers=numbers)


@pytest.mark.parametrize("kind", [MergeKind.MERGE, MergeKind.CHANGE])
@pytest.mark.parametrize(
    "surviving,prior,code,outcome",
    [
        (side(person("c", ONE), "per_1"), side(bare(LOCAL), "per_2", person("p", LOCAL)), "joined", Outcome.JOIN),
        (side(person("c", ONE), "per_1"), side(bare(LOCAL), "per_1"), "one_already", Outcome.SAME),
        (side(person("c", ONE), "per_1"), side(bare(LOCAL)), "one_known", Outcome.SAME),
        (side(person("c", ONE)), side(bare(LOCAL), "per_2", person("p", LOCAL)), "one_known", Outcome.SAME),
        (side(person("c", ONE)), side(bare(LOCAL)), "unknown", Outcome.SAME),
        (side(person("c", ONE)), side(bare(OTHER)), "unknown_and_differ", Outcome.APART),
        # Two living children with valid numbers of their own.
        (
            side(person("c", ONE), "per_1"),
            side(bare(OTHER), "per_2", person("p", OTHER)),
            "numbers_differ",
            Outcome.WAIT,
        ),
        # The source names the prior record by a local number; the hub knows more of it.
        (
            side(person("c", ONE), "per_1"),
            side(bare(LOCAL), "per_2", person("p", OTHER, LOCAL)),
            "numbers_differ",
            Outcome.WAIT,
        ),
        (side(person("c", ONE), "per_1"), side(bare(OTHER)), "numbers_differ", Outcome.WAIT),
        (
            side(person("c", LATER), "per_1"),
            side(bare(LOCAL), "per_2", person("p", LOCAL, born="2010-02-04")),
            "births_differ",
            Outcome.WAIT,
        ),
        # Twins: one day of birth, and of one of them no number is known.
        (
            side(person("c", ONE), "per_1"),
            side(bare(LOCAL), "per_2", called("Robin", LOCAL)),
            "names_differ",
            Outcome.WAIT,
        ),
        (side(person("c", ONE), "per_1"), side(called("Robin", LOCAL)), "names_differ", Outcome.WAIT),
        (side(person("c", ONE), "per_1"), side(called("A", LOCAL), "per_2"), "joined", Outcome.JOIN),
        (side(called("", ONE), "per_1"), side(called("Robin", LOCAL), "per_2"), "joined", Outcome.JOIN),
        # A local number of another agency's system leads to the one or the other.
        (side(person("c", ONE), "per_1"), strange(bare(LOCAL), "per_2"), "another_system", Outcome.WAIT),
        (strange(bare(LATER), "per_1"), strange(bare(LOCAL), "per_1"), "another_system", Outcome.WAIT),
        (strange(bare(LATER), "per_1"), side(bare(LOCAL)), "another_system", Outcome.WAIT),
        (side(person("c", ONE), "per_1"), Side(told=bare(LOCAL), link=UNSURE), "several", Outcome.WAIT),
        (
            Side(told=person("c", ONE), link=UNSURE),
            side(bare(LOCAL), "per_2", person("p", LOCAL)),
            "several",
            Outcome.WAIT,
        ),
        (
            side(person("c", ONE), "per_1"),
            side(bare(LOCAL), "per_2", Person(ref="p", unborn=True)),
            "unborn",
            Outcome.WAIT,
        ),
    ],
)
def test_anything_known_that_disagrees_waits_for_a_person(
    kind: MergeKind, surviving: Side, prior: Side, code: str, outcome: Outcome
) -> None:
    rule = decide(kind, surviving, prior)
    assert (rule.code, rule.outcome) == (code, outcome)
    assert rule.because


def test_a_move_leaves_both_as_they_are() -> None:
    rule = decide(MergeKind.MOVE, side(person("c", ONE), "per_1"), side(bare(LOCAL), "per_2"))
    assert (rule.code, rule.outcome) == ("moved", Outcome.APART)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_nothing_of_two_records_is_lost_and_the_one_that_stays_stands_first() -> None:
    here = person("per_1", ONE, family="Fern").model_copy(update={"addresses": (Address(postcode="ZZ99 3AB"),)})
    gone = person("per_2", LOCAL, family="Ferne").model_copy(
        update={"legal_status": "looked after", "addresses": (Address(postcode="ZZ99 3AB", confidential=True),)}
    )
    both = joined(here, gone)
    assert both.ref == "per_1"
    assert [name.family for name in both.names] == ["Fern", "Ferne"]
    assert both.identifiers == (ONE, LOCAL)
    assert both.legal_status == "looked after"
    assert [address.confidential for address in both.addresses] == [True]


def test_a_record_named_by_numbers_alone_is_looked_for_as_the_one_that_stays() -> None:
    asked = probe(bare(OTHER), person("c", ONE))
    assert asked.birth_date == "2010-02-03"
    assert asked.names == (Name(given=("Alex",), family="Sample"),)
    assert asked.identifiers == (OTHER,)


def test_a_local_number_leads_to_somebody_where_its_own_system_says_so_and_by_its_issuer_alone() -> None:
    known = Candidate(person_id="per_1", record=person("per_1", LOCAL), matched=terms_told(bare(LOCAL)))
    assert link_told(person("c", LOCAL), [known]).person_id == "per_1"
    elsewhere = number(IdentifierKind.LOCAL, "A1", "RYY")
    assert link_told(person("c", elsewhere), [known]).person_id is None
    assert terms_told(bare(number(IdentifierKind.LOCAL, "A1"))) == ()
    assert link_told(person("c", LOCAL, born="2011-01-01"), [known]).conflicts


def test_numbers_that_name_one_person_everywhere_come_first_among_what_is_looked_up() -> None:
    found = terms_told(bare(LATER, number(IdentifierKind.UPN, UPN), ONE, LOCAL))
    assert [term.kind for term in found] == [IdentifierKind.NHS, IdentifierKind.UPN, *[IdentifierKind.LOCAL] * 2]
