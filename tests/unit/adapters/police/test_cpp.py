"""What a notification says that came from the Common Platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.police.cpp import ADAPTER
from adapters.police.cpp_parties import MAX_PARTIES
from adapters.port import Fate, FeedContext, Receipt
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import Normalised, Notification
from schemas.persons import NameUse
from schemas.vocabulary import Concern, ItemKind
from tests.conformance.checks import refusal
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FIXTURES = natives("police.cpp")
FEED = FeedContext(feed="courts", agency="police")
AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
DAY = "2026-02-20"


def native(name: str) -> Normalised:
    return ADAPTER.read((HERE / "police.cpp" / f"{name}.json").read_bytes(), FEED).items[0]


def read(content: object) -> Notification:
    return ADAPTER.read(json.dumps(content).encode(), FEED).items[0].notification


def offence(code: str = "TH68010", wording: str = "", **more: object) -> dict[str, object]:
    return {"offenceCode": code, "offenceWording": wording, "offenceCommittedDate": DAY, **more}


def case(*defendants: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"caseDetails": {"caseId": "1"}, "defendants": list(defendants), **more}


def defendant(born: str = "1980-01-01", *offences: dict[str, object], **more: object) -> dict[str, object]:
    details = {"firstName": "Tobin", "lastName": "Example", "dateOfBirth": born}
    return {"individual": {"personalInformation": details, **more}, "offences": list(offences or (offence(),))}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_message_reads_as_its_golden_file_says(path: Path) -> None:
    assert rendered("police.cpp", path) == golden(path).read_text(encoding="utf-8")


def test_a_charged_youth_is_a_child_and_the_parent_an_adult_beside() -> None:
    said = native("charge-youth").notification
    assert said.kind is ItemKind.CONCERN
    (child,), (parent,) = said.children, said.adults
    assert [name.use for name in child.names] == [NameUse.OFFICIAL, NameUse.ALIAS]
    assert child.alleged_perpetrator
    assert parent.relation == "parent or guardian"
    assert not parent.alleged_perpetrator
    assert {(each.kind, each.issuer) for each in child.identifiers} == {
        (IdentifierKind.ASN, ""),
        (IdentifierKind.PNC, ""),
        (IdentifierKind.LOCAL, "nationalInsuranceNumber"),
        (IdentifierKind.LOCAL, "prosecutorDefendantId"),
    }
    assert said.quality == ()


def test_a_victim_is_a_child_and_a_home_that_is_guardian_is_a_note() -> None:
    said = native("case-file-household").notification
    assert [child.notes[0] for child in said.children] == ["victim", "defendant"]
    assert "parent or guardian: Example Children's Home" in said.children[1].notes
    assert said.concern is not None
    assert said.concern.categories == (Concern.NEGLECT, Concern.DRUGS)
    assert said.incident is not None
    assert said.incident.officer == "Constable Rae Example"
    assert [person.alleged_perpetrator for person in said.children] == [None, None]


def test_reporting_restrictions_and_redacted_names_restrict_and_name_nobody() -> None:
    said = native("hearing-sns-restricted").notification
    assert said.native_id == "5f0f3c1e-0000-4000-8000-000000000006"
    assert said.handling.restricted
    assert said.handling.caveat.startswith("Section 49")
    assert said.children[0].names == ()
    assert said.adults[0].names[0].family == "Quill"


@pytest.mark.parametrize(
    "born,children",
    [
        ("2008-02-20", 0),  # eighteen on the day
        ("2008-02-21", 1),  # the day before
        ("2008", 1),  # may be either, and doubt means child
        ("2007", 0),
        ("1980-01-01", 0),
        ("2050-01-01", 0),  # not yet born: no age
        ("not known", 0),
    ],
)
def test_age_is_counted_to_the_day_of_the_offence(born: str, children: int) -> None:
    said = read(case(defendant(born)))
    assert len(said.children) == children
    assert len(said.adults) == 1 - children


def test_of_several_offences_the_last_day_counts() -> None:
    two = defendant("2008-02-21", offence(), offence(offenceCommittedEndDate="2026-02-21"))
    assert read(case(two)).children == ()


def test_offences_of_others_do_not_age_a_defendant() -> None:
    young = defendant("2008-02-21")
    other = defendant("1980-01-01", offence(offenceCommittedEndDate="2026-03-01"))
    assert len(read(case(young, other)).children) == 1


@pytest.mark.parametrize(
    "more,children",
    [
        ({"isYouth": True}, 1),
        ({"isYouth": False}, 0),
        ({"ageIfUnder18": 14}, 1),
        ({"defendantAge": "20"}, 0),
        ({"defendantAge": "17"}, 1),
        ({"parentGuardian": {"individual": {"nameDetails": {"surname": "Example"}}}}, 1),
        ({"perceivedBirthYear": "1970", "parentGuardian": {"organisationName": "Example Home"}}, 0),
        ({}, 0),
    ],
)
def test_without_a_birth_date_marks_and_guardians_speak(more: dict[str, object], children: int) -> None:
    one = {"individual": {"nameDetails": {"forename": "Tobin", "surname": "Example"}, **more}, "offences": [offence()]}
    one["individual"] |= {key: more[key] for key in more}  # type: ignore[operator]
    assert len(read(case(one)).children) == children


def test_an_age_that_nothing_tells_is_flagged() -> None:
    one = {"individual": {"nameDetails": {"surname": "Example"}}, "offences": [offence()]}
    assert ("age.unknown", "adults[0]") in {(each.code, each.field) for each in read(case(one)).quality}


@pytest.mark.parametrize(
    "offences,kind,categories",
    [
        ([offence("SX03001")], ItemKind.CONCERN, (Concern.SEXUAL,)),
        ([offence("CY33004")], ItemKind.CONCERN, (Concern.NEGLECT,)),
        ([offence("MD71530")], ItemKind.CONCERN, (Concern.DRUGS,)),
        ([offence("ZZ99001", "Held another person in servitude.")], ItemKind.CONCERN, (Concern.TRAFFICKING,)),
        ([offence("TH68010", "Stole from a child.")], ItemKind.CONCERN, (Concern.OTHER,)),
        ([offence("TH68010", "Stole sweets.")], ItemKind.CONTEXT, None),
        ([offence("CA03013"), offence("RT88191")], ItemKind.CONTEXT, None),
        ([offence("CA03013"), offence("ZZ99001")], ItemKind.CONCERN, ()),
        ([offence("CA03013"), offence("OF61016", "Wounded a girl.")], ItemKind.CONCERN, (Concern.PHYSICAL,)),
    ],
)
def test_the_kind_follows_the_offences(
    offences: list[dict[str, object]], kind: ItemKind, categories: tuple[Concern, ...] | None
) -> None:
    said = read(case(defendant("1980-01-01", *offences)))
    assert said.kind is kind
    assert (said.concern.categories if said.concern else None) == categories


@pytest.mark.parametrize(
    "content,kind",
    [
        (case({"organisationName": "Example Ltd", "offences": [offence("ZZ99001")]}), ItemKind.CONTEXT),
        (case({"organisationName": "Example Ltd", "offences": [offence("MS15001")]}), ItemKind.CONCERN),
        (case(defendant(), caseDetails={"caseMarkers": [{"markerTypeCode": "DV"}]}), ItemKind.CONCERN),
        ({"errors": [{"code": "EXAMPLE"}]}, ItemKind.CONTEXT),
        (
            {
                "prosecutionCaseSubject": {"urn": "1"},
                "hasDefendantHasBeenAVictimOfSlaveryOrExploitation": "Y",
                "defendantOffencesSubjects": [{"offences": [offence("CA03013")]}],
            },
            ItemKind.CONCERN,
        ),
        ({"courtApplication": {"respondents": [{"personDetails": {"lastName": "Example"}}]}}, ItemKind.CONCERN),
    ],
)
def test_the_kind_follows_the_message(content: object, kind: ItemKind) -> None:
    assert read(content).kind is kind


def test_more_aliases_than_anybody_has_are_listed_and_not_carried() -> None:
    aliases = [{"surname": f"Alias{number}"} for number in range(60)]
    content = case(defendant("1980-01-01", aliases=aliases))
    item = ADAPTER.read(json.dumps(content).encode(), FEED).items[0]
    assert len(item.notification.adults[0].names) == 51
    assert "Alias59" in {left.value for left in item.unmapped}
    assert ("name.too_many", "adults[0].names") in {(each.code, each.field) for each in item.notification.quality}


def test_an_everyday_offence_with_more_words_than_are_looked_at_is_doubtful() -> None:
    said = read(case(defendant("1980-01-01", offence("CA03013", "x " * 100_001))))
    assert said.kind is ItemKind.CONCERN


def test_a_relationship_is_told_in_the_senders_words() -> None:
    guardian = {"forename": "Maren", "surname": "Example", "relationshipToDefendant": "Step-mother"}
    said = read(case(defendant("2012-01-01", parentGuardianForYouthDefendants=guardian)))
    assert said.adults[0].relation == "step-mother"


def test_a_parent_of_another_than_the_first_child_says_whose() -> None:
    guardian = {"individual": {"nameDetails": {"surname": "Sample"}}}
    said = read(case(defendant("2012-01-01"), defendant("2013-01-01", parentGuardian=guardian)))
    assert said.adults[0].relation == ""
    assert said.adults[0].notes == ("parent or guardian of child-2",)


def test_a_court_lists_case_is_one_defendant() -> None:
    said = read(
        {
            "caseNo": "2600000001",
            "defendantName": "Mr Tobin EXAMPLE",
            "defendantType": "P",
            "defendantDob": "21/02/2008",
            "offences": [
                {"title": "Common assault", "summary": "On 20/02/2026 assaulted a person.", "code": "CJ88001"}
            ],
            "sessionStartTime": "2026-02-20T09:00:00",
            "courtCode": "B99ZZ",
        }
    )
    assert said.format == "police.cpp/case"
    assert said.children[0].names[0].family == "Mr Tobin EXAMPLE"
    assert said.children[0].alleged_perpetrator
    assert said.incident is not None
    assert said.incident.reference == "2600000001"


def test_the_same_submission_in_another_state_is_another_message() -> None:
    sent = {"submissionId": "5f0f3c1e", **case(defendant())}
    assert read(sent).native_id == "5f0f3c1e"
    assert read({**sent, "submissionStatus": "PENDING"}).native_id == "5f0f3c1e/PENDING"
    assert read(case(defendant())).native_id.startswith("sha256:")


def test_keys_that_look_like_pointers_are_nobody() -> None:
    trick = {"individual": {"nameDetails": {"surname": "Example"}}, "a/b": {"victims": [{"lastName": "Sample"}]}}
    said = read(case({**trick, "offences": [offence()]}))
    assert [person.names[0].family for person in said.people] == ["Example", "Sample"]


@pytest.mark.parametrize(
    "payload,code,at",
    [
        (b"", "police.cpp.json", ""),
        (b"[]", "police.cpp.object", ""),
        (b"{}", "police.cpp.shape", ""),
        (b'{"policeForces": []}', "police.cpp.shape", ""),
        (b'{"defendantName": ""}', "police.cpp.shape", ""),
        (b'{"hearing": "soon"}', "police.cpp.shape", ""),
        (b'{"Type": "Notification", "Message": "{}"}', "police.cpp.shape", "/Message"),
        (b'{"Type": "Notification", "Message": "x"}', "police.cpp.json", "/Message"),
    ],
)
def test_what_is_no_message_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert (refused.value.code, refused.value.at) == (code, at)
    assert refused.value.detail


def test_a_crowd_is_too_large() -> None:
    crowd = case(*({"organisationName": "Example"} for _ in range(MAX_PARTIES)))
    assert ADAPTER.read(json.dumps(crowd).encode(), FEED).items
    crowd["defendants"] = [*crowd["defendants"], {}]  # type: ignore[misc]
    with pytest.raises(TooLarge) as refused:
        ADAPTER.read(json.dumps(crowd).encode(), FEED)
    assert refused.value.code == "police.cpp.parties"


_KEYS = st.sampled_from(
    ["defendants", "individual", "offences", "dateOfBirth", "lastName", "parentGuardian", "hearing", "address", "a/b"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(DAY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150)
@given(st.dictionaries(_KEYS, _JSON, max_size=5))
def test_any_shape_is_read_or_refused(content: dict[str, object]) -> None:
    payload = json.dumps(content).encode()
    error = refusal(ADAPTER, payload)
    assert error is None or error.code.startswith("police.cpp.")
    assert ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=AT), FEED).body


@settings(max_examples=50)
@given(st.data())
def test_no_mutation_raises_anything_but_our_errors(data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from(FIXTURES)).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    error = refusal(ADAPTER, bytes(payload))
    assert error is None or error.code.startswith("police.cpp.")
