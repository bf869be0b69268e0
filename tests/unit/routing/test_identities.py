from __future__ import annotations

import pytest

from routing.identities import cut
from schemas.notification import Handling
from schemas.persons import Address, Contact, Organisation, Person
from schemas.vocabulary import Role
from tests.unit.routing.builders import person

SECRET, KNOWN = Address(postcode="ZZ99 3VZ", confidential=True), Address(postcode="ZZ99 3WZ")
SOMEBODY: Person = person().model_copy(
    update={
        "addresses": (SECRET, KNOWN),
        "contacts": (Contact(system="phone", value="01632 960000"),),
        "school": Organisation(name="Sample School"),
        "gp": Organisation(name="Sample Surgery"),
        "notes": ("school: earlier Other School",),
    }
)
OTHERS = [role for role in Role if role is not Role.SOCIAL_WORK_MANAGER]


@pytest.mark.parametrize("role", OTHERS)
def test_a_confidential_address_is_for_the_manager_alone(role: Role) -> None:
    shown = cut(SOMEBODY, Handling(), role)
    assert shown.person.addresses == (KNOWN,)
    assert shown.kept_back


@pytest.mark.parametrize("role", OTHERS)
def test_a_hidden_family_leaves_no_trace_of_a_place(role: Role) -> None:
    shown = cut(SOMEBODY, Handling(hidden_location=True), role)
    text = shown.person.model_dump_json()
    assert not any(trace in text for trace in ("ZZ99", "01632", "School", "Surgery"))
    assert shown.person.names == SOMEBODY.names
    assert shown.kept_back


def test_the_manager_sees_the_whole_person() -> None:
    shown = cut(SOMEBODY, Handling(hidden_location=True), Role.SOCIAL_WORK_MANAGER)
    assert shown.person == SOMEBODY
    assert not shown.kept_back


def test_where_nothing_is_kept_back_nothing_says_so() -> None:
    assert not cut(person(), Handling(hidden_location=True), Role.COORDINATOR).kept_back
