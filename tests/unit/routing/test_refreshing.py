from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.linkage import merge as merge_as_linkage_names_it
from routing.refreshing import merge
from schemas.identifiers import IdentifierKind as K
from schemas.persons import Address, Contact, Name, Organisation, Person, Sex
from tests.unit.routing.builders import NHS, UPN, number, person

WORDS = st.sampled_from(["", "one", "two", "three"])
PLACES = st.builds(Address, postcode=WORDS, confidential=st.booleans())
NUMBERS = st.sampled_from([number(K.LOCAL, text, issuer) for text in "12" for issuer in "ab"])
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "names": WORDS.map(lambda word: (Name(family=word),)),
        "birth_date": st.sampled_from(["2010", "2010-02", "2010-02-03", "2011-05-06"]),
        "unborn": st.booleans(),
        "expected_date": st.sampled_from([date(2027, 5, 1), date(2027, 5, 9)]),
        "sex": st.sampled_from(Sex),
        "language": WORDS,
        "risk": WORDS,
        "interpreter": st.booleans(),
        "alleged_perpetrator": st.booleans(),
        "identifiers": st.lists(NUMBERS, max_size=3).map(tuple),
        "addresses": st.lists(PLACES, max_size=3).map(tuple),
        "contacts": WORDS.map(lambda word: (Contact(system="phone", value=word),)),
        "school": WORDS.map(lambda word: Organisation(name=word)),
        "notes": WORDS.map(lambda word: (word,)),
    },
).map(lambda fields: Person(ref="child-1").model_copy(update=fields))
SINGLE = ("sex", "language", "risk", "interpreter", "alleged_perpetrator")


@given(PEOPLE, PEOPLE)
def test_nothing_known_is_lost(known: Person, fresh: Person) -> None:
    merged = merge(known, fresh)
    notes = " ".join(merged.notes)
    for field in (*SINGLE, "expected_date"):
        before = getattr(known, field)
        assert before in (None, "", getattr(merged, field)) or f"{field}: earlier {before}" in notes
    if known.birth_date:
        assert (merged.birth_date or "").startswith(known.birth_date) or known.birth_date in notes
    for field in ("names", "contacts", "notes"):
        assert set(getattr(known, field)) <= set(getattr(merged, field))
        assert set(getattr(fresh, field)) <= set(getattr(merged, field))
    assert {one.value for one in known.identifiers + fresh.identifiers} == {one.value for one in merged.identifiers}
    if known.school and known.school.name:
        assert merged.school == known.school or f"school: earlier {known.school.name}" in notes


@given(PEOPLE, PEOPLE)
def test_what_is_fresh_stands(known: Person, fresh: Person) -> None:
    merged = merge(known, fresh)
    for field in SINGLE:
        if getattr(fresh, field) not in (None, ""):
            assert getattr(merged, field) == getattr(fresh, field)
    assert merged.names[: len(set(fresh.names))] == tuple(dict.fromkeys(fresh.names))


@given(PEOPLE, PEOPLE)
def test_the_same_news_twice_changes_nothing_more(known: Person, fresh: Person) -> None:
    once = merge(known, fresh)
    assert merge(once, fresh) == once


@pytest.mark.parametrize("known_birth", [None, "2027-04-28"])
@pytest.mark.parametrize("fresh_birth", [None, "2027-04-28"])
@pytest.mark.parametrize("known_unborn, fresh_unborn", [(True, True), (True, False), (False, True), (False, False)])
def test_nobody_born_is_ever_made_unborn(
    known_unborn: bool, fresh_unborn: bool, known_birth: str | None, fresh_birth: str | None
) -> None:
    known = Person(ref="child-1", unborn=known_unborn, birth_date=known_birth)
    merged = merge(known, Person(ref="child-2", unborn=fresh_unborn, birth_date=fresh_birth))
    assert merged.unborn is (known_unborn and known_birth is None and fresh_birth is None)


def test_the_known_person_keeps_its_own_ref() -> None:
    assert merge(person("child-1"), person("adult-9")).ref == "child-1"


@given(PEOPLE, PEOPLE)
def test_an_address_once_confidential_stays_so(known: Person, fresh: Person) -> None:
    hidden = {one.postcode for one in (*known.addresses, *fresh.addresses) if one.confidential}
    merged = merge(known, fresh)
    assert {one.postcode for one in merged.addresses if one.confidential} == hidden
    assert len({one.postcode for one in merged.addresses}) == len(merged.addresses)


def test_a_birth_turns_an_unborn_child_into_a_born_one_for_good() -> None:
    expected = Person(ref="child-1", unborn=True, expected_date=date(2027, 5, 1), mother="adult-1")
    born = merge(expected, person("child-9", number(K.NHS, NHS), born="2027-04-28"))
    assert (born.unborn, born.birth_date, born.mother, born.expected_date) == (
        False,
        "2027-04-28",
        "adult-1",
        date(2027, 5, 1),
    )
    assert not merge(born, expected).unborn


def test_a_number_traced_once_stays_traced() -> None:
    traced = number(K.UPN, UPN).model_copy(update={"verified": True})
    merged = merge(person("child-1", traced), person("child-2", number(K.UPN, UPN)))
    assert merged.identifiers == (traced,)


def test_of_two_birth_dates_that_agree_the_one_that_says_more_is_kept() -> None:
    assert merge(person(born="2010-02-03"), person(born="2010")).birth_date == "2010-02-03"
    assert merge(person(born="2010"), person(born="2010-02-03")).birth_date == "2010-02-03"


def test_linkage_offers_the_same_merge() -> None:
    assert merge_as_linkage_names_it is merge
