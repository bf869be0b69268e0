from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.linkage import LINKABLE, Candidate, Link, link, link_unborn, terms
from schemas.identifiers import IdentifierKind as K
from schemas.persons import Name, Person
from tests.unit.routing.builders import NHS, OTHER_NHS, PNC, UPN, number, person

BAD_NHS = "9990000019"


def candidate(name: str, record: Person) -> Candidate:
    return Candidate(person_id=name, record=record, matched=terms(record))


def test_only_numbers_whose_check_holds_and_that_name_a_person_are_looked_up() -> None:
    somebody = person(
        "child-1",
        number(K.NHS, NHS),
        number(K.NHS, BAD_NHS),
        number(K.UPN, UPN),
        number(K.LOCAL, "12345", issuer="school"),
        number(K.ODS, "RX1"),
        number(K.URN, "123456"),
        number(K.LAESTAB, "8201234"),
        number(K.NHS, NHS),
    )
    assert [(term.kind, term.value) for term in terms(somebody)] == [(K.NHS, NHS), (K.UPN, UPN)]


@given(st.lists(st.tuples(st.sampled_from(list(K)), st.text(max_size=14)), max_size=8))
def test_no_term_is_ever_local_unsure_or_of_an_organisation(held: list[tuple[K, str]]) -> None:
    somebody = person("child-1", *(number(kind, text) for kind, text in held))
    sure = {(one.kind, one.value) for one in somebody.identifiers if one.sure}
    for term in terms(somebody):
        assert term.kind in LINKABLE
        assert (term.kind, term.value) in sure


def test_one_candidate_with_nothing_against_it_is_linked_with_the_reason() -> None:
    linked = link(person("child-1", number(K.UPN, UPN)), [candidate("per-1", person("x", number(K.UPN, UPN)))])
    assert linked == Link(person_id="per-1", because="the same upn, and nothing contradicts it")


def test_nobody_known_is_no_doubt() -> None:
    linked = link(person("child-1", number(K.UPN, UPN)), [candidate("per-1", person("x", number(K.NHS, NHS)))])
    assert linked.person_id is None
    assert not linked.conflicts


def test_two_people_for_one_set_of_numbers_are_for_a_person_to_look_at() -> None:
    ours = person("child-1", number(K.NHS, NHS), number(K.UPN, UPN))
    found = [
        candidate("per-2", person("x", number(K.UPN, UPN))),
        candidate("per-1", person("y", number(K.NHS, NHS))),
    ]
    linked = link(ours, found)
    assert linked.person_id is None
    assert [doubt.person_id for doubt in linked.conflicts] == ["per-1", "per-2"]


@pytest.mark.parametrize(
    "record, word",
    [
        (person("x", number(K.UPN, UPN), number(K.NHS, OTHER_NHS)), "nhs_number differs"),
        (person("x", number(K.UPN, UPN), born="2011-02-03"), "birth date differs"),
        (person("x", number(K.UPN, UPN), born="2011-02-03", family="Other"), "birth date differs"),
    ],
    ids=["number", "birth date", "birth date and name"],
)
def test_whatever_contradicts_prevents_an_automatic_link(record: Person, word: str) -> None:
    ours = person("child-1", number(K.UPN, UPN), number(K.NHS, NHS))
    linked = link(ours, [candidate("per-1", record)])
    assert linked.person_id is None
    assert word in linked.conflicts[0].because


@pytest.mark.parametrize(
    "born, family, linked",
    [
        ("2010-02-03", "Sample", True),
        ("2010-02-03", "Other", True),
        ("2010-02", "Other", True),
        (None, "SAMPLÉ", True),
        (None, "Other", False),
        (None, "", False),
        ("2011-02-03", "Sample", False),
    ],
)
def test_the_nhs_number_is_never_the_sole_match(born: str | None, family: str, linked: bool) -> None:
    ours = person("child-1", number(K.NHS, NHS))
    found = link(ours, [candidate("per-1", person("x", number(K.NHS, NHS), born=born, family=family))])
    assert (found.person_id == "per-1") is linked
    assert bool(found.conflicts) is not linked


def test_a_second_number_that_agrees_speaks_for_the_nhs_number() -> None:
    ours = person("child-1", number(K.NHS, NHS), number(K.PNC, PNC), born=None)
    theirs = person("x", number(K.NHS, NHS), number(K.PNC, PNC), family="Other")
    assert link(ours, [candidate("per-1", theirs)]).person_id == "per-1"


def test_an_earlier_name_counts_as_a_name() -> None:
    record = person("x", number(K.NHS, NHS), born=None, family="Other").model_copy(
        update={"names": (Name(family="Other"), Name(family="O'Sample"))}
    )
    ours = person("child-1", number(K.NHS, NHS), born=None, family="OSAMPLE")
    assert link(ours, [candidate("per-1", record)]).person_id == "per-1"


def test_a_candidate_found_by_a_stale_key_is_not_linked() -> None:
    ours = person("child-1", number(K.UPN, UPN))
    stale = Candidate(person_id="per-1", record=person("x", number(K.NHS, NHS)), matched=terms(ours))
    assert link(ours, [stale]).person_id is None


@given(st.permutations([("per-1", NHS), ("per-2", OTHER_NHS), ("per-3", NHS)]), st.booleans())
def test_a_link_does_not_depend_on_the_order_of_candidates(order: list[tuple[str, str]], both: bool) -> None:
    ours = person("child-1", number(K.NHS, NHS), *([number(K.NHS, OTHER_NHS)] if both else []))
    found = [candidate(name, person("x", number(K.NHS, text))) for name, text in order]
    linked = link(ours, found)
    assert linked.person_id is None
    assert [doubt.person_id for doubt in linked.conflicts] == (
        ["per-1", "per-2", "per-3"] if both else ["per-1", "per-3"]
    )


def unborn(due: date | None) -> Person:
    return Person(ref="child-1", unborn=True, expected_date=due, mother="adult-1")


DUE = date(2027, 5, 1)
MOTHER = Link(person_id="per-9", because="sure")


@pytest.mark.parametrize(
    "mother, known, person_id, doubts",
    [
        (MOTHER, [DUE], "per-0", 0),
        (MOTHER, [DUE + timedelta(days=21)], "per-0", 0),
        (MOTHER, [None], "per-0", 0),
        (MOTHER, [DUE + timedelta(days=22)], None, 0),
        (MOTHER, [DUE, DUE], None, 2),
        (MOTHER, [], None, 0),
        (Link(person_id=None, because="unknown"), [DUE], None, 0),
    ],
)
def test_an_unborn_child_is_found_through_the_mother(
    mother: Link, known: list[date | None], person_id: str | None, doubts: int
) -> None:
    candidates = [Candidate(person_id=f"per-{place}", record=unborn(due)) for place, due in enumerate(known)]
    linked = link_unborn(unborn(DUE), mother, candidates)
    assert linked.person_id == person_id
    assert len(linked.conflicts) == doubts


def test_a_child_already_born_is_not_the_one_expected() -> None:
    born = Candidate(person_id="per-1", record=person())
    assert link_unborn(unborn(DUE), MOTHER, [born]).person_id is None


def test_an_unborn_child_has_no_numbers_of_its_own() -> None:
    assert terms(unborn(DUE).model_copy(update={"identifiers": (number(K.NHS, NHS),)})) == ()
