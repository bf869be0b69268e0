"""CP-IS in HL7 v3 to canonical notifications, whatever it is wrapped in; and what its senders are answered."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.nhs.cpis import ADAPTER
from adapters.port import STATUS, Fate, FeedContext, Problem, Receipt
from schemas.errors import Rejected, TooLarge
from schemas.notification import Notification
from schemas.vocabulary import Concern, ItemKind
from tests.conformance.checks import refusal
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FEED = FeedContext(feed="cpis", agency="health")
AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
V3 = "{urn:hl7-org:v3}"
ITK = "{urn:nhs-itk:ns:201005}"
CHILD = (
    '<subject><COCT_TP145101GB01.Child><id root="2.16.840.1.113883.2.1.4.1" extension="9994100009"/>'
    '<childPerson><birthTime value="20140311"/><name><given>Rowan</given><family>Alder</family></name></childPerson>'
    "</COCT_TP145101GB01.Child></subject>"
)
TAKEN = (Fate.ACCEPTED, Fate.DUPLICATE)


def native(name: str) -> bytes:
    return (HERE / "nhs.cpis" / f"{name}.xml").read_bytes()


def plan(kind: str, **dates: str) -> str:
    """A plan such as ``CPP`` with its dates: start, end, delete."""
    small = kind[0].lower() + kind[1:]
    inside = "".join(
        f'<component><{small}{name.title()}Date><value value="{value}"/></{small}{name.title()}Date></component>'
        for name, value in dates.items()
    )
    return f"<pertinentInformation><X.{kind}Information>{inside}</X.{kind}Information></pertinentInformation>"


def upload(*records: str, said: int | None = None) -> bytes:
    held = "".join(f"<record><CP-ISRecord>{record}</CP-ISRecord></record>" for record in records)
    count = f'<transmissionQuantity value="{said if said is not None else len(records)}"/>'
    made = f'<id root="1.2" extension="F1"/><creationTime value="20260302101500"/>{count}{held}'
    return f'<File xmlns="urn:hl7-org:v3">{made}</File>'.encode()


def every(payload: bytes) -> list[Notification]:
    return [item.notification for item in ADAPTER.read(payload, FEED).items]


def one(payload: bytes) -> Notification:
    (only,) = every(payload)
    return only


@pytest.mark.parametrize("path", natives("nhs.cpis"), ids=lambda path: path.stem)
def test_a_message_reads_as_its_golden_file_says(path: Path) -> None:
    assert rendered("nhs.cpis", path) == golden(path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "told, status, kind",
    [
        (plan("CPP", start="20260105"), "child protection plan from 2026-01-05", ItemKind.CONCERN),
        (
            plan("CPP", start="20260105", end="20260302"),
            "child protection plan from 2026-01-05 until 2026-03-02",
            ItemKind.CONCERN,
        ),
        (
            plan("CPP", start="20260105", end="20260301"),
            "child protection plan from 2026-01-05 until 2026-03-01 (ended)",
            ItemKind.UPDATE,
        ),
        (
            plan("CPP", start="20260105", delete="20260401"),
            "child protection plan from 2026-01-05 deleted 2026-04-01",
            ItemKind.UPDATE,
        ),
        (plan("LAC", start="20260105"), "looked after child from 2026-01-05", ItemKind.UPDATE),
        (
            plan("LAC", start="20260105") + plan("CPP", start="20260110"),
            "looked after child from 2026-01-05; child protection plan from 2026-01-10",
            ItemKind.CONCERN,
        ),
        (plan("CPP", start="soon"), "child protection plan", ItemKind.CONCERN),
        ("", "", ItemKind.CONCERN),
    ],
)
def test_a_plan_is_the_childs_status_and_one_in_force_is_a_concern(told: str, status: str, kind: ItemKind) -> None:
    read = one(upload(told + CHILD))
    assert [child.legal_status for child in read.children] == [status]
    assert (read.kind, read.concern is not None) == (kind, kind is ItemKind.CONCERN)


def test_an_unborn_child_is_known_by_the_mother_alone() -> None:
    read = every(native("upload"))[1]
    (child,), (mother,) = read.children, read.adults
    assert (child.unborn, child.names, child.birth_date, child.identifiers) == (True, (), None, ())
    assert (child.mother, mother.ref, mother.relation) == ("adult-1", "adult-1", "mother")
    assert [each.value for each in mother.identifiers] == ["9994100017"]
    assert read.concern is not None
    assert read.concern.categories == (Concern.UNBORN_CHILD,)


def test_a_mother_who_is_a_child_herself_stands_among_the_children() -> None:
    young = native("upload").replace(b"19980226", b"20100226")
    read = every(young)[1]
    assert [child.ref for child in read.children] == ["child-1", "child-2"]
    assert (read.children[0].mother, read.children[1].relation, read.adults) == ("child-2", "mother", ())


def test_each_record_is_an_item_and_a_count_that_lies_is_flagged() -> None:
    records = [plan("CPP", start="20260105") + CHILD] * 3
    assert [each.native_id for each in every(upload(*records))] == ["1.2/F1#1", "1.2/F1#2", "1.2/F1#3"]
    assert ADAPTER.read(upload(*records), FEED).native_id == "1.2/F1"
    assert not every(upload(*records))[0].quality
    lying = every(upload(*records, said=4))
    assert [[flag.code for flag in each.quality] for each in lying] == [["batch.count_differs"], [], []]


def test_what_a_query_answers_refreshes_and_a_failure_is_context() -> None:
    assert one(native("query-answer")).kind is ItemKind.UPDATE
    failed = one(native("query-failed"))
    assert (failed.kind, failed.people) == (ItemKind.CONTEXT, ())


def test_a_child_with_a_plan_who_comes_to_a_hospital_is_a_concern_of_that_hospital() -> None:
    read = one(native("access-notification"))
    assert read.kind is ItemKind.CONCERN
    assert [each.value for each in read.children[0].identifiers] == ["9994100076"]
    assert read.referrer is not None
    assert (read.referrer.agency, read.referrer.role, read.referrer.name) == (
        "Example Hospital",
        "Charge nurse",
        "Ms Ines Novak",
    )


def test_a_sensitive_record_hides_its_addresses() -> None:
    read = one(native("patient-details"))
    assert (read.kind, read.handling.restricted, read.handling.hidden_location) == (ItemKind.CONCERN, True, True)
    assert [address.confidential for address in read.children[0].addresses] == [True]
    plain = one(native("patient-details").replace(b'<confidentialityCode code="S"/>', b""))
    assert (plain.kind, plain.handling.restricted) == (ItemKind.UPDATE, False)
    assert [address.confidential for address in plain.children[0].addresses] == [False]


def test_a_message_that_is_marked_as_a_whole_hides_every_record_in_it() -> None:
    payload = upload(CHILD + plan("CPP", start="20260101"), CHILD + plan("LAC", start="20260101"))
    marked = payload.replace(b"<record>", b'<confidentialityCode code="V"/><record>', 1)
    for plain, read in zip(every(payload), every(marked), strict=True):
        assert plain.handling.hidden_location is False
        assert (read.handling.restricted, read.handling.hidden_location) == (True, True)
    # Of one record it is said of that one alone.
    within = payload.replace(b"<CP-ISRecord>", b'<CP-ISRecord><confidentialityCode code="V"/>', 1)
    assert [read.handling.restricted for read in every(within)] == [True, False]


def test_a_soap_body_around_the_envelope_changes_nothing() -> None:
    inner = native("query-answer").partition(b"?>")[2]
    soap = b'<s:Envelope xmlns:s="urn:soap"><s:Body>' + inner + b"</s:Body></s:Envelope>"
    assert one(soap).model_dump() == one(native("query-answer")).model_dump()
    assert b"InfrastructureResponse" in ADAPTER.answer(soap, Receipt(fate=Fate.ACCEPTED, at=AT), FEED).body


@pytest.mark.parametrize(
    "payload, code, at",
    [
        (b"{}", "malformed", "line 1, column 1"),
        (b"<File/>", "unsupported", "/File"),
        (b'<a xmlns="urn:hl7-org:v3"><b/></a>', "unsupported", "/a"),
        (b'<MCCI_IN010000UK13 xmlns="urn:hl7-org:v3"/>', "acknowledgement", "/MCCI_IN010000UK13"),
        (b'<i:InfrastructureResponse xmlns:i="urn:nhs-itk:ns:201005"/>', "acknowledgement", "/InfrastructureResponse"),
    ],
)
def test_what_is_no_message_of_the_family_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert (refused.value.code, refused.value.at) == (f"nhs.cpis.{code}", at)


def test_too_many_records_are_refused_and_many_take_linear_time() -> None:
    record = plan("CPP", start="20260105") + CHILD
    started = time.process_time()
    assert len(every(upload(*[record] * 2_000))) == 2_000
    assert time.process_time() - started < 10
    many = b'<getPatientDetailsResponse-v1-0 xmlns="urn:hl7-org:v3">' + b"<patient/>" * 1_001
    many += b"</getPatientDetailsResponse-v1-0>"
    for payload in (many, upload(*[record] * 2_001), upload(CHILD * 51), upload(plan("CPP", start="20260105") * 51)):
        with pytest.raises(TooLarge):
            ADAPTER.read(payload, FEED)


@pytest.mark.parametrize("fate", Fate)
def test_an_envelope_is_answered_with_an_infrastructure_response_about_it(fate: Fate) -> None:
    problem = None if fate in TAKEN else Problem(code="nhs.cpis.unsupported", at="/a", detail="Send <less>.")
    answer = ADAPTER.answer(native("query-answer"), Receipt(fate=fate, at=AT, problem=problem), FEED)
    assert (answer.status, answer.media_type) == (STATUS[fate], "application/xml")
    root = etree.fromstring(answer.body)
    assert root.tag == f"{ITK}InfrastructureResponse"
    assert root.get("trackingIdRef") == "11D5AA52-7C51-4D5C-9E8E-0A4E0C0F0001"
    assert (root.get("result") == "OK") is (fate in TAKEN)
    assert root.findtext(f"{ITK}errors/{ITK}errorInfo/{ITK}ErrorCode") == (problem.code if problem else None)
    told = root.findtext(f"{ITK}errors/{ITK}errorInfo/{ITK}ErrorDiagnosticText")
    assert told == ("Send <less>. At /a." if problem else None)


@pytest.mark.parametrize(
    "fate, verdict",
    [
        (Fate.ACCEPTED, "AA"),
        (Fate.DUPLICATE, "AA"),
        (Fate.CONFLICT, "AE"),
        (Fate.QUARANTINED, "AE"),
        (Fate.REFUSED, "AR"),
        (Fate.UNAVAILABLE, "AR"),
    ],
)
def test_any_other_message_is_answered_with_a_v3_acknowledgement(fate: Fate, verdict: str) -> None:
    problem = None if fate in TAKEN else Problem(code="nhs.cpis.unsupported", detail="Send less.")
    receipt = Receipt(fate=fate, at=AT, problem=problem, message_id="msg_1")
    root = etree.fromstring(ADAPTER.answer(native("access-notification"), receipt, FEED).body)
    assert root.tag == f"{V3}MCCI_IN010000UK13"
    acknowledgement = root.find(f"{V3}acknowledgement")
    assert acknowledgement is not None
    assert acknowledgement.get("typeCode") == verdict
    about = acknowledgement.find(f"{V3}messageRef/{V3}id")
    assert about is not None
    assert about.get("root") == "6A0F7C10-0000-4000-8000-000000000001"
    details = [each.get("code") for each in acknowledgement.iter(f"{V3}code")]
    assert details == ([] if problem is None else [problem.code])
    receiver = root.find(f"{V3}communicationFunctionRcv/{V3}device/{V3}id")
    assert receiver is not None
    assert receiver.get("extension") == "999900000001"
    assert [etree.QName(child).localname for child in root] == [
        "id",
        "creationTime",
        "versionCode",
        "interactionId",
        "processingCode",
        "processingModeCode",
        "acceptAckCode",
        "acknowledgement",
        "communicationFunctionRcv",
        "communicationFunctionSnd",
        "ControlActEvent",
    ]


@given(st.binary(max_size=120), st.sampled_from(natives("nhs.cpis")), st.integers(0, 5_000), st.sampled_from(Fate))
def test_whatever_the_bytes_are_they_are_read_or_refused_and_answered(
    junk: bytes, path: Path, place: int, fate: Fate
) -> None:
    whole = path.read_bytes()
    for payload in (junk, whole[:place] + junk + whole[place:], whole[:place] + whole[place + len(junk) :]):
        error = refusal(ADAPTER, payload)
        assert error is None or (error.code.startswith("nhs.cpis.") and error.detail)
        problem = Problem(code="adapter.fault", at=junk.decode("latin-1"), detail="x\0y")
        etree.fromstring(ADAPTER.answer(payload, Receipt(fate=fate, at=AT, problem=problem), FEED).body)
