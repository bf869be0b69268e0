from __future__ import annotations

import pytest

from adapters.port import FeedContext
from adapters.schools.ctf import ADAPTER
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import natives

FEED = FeedContext(feed="school", agency="marshside-academy")
BODY = "<UPN>T999123456001</UPN><Surname>Testcase</Surname>"


def read(body: str = "", header: str = "", version: str = "<CTFversion>25.0</CTFversion>") -> Normalised:
    payload = (
        f"<CTfile><Header>{version}{header}</Header><CTFpupilData><Pupil>{BODY}{body}</Pupil></CTFpupilData></CTfile>"
    )
    return ADAPTER.read(payload.encode(), FEED).items[0]


def fixture(name: str) -> tuple[Normalised, ...]:
    path = next(path for path in natives("schools.ctf") if path.name == f"{name}.xml")
    return ADAPTER.read(path.read_bytes(), FEED).items


@pytest.mark.parametrize(
    "header, kind",
    [
        ("<DestSchool><LEA>XXX</LEA><Estab>XXXX</Estab></DestSchool>", ItemKind.CONCERN),
        ("<DestSchool>XXXXXXX</DestSchool>", ItemKind.CONCERN),
        ("<DestSchool><LEA>MMM</LEA><Estab>MMMM</Estab></DestSchool>", ItemKind.UPDATE),
        ("<DestSchool><LEA>999</LEA><Estab>LLLL</Estab></DestSchool>", ItemKind.UPDATE),
        ("<DocumentName>Children Missing Education</DocumentName>", ItemKind.CONCERN),
        ("<DataDescriptor>CME transfer</DataDescriptor>", ItemKind.CONCERN),
        ("<DocumentName>Common Transfer File</DocumentName>", ItemKind.UPDATE),
    ],
)
def test_the_header_tells_whether_anybody_knows_where_the_child_is(header: str, kind: ItemKind) -> None:
    assert read(header=header).notification.kind is kind


@pytest.mark.parametrize(
    "body, kind",
    [
        ("<LeavingReason>Whereabouts unknown</LeavingReason>", ItemKind.CONCERN),
        ("<SchoolHistory><School><LeavingReason>NORM</LeavingReason></School></SchoolHistory>", ItemKind.UPDATE),
        (
            "<SchoolHistory><School><GroundsForRemoval>Family not traced</GroundsForRemoval></School></SchoolHistory>",
            ItemKind.CONCERN,
        ),
        (f"<Attendance><AttendanceMarks>{'O' * 20}</AttendanceMarks></Attendance>", ItemKind.CONCERN),
        (f"<Attendance><AttendanceMarks>{'O' * 19}</AttendanceMarks></Attendance>", ItemKind.UPDATE),
        ("<Attendance><AttendanceMarks>//Y5Y5</AttendanceMarks></Attendance>", ItemKind.CONCERN),
        (
            "<Attendance><SessionsPossible>10</SessionsPossible><SessionsUnauthorised>5</SessionsUnauthorised></Attendance>",
            ItemKind.CONCERN,
        ),
        (
            "<Attendance><SessionsPossible>10</SessionsPossible><SessionsUnauthorised>4</SessionsUnauthorised></Attendance>",
            ItemKind.UPDATE,
        ),
        ("<Attendance><SessionsPossible>0</SessionsPossible></Attendance>", ItemKind.UPDATE),
    ],
)
def test_the_pupils_own_record_tells_of_leaving_and_attendance(body: str, kind: ItemKind) -> None:
    assert read(body).notification.kind is kind


def test_a_concern_says_what_it_rests_on() -> None:
    lost = fixture("ctf17-destination-unknown")[0].notification
    assert lost.concern is not None
    assert lost.concern.categories == (Concern.SCHOOL_ATTENDANCE,)
    assert lost.concern.factors == ("destination: XXX", "destination: XXXX")
    severe = fixture("ctf25-full")[1].notification
    assert severe.concern is not None
    assert "sessions missed: 95" in severe.concern.factors
    assert fixture("missing-education")[0].notification.kind is ItemKind.CONCERN


def test_a_safeguarding_flag_goes_first_and_keeps_its_words() -> None:
    made = read("<CPP>Neglect</CPP>", header="<DestSchool><LEA>XXX</LEA><Estab>XXXX</Estab></DestSchool>").notification
    assert made.kind_reason == "the pupil's record bears a safeguarding flag"
    assert made.concern is not None
    assert made.concern.categories == (Concern.NEGLECT, Concern.SCHOOL_ATTENDANCE)


@pytest.mark.parametrize(
    "version, told, known",
    [
        *((f"<CTFversion>{number}.0</CTFversion>", f"schools.ctf/{number}.0", True) for number in range(17, 26)),
        ("<Version>24</Version>", "schools.ctf/24", True),
        ("<CTFversion>99.0</CTFversion>", "schools.ctf/99.0", False),
        ("<CTFversion>latest</CTFversion>", "schools.ctf", False),
        ("", "schools.ctf", False),
    ],
)
def test_the_version_is_told_and_one_that_nobody_knows_is_flagged(version: str, told: str, known: bool) -> None:
    made = read(version=version).notification
    assert made.format == told
    assert ("format.version_unknown" in {flag.code for flag in made.quality}) is not known


@pytest.mark.parametrize(
    "marker",
    [
        "<Address><Street>Nowhere Lane</Street><Confidential>true</Confidential></Address>",
        "<Address><Street>Nowhere Lane</Street></Address><DoNotDisclose>ask the head</DoNotDisclose>",
    ],
)
def test_an_address_that_must_not_be_told_reaches_the_handling(marker: str) -> None:
    made = read(marker).notification
    assert made.handling.hidden_location
    assert made.children[0].addresses[0].confidential
    clear = read(marker.replace(">true<", ">false<").replace("ask the head", "No")).notification
    assert not clear.handling.hidden_location
    assert not clear.children[0].addresses[0].confidential


def test_a_full_record_of_a_late_version_is_read_under_its_own_names() -> None:
    made = fixture("ctf25-full")[0].notification
    (child,) = made.children
    assert [each.value for each in child.identifiers][:3] == ["T999123456001", "G999123456002", "W999123456003"]
    assert [(name.given, name.family) for name in child.names] == [(("Morgan",), "Testcase"), ((), "Placeholder")]
    assert child.parental_responsibility == ("adult-1",)
    assert (made.adults[0].in_household, made.adults[1].in_household) == (True, None)
    assert [order.detail for order in made.orders] == ["May not collect the child"]
    assert made.kind is ItemKind.UPDATE


def test_an_address_in_one_text_is_one_line() -> None:
    assert fixture("missing-education")[0].notification.children[0].addresses[0].lines == ("9 Nowhere Lane, Eastgate",)


def test_a_council_that_sends_the_file_is_nobodys_school() -> None:
    made = fixture("missing-education")[0].notification
    assert made.children[0].school is None
    assert made.referrer is not None
    assert made.referrer.agency == "Example Council"


def test_elements_that_nobody_knows_are_listed_with_their_pointers() -> None:
    left = {each.pointer: each.value for each in fixture("ctf25-full")[1].unmapped}
    assert left["/CTfile/CTFpupilData/Pupil[2]/SupplierExtra/Locker"] == "12"
