from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.port import Fate, FeedContext, Receipt
from adapters.schools import ctf
from adapters.schools.ctf import ADAPTER
from schemas.errors import MashError, Rejected, TooLarge
from schemas.identifiers import IdentifierKind, Validity
from schemas.notification import Normalised
from schemas.persons import NameUse, Sex
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("schools.ctf")
LEAVERS = next(path for path in FIXTURES if path.name == "leavers.xml").read_bytes()
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
FEED = FeedContext(feed="school", agency="marshside-academy")


def file(*pupils: str) -> bytes:
    inner = "".join(f"<Pupil>{each}</Pupil>" for each in pupils)
    return f"<CTfile><Header/><CTFpupilData>{inner}</CTFpupilData></CTfile>".encode()


def read(payload: bytes) -> tuple[Normalised, ...]:
    return ADAPTER.read(payload, FEED).items


def refusal(payload: bytes) -> MashError | None:
    try:
        ADAPTER.read(payload, FEED)
    except MashError as error:
        return error
    return None


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_a_file_has_an_item_for_each_pupil_and_ids_that_name_nobody() -> None:
    reading = ADAPTER.read(LEAVERS, FEED)
    kinds = [item.notification.kind for item in reading.items]
    assert kinds == [ItemKind.UPDATE, ItemKind.CONCERN, ItemKind.CONTEXT]
    assert reading.native_id.startswith("sha256:")
    assert [item.notification.native_id for item in reading.items] == [
        f"{reading.native_id}#pupil-{number}" for number in (1, 2, 3)
    ]


def test_a_pupil_has_names_numbers_address_school_and_contacts() -> None:
    made = read(LEAVERS)[0].notification
    (child,) = made.children
    (mother,) = made.adults
    assert [(name.use, name.given, name.family) for name in child.names] == [
        (NameUse.OFFICIAL, ("Morgan", "Jay Kim"), "Testcase"),
        (NameUse.PREFERRED, ("Mo",), "Testcase-Ray"),
    ]
    assert child.sex is Sex.FEMALE
    assert [each.validity for each in child.identifiers] == [Validity.VALID, Validity.VALID]
    assert child.addresses[0].lines == ("7", "Nowhere Lane", "Eastgate")
    assert (child.addresses[0].postcode, child.addresses[0].uprn) == ("ZZ99 3VZ", "100000000007")
    assert child.school is not None
    assert {each.kind: each.value for each in child.school.identifiers} == {
        IdentifierKind.URN: "999001",
        IdentifierKind.LAESTAB: "9994001",
    }
    assert child.parental_responsibility == (mother.ref,)
    assert [each.value for each in mother.contacts] == ["07700 900124", "robin@testcase.example"]
    assert made.event_at == datetime(2026, 9, 4, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("number", ["LLLL", "10", "\u0663\u0663\u0663\u0663", "400100"])
def test_a_number_that_is_no_schools_is_listed_and_not_taken_for_one(number: str) -> None:
    item = read(LEAVERS.replace(b"<Estab>4001</Estab>", f"<Estab>{number}</Estab>".encode()))[0]
    school = item.notification.children[0].school
    assert school is not None
    assert {each.kind for each in school.identifiers} == {IdentifierKind.URN}
    assert number in {each.value for each in item.unmapped}


def test_a_flagged_pupil_is_a_concern_with_the_flags_words() -> None:
    made = read(LEAVERS)[1].notification
    assert made.children[0].legal_status == "looked after, child protection plan"
    assert made.concern is not None
    assert made.concern.source_categories == ("InCare", "ChildProtectionPlan")
    assert made.concern.factors == ("looked after", "child protection plan: Neglect, 2026-02-01")
    assert Concern.NEGLECT in made.concern.categories


def test_an_impossible_birth_date_is_kept_and_flagged() -> None:
    item = read(LEAVERS)[1]
    assert item.notification.children[0].birth_date is None
    assert "31/02/2013" in {each.value for each in item.unmapped}
    assert ("date.unread", "children[0].birth_date") in {(f.code, f.field) for f in item.notification.quality}


@pytest.mark.parametrize(
    "surname, forename, born, sex",
    [
        ("Surname", "Forename", "DOB", "Gender"),
        ("LegalSurname", "LegalForename", "DateOfBirth", "Sex"),
        ("legalsurname", "LEGALFORENAME", "dob", "sex"),
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "<BasicDetails>{}</BasicDetails>"])
def test_the_names_of_every_version_are_known(surname: str, forename: str, born: str, sex: str, wrap: str) -> None:
    rows = ((surname, "Testcase"), (forename, "Morgan"), (born, "2012-05-06"), (sex, "F"))
    (item,) = read(file(wrap.format("".join(f"<{name}>{value}</{name}>" for name, value in rows))))
    (child,) = item.notification.children
    assert (child.names[0].family, child.names[0].given) == ("Testcase", ("Morgan",))
    assert (child.birth_date, child.sex) == ("2012-05-06", Sex.FEMALE)
    assert item.notification.kind is ItemKind.UPDATE


def test_a_namespace_makes_no_difference() -> None:
    payload = file("<UPN>T999123456001</UPN>").replace(b"<CTfile>", b'<CTfile xmlns="urn:ctf">')
    assert read(payload)[0].notification.children[0].identifiers[0].value == "T999123456001"


def test_the_rest_of_the_header_is_listed_once_with_the_first_pupil() -> None:
    listed = [{each.value for each in item.unmapped} for item in read(LEAVERS)]
    assert "Made-up MIS" in listed[0]
    assert all("Made-up MIS" not in each for each in listed[1:])


def test_provenance_points_to_what_stands_in_the_file() -> None:
    root = etree.fromstring(LEAVERS)
    for item in read(LEAVERS):
        for mapped in item.provenance:
            assert root.xpath(mapped.pointer), mapped.pointer


@pytest.mark.parametrize(
    "payload, code",
    [
        (b"<Other/>", "schools.ctf.root"),
        (b"<CTfile><Header/></CTfile>", "schools.ctf.empty"),
        (b"<CTfile><CTFpupilData/></CTfile>", "schools.ctf.empty"),
        (LEAVERS[:400], "schools.ctf.malformed"),
        (b"<!DOCTYPE CTfile><CTfile/>", "schools.ctf.doctype"),
    ],
)
def test_each_refusal_names_its_reason(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        ADAPTER.read(payload, FEED)
    assert caught.value.code == code
    assert caught.value.at


def test_a_file_with_too_many_pupils_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctf, "MOST_PUPILS", 2)
    with pytest.raises(TooLarge) as caught:
        ADAPTER.read(LEAVERS, FEED)
    assert caught.value.code == "schools.ctf.pupils"


@given(st.data())
def test_no_mutation_of_a_file_raises_anything_but_our_errors(data: st.DataObject) -> None:
    payload = bytearray(LEAVERS)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("schools.ctf.")
    assert ADAPTER.answer(bytes(payload), Receipt(fate=Fate.QUARANTINED, at=AT), FEED).body


def test_reading_twice_gives_equal_results() -> None:
    assert ADAPTER.read(LEAVERS, FEED) == ADAPTER.read(LEAVERS, FEED)
