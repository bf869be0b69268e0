from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.persons import Name, NameUse, Person


@pytest.mark.parametrize("text", ["2010", "2010-05", "2010-05-06"])
def test_a_partial_date_goes_to_the_year_the_month_or_the_day(text: str) -> None:
    assert Person(ref="child-1", birth_date=text).birth_date == text


@pytest.mark.parametrize("text", ["", "10", "2010-5", "2010-05-06T00:00", "06/05/2010", "2010-05-06\n", "unknown"])
def test_nothing_else_is_a_partial_date(text: str) -> None:
    with pytest.raises(ValidationError):
        Person(ref="child-1", birth_date=text)


def test_a_person_of_whom_nothing_is_known_says_nothing() -> None:
    made = Person(ref="child-1")
    assert made.model_dump(exclude_defaults=True) == {"ref": "child-1"}
    assert made.sex is None
    assert made.in_household is None


def test_a_name_is_official_unless_it_says_otherwise() -> None:
    assert Name(family="Testcase").use is NameUse.OFFICIAL


@given(st.builds(Person, ref=st.text(max_size=10)))
def test_a_person_survives_json(person: Person) -> None:
    assert Person.model_validate_json(person.model_dump_json()) == person
