"""Acknowledgements: in the sender's mode, version and delimiters, for every fate and any bytes."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import hl7
import pytest
from hl7 import containers, util
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.nhs import hl7_answer
from adapters.nhs.hl7_escape import escape
from adapters.nhs.hl7_mode import mode
from adapters.nhs.hl7v2 import ADAPTER
from adapters.port import STATUS, Fate, FeedContext, Problem, Receipt
from tests.fixtures.regenerate import HERE

FEED = FeedContext(feed="hospital", agency="trust")
NAME = "msg_0123456789abcdefghjkmnpqrs"
PROBLEM = Problem(code="nhs.hl7v2.unsupported", at="MSH-9.2", detail="Send another | type.")


def receipt(fate: Fate, problem: Problem | None = None) -> Receipt:
    return Receipt(fate=fate, at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC), message_id=NAME, problem=problem)


def message(version: str = "2.4", more: str = "") -> bytes:
    return f"MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302||ADT^A28|CTRL-9|T|{version}{more}\rPID|1".encode()


def answered(payload: bytes, fate: Fate, problem: Problem | None = None) -> list[str]:
    return ADAPTER.answer(payload, receipt(fate, problem), FEED).body.decode().split("\r")


@pytest.mark.parametrize("more,mode", [("", "A"), ("|||AL|NE", "C"), ("|||AL|AL", "C"), ("||||AL", "A")])
@pytest.mark.parametrize(
    "fate,verdict",
    [
        (Fate.ACCEPTED, "A"),
        (Fate.DUPLICATE, "A"),
        (Fate.CONFLICT, "E"),
        (Fate.QUARANTINED, "E"),
        (Fate.REFUSED, "R"),
        (Fate.UNAVAILABLE, "R"),
    ],
)
def test_the_verdict_follows_the_fate_in_the_senders_mode(more: str, mode: str, fate: Fate, verdict: str) -> None:
    answer = ADAPTER.answer(message(more=more), receipt(fate), FEED)
    segments = answer.body.decode().split("\r")
    assert segments[1].startswith(f"MSA|{mode}{verdict}|CTRL-9")
    assert (answer.status, answer.media_type) == (STATUS[fate], "application/hl7-v2+er7")
    assert any(segment.startswith("ERR|") for segment in segments) is (verdict != "A")


def test_the_header_is_turned_round_and_timed_by_the_receipt() -> None:
    header = answered(message(), Fate.ACCEPTED)[0]
    assert header == "MSH|^~\\&|MASH|HUB|PAS|RXX01|20260302101500+0000||ACK^A28^ACK|0123456789ABCDEFGHJK|T|2.4"


def test_the_error_tells_place_condition_and_severity() -> None:
    found = hl7.parse("\r".join(answered(message("2.5"), Fate.REFUSED, PROBLEM)))
    error = found.segment("ERR")
    assert str(error[2]) == "MSH^1^9^1^2"
    assert str(error[3]) == "200^Unsupported message type^HL70357"
    assert str(error[4]) == "E"
    assert str(error[5]) == "nhs.hl7v2.unsupported^^MASH"
    assert found.unescape(str(error[8])) == "Send another | type."
    assert str(error[1]) == ""


def test_before_version_2_5_the_error_stands_where_it_did_then() -> None:
    segments = answered(message("2.3"), Fate.REFUSED, PROBLEM)
    assert segments[1] == "MSA|AR|CTRL-9|Send another \\F\\ type."
    assert segments[2].startswith("ERR|MSH^^9^200&Unsupported message type&HL70357|")


@pytest.mark.parametrize(
    "code,condition",
    [
        ("nhs.hl7v2.version", "203"),
        ("nhs.hl7v2.message_type", "101"),
        ("nhs.hl7v2.no_patient", "100"),
        ("nhs.hl7v2.charset", "102"),
        ("store.unavailable", "207"),
    ],
)
def test_an_error_has_its_condition_of_table_0357(code: str, condition: str) -> None:
    segments = answered(message("2.5"), Fate.QUARANTINED, Problem(code=code))
    assert f"|{condition}^" in segments[2]


def test_a_conflict_is_a_duplicate_key() -> None:
    assert "|205^" in answered(message("2.5"), Fate.CONFLICT)[2]


def test_the_answer_uses_the_senders_delimiters() -> None:
    segments = answered(b"MSH#:+!%#PAS#RXX01#M#H#2026##ADT:A28#C1#P#2.5\rPID#1", Fate.REFUSED, PROBLEM)
    assert segments[0].startswith("MSH#:+!%#M#H#PAS#RXX01#20260302101500!R!0000##ACK:A28:ACK#")
    assert segments[1] == "MSA#AR#C1"
    assert "#MSH:1:9:1:2#" in segments[2]


def test_garbage_is_answered_by_a_generic_rejection() -> None:
    for payload in (b"", b"\x00\xff", b"MSH", b"hello"):
        segments = answered(payload, Fate.QUARANTINED)
        assert segments[0].startswith("MSH|^~\\&|MASH||||20260302101500+0000||ACK|")
        assert segments[1].startswith("MSA|AR|")


def test_a_batch_is_answered_message_by_message() -> None:
    payload = (HERE / "nhs.hl7v2" / "batch.hl7").read_bytes()
    problem = Problem(code="nhs.hl7v2.unsupported", at="MSG[2]/MSH-9", detail="Send another type.")
    segments = answered(payload, Fate.QUARANTINED, problem)
    assert segments[0].startswith("BHS|^~\\&|MASH|HUB|PAS|RXX01|")
    assert [segment for segment in segments if segment.startswith("MSA")] == ["MSA|AE|PAS-0010", "MSA|AE|PAS-0011"]
    assert [segment.split("|")[2] for segment in segments if segment.startswith("ERR")] == ["", "MSH^1^9^1"]
    assert segments[-2] == "BTS|2"
    controls = [segment.split("|")[9] for segment in segments if segment.startswith("MSH")]
    assert len(set(controls)) == 2
    assert all(len(control) <= 20 for control in controls)


def test_a_refused_message_that_was_not_stored_still_gets_a_control_id() -> None:
    told = Receipt(fate=Fate.REFUSED, at=datetime(2026, 3, 2, tzinfo=UTC))
    header = ADAPTER.answer(message(), told, FEED).body.decode().split("\r")[0]
    assert len(header.split("|")[9]) == 20


WRITTEN = ("MSH", "MSA", "ERR", "BHS", "BTS", "RF1", "PRD", "PID")
VALUES = st.text(st.characters(exclude_characters="|\r\n", exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None)
@given(
    fields=st.lists(VALUES, min_size=8, max_size=16),
    marks=st.sampled_from(["|^~\\&", "|+:!%", "|^~"]),
    names=st.lists(st.sampled_from([NAME, "msg_zzzz456789abcdefghjkmnpqrs", "", "odd-ñ!"]), min_size=2, max_size=3),
)
def test_an_acceptance_is_what_the_library_builds_whatever_was_accepted_before(
    fields: list[str], marks: str, names: list[str]
) -> None:
    payload = f"MSH{marks}|{'|'.join(fields)}\rPID|1".encode()
    for minute, name in enumerate(names):
        told = Receipt(fate=Fate.ACCEPTED, at=datetime(2026, 3, 2, 10, minute, tzinfo=UTC), message_id=name)
        header = hl7_answer._headers(payload)[0][0]
        own = hl7_answer.Own(
            escape(hl7_answer._time(told), header.delimiters),
            hl7_answer._control_id(told, payload, 0),
            header.field(10),
        )
        if header.referral is not None:
            kept = escape(name, header.delimiters)
            own = own._replace(referral=header.referral.number, message_id=kept, patient=header.referral.patient)
        wanted = mode(header.field(15), header.field(16), success=True)
        built = str(hl7_answer._message(hl7_answer._reply(header, "A", wanted), own, "", None)) if wanted.letter else ""
        assert ADAPTER.answer(payload, told, FEED).body == built.encode("utf-8", errors="replace")


def test_senders_do_not_make_the_gateway_hold_ever_more_skeletons() -> None:
    for number in range(300):
        ADAPTER.answer(message().replace(b"RXX01", b"RXX%d" % number), receipt(Fate.ACCEPTED), FEED)
    assert hl7_answer._skeleton.cache_info().currsize <= 128


def test_the_library_logs_nothing_of_what_fields_hold(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answered(message().replace(b"CTRL-9", b"secret \\Q9\\ \\.sp999999999\\"), Fate.REFUSED, PROBLEM)
    assert not caplog.records
    assert containers.logger.disabled
    assert util.logger.disabled


@settings(max_examples=80, deadline=None)
@given(
    payload=st.one_of(st.binary(max_size=200), st.binary(max_size=120).map(lambda tail: b"MSH|^~\\&|" + tail)),
    fate=st.sampled_from(Fate),
    at=st.text(max_size=30),
)
def test_no_bytes_break_an_answer(payload: bytes, fate: Fate, at: str) -> None:
    answer = ADAPTER.answer(payload, receipt(fate, Problem(code="a.b", at=at, detail=at)), FEED)
    segments = answer.body.decode().split("\r")
    assert any(segment.startswith("MSH") for segment in segments) or not answer.body
    assert all(segment == "" or segment[:3] in WRITTEN for segment in segments)
