"""What a notification says that came as HL7 v2."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.nhs.hl7v2 import ADAPTER
from adapters.port import FeedContext
from schemas.errors import MashError, Rejected, TooLarge
from schemas.identifiers import IdentifierKind, Validity
from schemas.notification import Normalised, Notification
from schemas.persons import NameUse, Sex
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FILES = natives("nhs.hl7v2")
FEED = FeedContext(feed="hospital", agency="trust")


def native(name: str) -> bytes:
    return (HERE / "nhs.hl7v2" / f"{name}.hl7").read_bytes()


def item(payload: bytes, **options: object) -> Normalised:
    return ADAPTER.read(payload, FeedContext(feed="hospital", agency="trust", options=options)).items[0]


def message(*segments: str, kind: str = "ADT^A08") -> bytes:
    header = f"MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302101500+0000||{kind}|ID-1|P|2.4"
    return "\r".join((header, *segments)).encode()


def notification(*segments: str, kind: str = "ADT^A08", **options: object) -> Notification:
    return item(message(*segments, kind=kind), **options).notification


def flags(found: Notification) -> set[tuple[str, str]]:
    return {(flag.code, flag.field) for flag in found.quality}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_reads_as_its_golden_file_says(path: Path) -> None:
    assert rendered("nhs.hl7v2", path) == golden(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("ending", [b"\r", b"\r\n", b"\n"])
def test_the_way_in_which_lines_end_changes_nothing(path: Path, ending: bytes) -> None:
    payload = path.read_bytes()
    assert ADAPTER.read(payload.replace(b"\n", ending), FEED).items == ADAPTER.read(payload, FEED).items


def test_a_new_patient_is_an_update_with_the_whole_household() -> None:
    found = item(native("a28-new-patient")).notification
    assert found.kind is ItemKind.UPDATE
    assert found.concern is None
    child, sibling = found.children
    assert child.names[0].given == ("Rowan", "Lee")
    assert [name.use for name in child.names] == [NameUse.OFFICIAL, NameUse.ALIAS, NameUse.ALIAS]
    assert (child.birth_date, child.sex) == ("2014-06-11", Sex.FEMALE)
    assert child.gp is not None
    assert child.gp.identifiers[0].value == "Y00001"
    assert sibling.relation == "sibling"
    assert found.adults[0].relation == "mother"
    assert found.event_at is not None
    assert found.event_at.isoformat() == "2026-03-02T10:00:00+00:00"


def test_a_location_hidden_because_of_abuse_makes_a_concern_and_every_address_confidential() -> None:
    found = item(native("a31-hidden-location"))
    assert found.notification.kind is ItemKind.CONCERN
    assert found.notification.handling.hidden_location
    assert all(address.confidential for person in found.notification.people for address in person.addresses)
    assert any(mapped.field == "handling.hidden_location" and mapped.pointer == "ZU8-4" for mapped in found.provenance)
    assert found.notification.consent is not None
    assert (found.notification.consent.given, found.notification.consent.informed) == (True, False)


@pytest.mark.parametrize("answer,is_hidden", [("Y", True), ("", False), ("N", False), ('""', False), ("?", True)])
def test_only_a_clear_no_shows_a_location(answer: str, is_hidden: bool) -> None:
    found = notification("PID|1||||Fern^Ada||20150101|F|||1 Way^^Town", f"ZU8||||{answer}")
    assert found.handling.hidden_location is is_hidden
    assert found.children[0].addresses[0].confidential is is_hidden


@pytest.mark.parametrize(
    "segment,hides,restricts",
    [
        ("ARV|1|A|LOC|PHY|Not to be told", True, False),
        ("ARV|1|A|DEM|PAT|Clinicians only", False, True),
        ("ARV|1|D|LOC", False, False),
        ("PD1||||||||||||Y", False, True),
    ],
)
def test_access_restrictions_reach_the_handling(segment: str, hides: bool, restricts: bool) -> None:
    handling = notification("PID|1||||Fern^Ada||20150101|F", segment).handling
    assert (handling.hidden_location, handling.restricted) == (hides, restricts)


def test_a_referral_for_an_unborn_child_names_the_mother_and_the_date() -> None:
    found = item(native("ref-i12-unborn")).notification
    assert found.kind is ItemKind.CONCERN
    unborn, earlier = found.children
    mother, partner = found.adults
    assert unborn.unborn
    assert unborn.mother == mother.ref
    assert unborn.expected_date is not None
    assert unborn.expected_date.isoformat() == "2026-09-10"
    assert (unborn.birth_date, unborn.sex, unborn.names, unborn.identifiers) == (None, None, (), ())
    assert mother.relation == "mother"
    assert mother.names[0].family == "Elm"
    assert partner.relation == "partner of adult-1"
    assert earlier.relation == "child of adult-1"
    assert found.concern is not None
    assert found.concern.categories == (Concern.UNBORN_CHILD,)
    assert found.incident is not None
    assert "placed in care" in found.incident.narrative
    assert found.incident.reference == "REF-2026-17"


def test_a_mother_under_eighteen_is_a_child_too() -> None:
    found = notification("PID|1||||Elm^Ada||20100301|F", "OBX|1|DT|11778-8^^LN||20260901", kind="REF^I12")
    assert [child.unborn for child in found.children] == [True, False]
    assert found.children[0].mother == found.children[1].ref == "child-2"


def test_a_patient_without_birth_date_and_sex_whose_mother_is_named_is_the_unborn_child() -> None:
    found = notification(
        "PID|1||||Elm^Baby", "NK1|1|Elm^Ada|MTH^Mother", "OBX|1|DT|11778-8^^LN||20260901", kind="REF^I12"
    )
    assert len(found.children) == 1
    assert found.children[0].unborn
    assert found.children[0].mother == found.adults[0].ref
    assert found.adults[0].relation == "mother"


def test_a_date_of_delivery_that_cannot_be_read_is_kept_and_flagged() -> None:
    found = item(message("PID|1||||Elm^Ada||19900301|F", "OBX|1|DT|11778-8^^LN||20260231", kind="REF^I12"))
    assert found.notification.children[0].expected_date is None
    assert ("date.unread", "children[0].expected_date") in flags(found.notification)
    assert ("OBX-5", "20260231") in {(left.pointer, left.value) for left in found.unmapped}


@pytest.mark.parametrize(
    "code,category",
    [("T74.0", Concern.NEGLECT), ("T741", Concern.PHYSICAL), ("X71", Concern.SELF_HARM)],
)
def test_icd_codes_give_their_category(code: str, category: Concern) -> None:
    found = notification("PID|1||||Fern^Ada||20150101|F", f"DG1|1||{code}^^I10")
    assert found.concern is not None
    assert found.concern.categories == (category,)


def test_a_feed_may_name_codes_of_its_own() -> None:
    segments = ("PID|1||||Fern^Ada||20150101|F", "OBX|1|CE|LOCAL7^Box||1")
    assert notification(*segments).kind is ItemKind.UPDATE
    found = notification(*segments, concern_codes={"LOCAL7": "neglect"})
    assert found.concern is not None
    assert found.concern.categories == (Concern.NEGLECT,)
    assert notification(*segments, concern_codes={"LOCAL7": "no such category"}).kind is ItemKind.CONCERN


@pytest.mark.parametrize(
    "field,status,verified",
    [
        ("9990012008^^^NHS^NH", "", True),
        ("9990012008^^^NHS^NH", "NSTS02", False),
        ("9990012008^^^RXX^NH", "", False),
        ("9990012008^^^NHSNBR", "NSTS01", True),
    ],
)
def test_an_nhs_number_is_verified_where_it_was_traced(field: str, status: str, verified: bool) -> None:
    child = notification(f"PID|1||{field}||Fern^Ada||20150101|F{'|' * 24}{status}").children[0]
    assert child.identifiers[0].kind is IdentifierKind.NHS
    assert child.identifiers[0].verified is verified


def test_a_failed_check_digit_is_flagged_and_never_refused() -> None:
    found = notification("PID|1||9990012009^^^NHS||Fern^Ada||20150101|F")
    assert found.children[0].identifiers[0].validity is Validity.CHECK_FAILED
    assert ("identifier.check_failed", "children[0].identifiers[0]") in flags(found)


@pytest.mark.parametrize(
    "born,code", [("20150231", "date.unread"), ("20300101", "date.in_the_future"), ("soon", "date.unread")]
)
def test_an_impossible_birth_date_is_kept_and_flagged(born: str, code: str) -> None:
    found = item(message(f"PID|1||||Fern^Ada||{born}|F"))
    assert found.notification.children[0].birth_date is None
    assert (code, "children[0].birth_date") in flags(found.notification)
    assert ("PID-7", born) in {(left.pointer, left.value) for left in found.unmapped}


def test_a_patient_of_unknown_age_is_taken_for_a_child_and_flagged() -> None:
    found = notification("PID|1||||Fern^Ada")
    assert len(found.children) == 1
    assert ("age.unknown", "children[0]") in flags(found)


@pytest.mark.parametrize("born,is_child", [("20080302", False), ("20080303", True), ("2008", True), ("1990", False)])
def test_a_child_is_under_eighteen_on_the_day_of_the_message(born: str, is_child: bool) -> None:
    assert bool(notification(f"PID|1||||Fern^Ada||{born}|F").children) is is_child


def test_a_deletion_is_no_value_and_is_listed() -> None:
    found = item(message('PID|1||||Fern^Ada||20150101|F|||""'))
    assert found.notification.children[0].addresses == ()
    assert ("PID-11", '""') in {(left.pointer, left.value) for left in found.unmapped}
    assert ("value.deletion_asked", "") in flags(found.notification)


def test_a_message_without_control_id_is_known_by_its_digest() -> None:
    reading = ADAPTER.read(message("PID|1||||Fern^Ada").replace(b"ID-1", b""), FEED)
    assert reading.native_id.startswith("sha256:")
    assert ("native_id.missing", "native_id") in flags(reading.items[0].notification)


@pytest.mark.parametrize(
    "payload,code,at",
    [
        (b"", "nhs.hl7v2.header", "MSH"),
        (b"PID|1", "nhs.hl7v2.header", "MSH"),
        (b"MSH", "nhs.hl7v2.delimiters", "MSH-2"),
        (b"MSH|^~\\\\&|x", "nhs.hl7v2.delimiters", "MSH-2"),
        (b"MSH|^~\\&|x", "nhs.hl7v2.message_type", "MSH-9"),
        (b"MSH|^~\\&|||||||ACK^A08|1|P|2.4\rMSA|AA|1", "nhs.hl7v2.unsupported", "MSH-9"),
        (b"MSH|^~\\&|||||||QBP^Q22|1|P|2.5\rQPD|1", "nhs.hl7v2.unsupported", "MSH-9"),
        (b"MSH|^~\\&|||||||SIU^S12|1|P|2.4\rSCH|1", "nhs.hl7v2.no_patient", "PID"),
        (b"MSH|^~\\&|||||||ADT^A08|1|P|3.0\rPID|1", "nhs.hl7v2.version", "MSH-12"),
        (b"MSH|^~\\&|||||||ADT^A08|1|P|2.4\rEVN|1", "nhs.hl7v2.no_patient", "PID"),
        (b"BHS|^~\\&|x\rBTS|0", "nhs.hl7v2.empty_batch", "MSH"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert (refused.value.code, refused.value.at) == (code, at)
    assert refused.value.detail


def test_an_oversized_message_is_too_large() -> None:
    with pytest.raises(TooLarge):
        ADAPTER.read(message("NTE|1||" + "x" * 5_300_000), FEED)


@settings(max_examples=60, deadline=None)
@given(
    payload=st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: message() + b"\rPID|" + tail))
)
def test_any_bytes_are_read_or_refused_and_twice_alike(payload: bytes) -> None:
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(ADAPTER.read(payload, FEED).model_dump_json())
        except MashError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_mutated_message_loses_nothing_and_never_breaks_the_reader(data: st.DataObject) -> None:
    payload = bytearray(native(data.draw(st.sampled_from([path.stem for path in FILES if path.suffix == ".hl7"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        reading = ADAPTER.read(bytes(payload), FEED)
    except MashError:
        return
    for each in reading.items:
        assert each.provenance
        assert each.unmapped
        assert Normalised.model_validate(each.model_dump()) == each
        assert Normalised.model_validate_json(each.model_dump_json()) == each
