from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.port import FeedContext
from adapters.schools.json import ADAPTER
from adapters.schools.wonde import RULES
from schemas.identifiers import IdentifierKind
from schemas.notification import Normalised
from schemas.persons import NameUse
from schemas.vocabulary import ItemKind
from tests.fixtures.regenerate import natives

STUDENTS, MARKS = (
    next(path for path in natives("schools.json") if path.name == f"wonde-{name}.json").read_bytes()
    for name in ("students", "attendance")
)
SAM = {"id": "A1", "surname": "Specimen", "forename": "Sam", "date_of_birth": {"date": "2012-09-30 00:00:00.000000"}}


def read(payload: bytes | dict[str, Any] | list[Any]) -> tuple[Normalised, ...]:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return ADAPTER.read(raw, FeedContext(feed="school", agency="marshside-academy")).items


def kind(**more: object) -> ItemKind:
    return read({**SAM, **more})[0].notification.kind


def test_a_pupil_has_names_numbers_home_school_and_contacts() -> None:
    made = read(STUDENTS)[0].notification
    (child,) = made.children
    assert [(name.use, name.given, name.family) for name in child.names] == [
        (NameUse.OFFICIAL, ("Morgan", "Jay"), "Testcase"),
        (NameUse.PREFERRED, ("Mo",), "Testcase"),
    ]
    assert child.birth_date == "2012-05-06"
    assert {each.kind for each in child.identifiers} == {IdentifierKind.UPN, IdentifierKind.LOCAL}
    assert child.addresses[0].lines == ("7", "Nowhere Lane", "Eastgate")
    assert [each.value for each in child.contacts if each.system == "phone"] == ["01632 960001", "07700 900124"]
    assert child.school is not None
    assert {each.value for each in child.school.identifiers} == {"999001", "9994001"}
    mother, father = made.adults
    assert child.parental_responsibility == (mother.ref,)
    assert (mother.in_household, father.in_household) == (True, False)
    assert [order.detail for order in made.orders] == ["No contact without supervision"]
    assert made.event_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_flags_half_of_the_sessions_and_a_nameless_record_are_told_apart() -> None:
    items = read(STUDENTS)
    concern, update, context = ItemKind.CONCERN, ItemKind.UPDATE, ItemKind.CONTEXT
    assert [item.notification.kind for item in items] == [update, concern, concern, context]
    assert items[1].notification.children[0].legal_status == "looked after, child protection plan"


def test_marks_of_the_register_are_items_of_their_own() -> None:
    items = read(MARKS)
    assert [item.notification.kind for item in items] == [ItemKind.UPDATE, ItemKind.CONCERN, ItemKind.CONCERN]
    assert "detention" in items[1].notification.kind_reason
    assert items[1].notification.children[0].names[0].family == "Placeholder"
    assert "a person must read" in items[2].notification.kind_reason


def test_the_mark_of_the_tenth_day_tells_and_no_other() -> None:
    days = [day for day in (date(2026, 9, 7) + timedelta(days=each) for each in range(20)) if day.weekday() < 5]
    marks = [
        {"student": "A1", "attendance_code": "O", "session": half, "date": {"date": f"{day} 00:00:00.000000"}}
        for day in days[:12]
        for half in ("AM", "PM")
    ]
    kinds = [item.notification.kind for item in read({"data": marks})]
    assert [place for place, each in enumerate(kinds) if each is ItemKind.CONCERN] == [18]


@pytest.mark.parametrize("document", [SAM, {"data": SAM}, [SAM], {"data": [SAM], "meta": {}}])
def test_a_pupil_may_stand_alone_in_a_page_or_in_a_list(document: dict[str, Any] | list[Any]) -> None:
    (item,) = read(document)
    assert item.notification.children[0].names[0].family == "Specimen"


def test_includes_may_be_wrapped_or_bare() -> None:
    bare = {**SAM, "education_details": {"upn": "T999123456001"}, "contacts": [{"surname": "Specimen"}]}
    wrapped = {
        **SAM,
        "education_details": {"data": {"upn": "T999123456001"}},
        "contacts": {"data": [{"surname": "Specimen"}]},
    }
    for document in (bare, wrapped):
        made = read(document)[0].notification
        assert made.children[0].identifiers[0].value == "T999123456001"
        assert made.adults[0].names[0].family == "Specimen"


@pytest.mark.parametrize(
    "more, wanted",
    [
        ({}, ItemKind.UPDATE),
        ({"extended_details": {"in_lea_care": False}}, ItemKind.UPDATE),
        ({"extended_details": {"in_lea_care": "previously"}}, ItemKind.CONCERN),
        ({"safeguarding": {"plan": "no", "since": None}}, ItemKind.UPDATE),
        ({"safeguarding": {"note": "see file"}}, ItemKind.CONCERN),
        ({"notes": "Came in with bruises on both arms since Monday"}, ItemKind.CONCERN),
        ({"notes": "Vegetarian"}, ItemKind.UPDATE),
        ({"risk_assessment": "yes"}, ItemKind.CONCERN),
        ({"attendance_summary": {"possible_marks": 10, "unauthorised_absence_marks": 5}}, ItemKind.CONCERN),
        ({"attendance_summary": {"possible_marks": 10, "unauthorised_absence_marks": 4}}, ItemKind.UPDATE),
        ({"attendance_summary": {"possible_marks": "many", "unauthorised_absence_marks": 4}}, ItemKind.UPDATE),
    ],
)
def test_a_record_is_judged_by_what_it_says(more: dict[str, object], wanted: ItemKind) -> None:
    assert kind(**more) is wanted


@pytest.mark.parametrize("zone, at", [("UTC", 12), ("Europe/London", 11), ("", 11)])
def test_a_moment_is_read_in_the_zone_beside_it(zone: str, at: int) -> None:
    changed = {"updated_at": {"date": "2026-07-01 12:00:00.000000", "timezone": zone}}
    assert read({**SAM, **changed})[0].notification.event_at == datetime(2026, 7, 1, at, 0, tzinfo=UTC)


def test_a_zone_that_nobody_uses_here_is_not_guessed() -> None:
    changed = {"updated_at": {"date": "2026-07-01 12:00:00.000000", "timezone": "America/Lima"}}
    item = read({**SAM, **changed})[0]
    assert item.notification.event_at is None
    assert "2026-07-01 12:00:00.000000" in {each.value for each in item.unmapped}


def test_every_row_of_the_rules_has_a_reason() -> None:
    assert all(rule.because for rule in RULES)


@pytest.mark.parametrize(
    "authority, establishment", [("50%", "4001"), ("999", "LLLL"), ("999", "\u0663\u0663\u0663\u0663"), ("99", "40")]
)
def test_numbers_that_make_no_school_are_listed_as_they_stand(authority: str, establishment: str) -> None:
    item = read({**SAM, "school": {"name": "X", "la_code": authority, "establishment_number": establishment}})[0]
    assert item.notification.children[0].school is not None
    assert item.notification.children[0].school.identifiers == ()
    assert {authority, establishment} <= {each.value for each in item.unmapped}
