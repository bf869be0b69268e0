"""Batches and files: their identity, and what they count."""

from __future__ import annotations

import pytest

from adapters.nhs.hl7v2 import ADAPTER
from schemas.errors import Rejected
from tests.unit.adapters.nhs.test_hl7v2 import FEED, flags, native


def test_a_batch_gives_an_item_for_each_message_under_the_files_identity() -> None:
    reading = ADAPTER.read(native("batch"), FEED)
    assert reading.native_id == "FILE-9"
    assert [each.notification.native_id for each in reading.items] == ["PAS-0010", "PAS-0011"]
    assert {left.pointer for left in reading.items[0].unmapped} >= {"BTS-1", "FTS-1", "BHS-11", "FHS-11"}


def test_a_batch_that_counts_other_than_it_holds_is_flagged() -> None:
    found = ADAPTER.read(native("batch").replace(b"BTS|2", b"BTS|3"), FEED).items[0].notification
    assert ("batch.count_differs", "") in flags(found)


ONE = "MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302||ADT^A08|1|P|2.4\rPID|1||||Fern^Ada||20150101|F\r"
FILE, BATCH = "FHS|^~\\&|PAS\r", "BHS|^~\\&|PAS\r"


@pytest.mark.parametrize(
    "sent,told",
    [
        (BATCH + ONE + ONE + "BTS|2\r", set()),
        (BATCH + ONE + ONE + "BTS\r", set()),
        # The lies of two batches that make up for each other are two lies.
        (BATCH + ONE + ONE + "BTS|1\r" + BATCH + ONE + "BTS|2\r", {"batch.count_differs"}),
        (FILE + BATCH + ONE + "BTS|1\rFTS|2\r", {"batch.count_differs"}),
        (FILE + ONE + ONE + "FTS|0\r", set()),
        (BATCH + ONE + "BTS|one\r", {"batch.count_unread"}),
        (BATCH + ONE + "BTS|-1\r", {"batch.count_unread"}),
        (BATCH + ONE + "BTS|99999999999999999999\r", {"batch.count_unread"}),
        (BATCH + ONE + ONE, {"batch.unclosed"}),
        (FILE + BATCH + ONE + "BTS|1\r", {"batch.unclosed"}),
    ],
)
def test_whatever_a_batch_counts_its_messages_are_read_and_the_lie_is_flagged(sent: str, told: set[str]) -> None:
    reading = ADAPTER.read(sent.encode(), FEED)
    assert len(reading.items) == sent.count("MSH")
    assert {flag.code for flag in reading.items[0].notification.quality if flag.code.startswith("batch.")} == told


def test_a_bad_message_of_a_batch_is_named_by_its_number() -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(native("batch").replace(b"ADT^A08^ADT_A01|PAS-0011", b"MFN^M01|PAS-0011"), FEED)
    assert refused.value.at == "MSG[2]/MSH-9"
