"""What a merge segment says, and of whom."""

from __future__ import annotations

import pytest

from schemas.notification import MergeKind, Notification
from tests.unit.adapters.nhs.test_hl7v2 import flags, item, message, native, notification

PATIENT = "PID|1||9990012024^^^NHS^NH||Fern^Ada||20150101|F"
OTHER = "MRG|9990012032^^^NHS^NH~RXX-9^^^RXX^PI|||EXT-4|||Ferne^Adah"


def test_a_merge_names_the_record_that_gave_way_beside_the_one_that_stays() -> None:
    found = item(native("a40-merge")).notification
    assert [number.value for number in found.children[0].identifiers] == ["9990012024", "RXX-1001"]
    (merge,) = found.merges
    assert (merge.kind, merge.into, merge.prior.ref) == (MergeKind.MERGE, "child-1", "prior-1")
    assert [number.value for number in merge.prior.identifiers] == ["RXX-0999"]
    assert ("person.merged", "merges[0]") in flags(found)


@pytest.mark.parametrize(
    "event,kind,flag",
    [
        *((event, MergeKind.MERGE, "person.merged") for event in ("A18", "A30", "A34", "A36", "A39", "A40")),
        *((event, MergeKind.CHANGE, "person.number_changed") for event in ("A46", "A47", "A48")),
        *((event, MergeKind.MOVE, "person.moved") for event in ("A43", "A44", "A45")),
    ],
)
def test_the_event_tells_what_a_merge_segment_means(event: str, kind: MergeKind, flag: str) -> None:
    found = notification(PATIENT, OTHER, kind=f"ADT^{event}")
    (merge,) = found.merges
    assert merge.kind is kind
    assert [number.value for number in merge.prior.identifiers] == ["9990012032", "RXX-9", "EXT-4"]
    assert [name.family for name in merge.prior.names] == ["Ferne"]
    assert [number.value for number in found.children[0].identifiers] == ["9990012024"]
    assert (flag, "merges[0]") in flags(found)


def test_accounts_and_visits_that_are_merged_name_nobody_new() -> None:
    for event in ("A35", "A41", "A42", "A49", "A50", "A51"):
        found = item(message(PATIENT, OTHER, kind=f"ADT^{event}"))
        assert found.notification.merges == ()
        assert ("MRG-1.1", "9990012032") in {(left.pointer, left.value) for left in found.unmapped}


def test_a_merge_segment_of_another_event_is_kept_aside_and_flagged() -> None:
    found = notification(PATIENT, OTHER, kind="ADT^A08")
    assert found.merges == ()
    assert ("person.merge_unclear", "merges") in flags(found)


def test_each_merge_segment_goes_with_the_patient_before_it() -> None:
    second = "PID|2||9990012059^^^NHS^NH||Firth^Ash||19800303|F"
    found = notification(PATIENT, "MRG|A-1", "MRG|A-2", second, "MRG|B-1", kind="ADT^A40")
    assert [(one.into, one.prior.identifiers[0].value) for one in found.merges] == [
        ("child-1", "A-1"),
        ("child-1", "A-2"),
        ("adult-1", "B-1"),
    ]


def test_the_event_stands_in_evn_where_the_header_does_not_say_it() -> None:
    assert notification("EVN|A40|20260301", PATIENT, OTHER, kind="ADT").merges[0].kind is MergeKind.MERGE
    assert notification(PATIENT, OTHER, kind="ADT_A40").merges[0].kind is MergeKind.MERGE


def test_a_notification_without_merges_is_written_as_it_always_was() -> None:
    assert "merges" not in notification(PATIENT).model_dump()
    merged = notification(PATIENT, OTHER, kind="ADT^A40")
    assert Notification.model_validate_json(merged.model_dump_json()) == merged
