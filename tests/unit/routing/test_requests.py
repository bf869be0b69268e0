from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.notified import Sight, cut
from routing.requests import KNOWN_FIRST, AskedAbout, Justification, compose, known_to
from schemas.errors import Refused, Rejected
from schemas.hub import AgencySection
from schemas.identifiers import IdentifierKind as K
from schemas.persons import Address, Person
from schemas.request import InformationRequest
from schemas.vocabulary import DataCategory, HandlingMark, LegalGround, Sector
from tests.unit.routing.builders import (
    COUNCIL,
    HEALTH,
    HUB,
    NHS,
    NOW,
    OTHER_NHS,
    PNC,
    POLICE,
    PROBATION,
    SCHOOLS,
    UPN,
    WHY,
    agency,
    lead,
    number,
    person,
)

EVERY_NUMBER = person(
    "child-1",
    number(K.LOCAL, "A1", issuer="council"),
    number(K.LOCAL, "B2", issuer="health"),
    number(K.NHS, NHS),
    number(K.UPN, UPN),
    number(K.PNC, PNC),
    number(K.CRO, "12345/98G"),
    number(K.CRN, "X123456"),
    number(K.NOMS, "A1234BC"),
)


def composed(
    *asked: AskedAbout,
    of: AgencySection = HEALTH,
    why: Justification = WHY,
    categories: tuple[DataCategory, ...] = (DataCategory.HEALTH_HISTORY,),
    questions: tuple[str, ...] = (),
) -> InformationRequest:
    return compose(
        hub=HUB,
        agency=of,
        jti="req-1",
        issued=NOW,
        reference="pseudonym",
        why=why,
        persons=asked,
        categories=categories,
        questions=questions,
        due_at=NOW,
    )


@pytest.mark.parametrize(
    "why, field",
    [
        (replace(WHY, purpose="  "), "purpose"),
        (replace(WHY, legal_ground=None), "legal_ground"),
        (replace(WHY, necessity=""), "necessity"),
    ],
    ids=["purpose", "ground", "necessity"],
)
def test_without_purpose_ground_and_necessity_there_is_no_request(why: Justification, field: str) -> None:
    with pytest.raises(Refused) as caught:
        composed(AskedAbout(person=person(), ref="p1"), why=why)
    assert (caught.value.code, caught.value.at) == ("request.no_ground", field)
    assert "core component 2" in caught.value.detail


def test_a_request_asks_about_somebody_for_something() -> None:
    with pytest.raises(Rejected, match=r"request\.no_person"):
        composed()
    with pytest.raises(Rejected, match=r"request\.no_category"):
        composed(AskedAbout(person=person(), ref="p1"), categories=())
    with pytest.raises(Rejected, match=r"request\.same_ref"):
        composed(AskedAbout(person=person(), ref="p1"), AskedAbout(person=person(), ref="p1"))


def test_a_request_says_who_asks_whom_why_and_by_when() -> None:
    made = composed(AskedAbout(person=person(), ref="p1"), questions=("Seen this year?", " "))
    assert (made.iss, made.aud, made.jti, made.iat) == (HUB, "health", "req-1", int(NOW.timestamp()))
    assert (made.purpose, made.legal_ground) == (WHY.purpose, LegalGround.CHILDREN_ACT_1989_S47)
    assert (made.reference, made.due_at, made.questions) == ("pseudonym", NOW, ("Seen this year?",))


@pytest.mark.parametrize(
    "of, kinds",
    [
        (POLICE, [K.PNC, K.CRO]),
        (HEALTH, [K.NHS]),
        (SCHOOLS, [K.UPN]),
        (PROBATION, [K.CRN, K.NOMS]),
        (COUNCIL, [K.LOCAL, K.UPN, K.NHS]),
        (agency("charity", Sector.VOLUNTARY), []),
    ],
)
def test_each_agency_is_given_the_numbers_that_it_would_know_first(of: AgencySection, kinds: list[K]) -> None:
    made = composed(AskedAbout(person=EVERY_NUMBER, ref="p1"), of=of)
    assert [held.kind for held in made.persons[0].identifiers] == kinds


@given(st.sampled_from(list(Sector)), st.lists(st.tuples(st.sampled_from(list(K)), st.text(max_size=14)), max_size=8))
def test_no_agency_is_ever_given_a_number_outside_its_own_field(sector: Sector, held: list[tuple[K, str]]) -> None:
    somebody = person("child-1", *(number(kind, text, issuer="elsewhere") for kind, text in held))
    given_kinds = {one.kind for one in known_to(agency("some", sector), somebody)}
    assert given_kinds <= set(KNOWN_FIRST[sector]) - {K.LOCAL}


def test_a_local_number_goes_to_its_own_issuer_alone() -> None:
    assert [held.value for held in known_to(COUNCIL, EVERY_NUMBER)] == ["A1", UPN, NHS]


def test_numbers_whose_check_holds_come_first_and_malformed_ones_stay_behind() -> None:
    somebody = person("child-1", number(K.NHS, "9990000019"), number(K.NHS, OTHER_NHS), number(K.NHS, "12"))
    assert [held.value for held in known_to(HEALTH, somebody)] == [OTHER_NHS, "9990000019"]


def test_an_unborn_child_is_asked_about_by_the_mothers_numbers() -> None:
    mother = person("adult-1", number(K.NHS, NHS), born="1990-01-01")
    unborn = Person(ref="child-1", unborn=True, expected_date=date(2027, 5, 1), mother="adult-1")
    (asked,) = composed(AskedAbout(person=unborn, ref="p1", mother=mother)).persons
    assert (asked.unborn, asked.expected_date, asked.birth_date) == (True, date(2027, 5, 1), None)
    assert [held.value for held in asked.identifiers] == [NHS]


def test_a_person_is_known_to_the_agency_by_a_pseudonym_alone() -> None:
    (asked,) = composed(AskedAbout(person=person("child-1"), ref="p1")).persons
    assert asked.ref == "p1"
    assert "child-1" not in asked.model_dump_json()


@pytest.mark.parametrize(
    "addresses, hidden, postcode",
    [
        ((Address(postcode="ZZ99 3VZ", confidential=True), Address(postcode="ZZ99 3WZ", use="old")), False, "ZZ99 3WZ"),
        ((Address(postcode="ZZ99 3VZ", use="old"), Address(postcode="ZZ99 3WZ")), False, "ZZ99 3WZ"),
        ((Address(postcode="ZZ99 3VZ", confidential=True),), False, ""),
        ((Address(postcode="ZZ99 3VZ"),), True, ""),
        ((), False, ""),
    ],
)
def test_a_hidden_or_confidential_place_never_leaves_in_a_request(
    addresses: tuple[Address, ...], hidden: bool, postcode: str
) -> None:
    somebody = person().model_copy(update={"addresses": addresses})
    marks = frozenset({HandlingMark.HIDDEN_LOCATION} if hidden else ())
    seen = cut(somebody, Sight(reader=lead(HEALTH), marks=marks)).person
    (asked,) = composed(AskedAbout(person=seen, ref="p1")).persons
    assert asked.postcode == postcode
