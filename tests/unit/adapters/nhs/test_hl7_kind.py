"""Which messages are read, and what each is."""

from __future__ import annotations

import pytest

from schemas.vocabulary import ItemKind
from tests.unit.adapters.nhs.test_hl7v2 import notification

PATIENT = "PID|1||||Fern^Ada||20150101|F"


@pytest.mark.parametrize(
    "segments,kind,expected",
    [
        ((), "ADT^A08", ItemKind.UPDATE),
        ((), "ORU^R01", ItemKind.CONTEXT),
        ((), "REF^I12", ItemKind.CONCERN),
        ((), "MDM^T01", ItemKind.CONTEXT),
        (("OBX|1|TX|1^Letter||Dear colleague",), "MDM^T02", ItemKind.CONCERN),
        (("DG1|1||T74.2^Sexual abuse^I10",), "ADT^A08", ItemKind.CONCERN),
        (("OBX|1|CE|1^Flag||878111000000109^^SCT",), "ADT^A08", ItemKind.CONCERN),
        (("NTE|1||Safeguarding team informed",), "ORU^R01", ItemKind.CONCERN),
        (("OBX|1|NM|HGB^Haemoglobin||131",), "ORU^R01", ItemKind.CONTEXT),
        (("SCH|1|||||ROUTINE^Routine",), "SIU^S12", ItemKind.CONTEXT),
        (("SCH|1|||||ROUTINE|CP^Child protection medical",), "SIU^S12", ItemKind.CONCERN),
        (("PV2|||^Suspected non accidental injury",), "ADT^A01", ItemKind.CONCERN),
        (("PRB|AD|20260101|T74.0^^I10",), "PPR^PC1", ItemKind.CONCERN),
        (("OBR|1|||DOA^Drugs of abuse screen",), "ORM^O01", ItemKind.CONTEXT),
        (("OBR|1|||XR^X-ray|||||||||Query non-accidental injury",), "ORM^O01", ItemKind.CONCERN),
        (("RXA|0|1|20260101",), "VXU^V04", ItemKind.CONTEXT),
        (("QAK|1|OK",), "RSP^K22", ItemKind.CONTEXT),
        ((), "ZRX^Z01", ItemKind.CONCERN),
    ],
)
def test_the_kind_follows_what_the_message_carries(segments: tuple[str, ...], kind: str, expected: ItemKind) -> None:
    found = notification(PATIENT, *segments, kind=kind)
    assert found.kind is expected
    assert found.kind_reason


def test_an_appointment_that_was_not_kept_says_so() -> None:
    assert "not kept" in notification(PATIENT, kind="SIU^S26").kind_reason
    assert "not kept" not in notification(PATIENT, kind="SIU^S12").kind_reason
