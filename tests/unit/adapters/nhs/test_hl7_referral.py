"""Referrals are answered by RRI of their event, which a library that is not ours finds to be as the standard has it."""

from __future__ import annotations

from datetime import UTC, datetime

import hl7
import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from adapters.nhs.hl7v2 import ADAPTER
from adapters.port import Fate, FeedContext, Problem, Receipt

FEED = FeedContext(feed="surgery", agency="practice")
NAME = "msg_0123456789abcdefghjkmnpqrs"
PROBLEM = Problem(code="nhs.hl7v2.no_patient", at="PID", detail="Send a PID segment.")


def referral(event: str = "I12", version: str = "2.5", more: str = "") -> bytes:
    return (
        f"MSH|^~\\&|GP|Y00002|MASH|HUB|20260304||REF^{event}^REF_I12|GP-1|P|{version}{more}\r"
        "RF1|P|S|||| R-77~R-78 |20260304\rPRD|RP|Novak^Ines\r"
        "PID|1||9990012032^^^NHS^NH~LOCAL-1||Dale^Noor||20180717|F\r"
    ).encode()


def answered(payload: bytes, fate: Fate = Fate.ACCEPTED, problem: Problem | None = None) -> str:
    told = Receipt(fate=fate, at=datetime(2026, 3, 4, 9, 0, tzinfo=UTC), message_id=NAME, problem=problem)
    return ADAPTER.answer(payload, told, FEED).body.decode()


@pytest.mark.parametrize("event", ["I12", "I13", "I14", "I15"])
@pytest.mark.parametrize(
    "fate,verdict,status",
    [(Fate.ACCEPTED, "AA", "P"), (Fate.DUPLICATE, "AA", "P"), (Fate.QUARANTINED, "AE", "R"), (Fate.REFUSED, "AR", "R")],
)
def test_a_referral_is_answered_by_a_response_of_its_own_event(
    event: str, fate: Fate, verdict: str, status: str
) -> None:
    found = hl7.parse(answered(referral(event), fate, PROBLEM if verdict != "AA" else None))
    assert str(found.segment("MSH")[9]) == f"RRI^{event}^RRI_I12"
    assert (str(found.segment("MSA")[1]), str(found.segment("MSA")[2])) == (verdict, "GP-1")
    assert str(found.segment("RF1")[1]).startswith(status)
    assert (str(found.segment("RF1")[6]), str(found.segment("RF1")[11])) == (" R-77", NAME)
    assert str(found.segment("PID")[3]) == "9990012032^^^NHS^NH"
    assert any(str(segment[0]) == "ERR" for segment in found) is (verdict != "AA")


def test_a_response_names_no_one() -> None:
    told = answered(referral())
    assert "Dale" not in told
    assert "Novak" not in told
    assert "20180717" not in told


@pytest.mark.parametrize("version", ["2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
@pytest.mark.parametrize("fate,problem", [(Fate.ACCEPTED, None), (Fate.REFUSED, PROBLEM)])
@pytest.mark.parametrize("kind", [b"REF^I12^REF_I12", b"REF^I14^REF_I12", b"ADT^A28^ADT_A05"])
def test_an_answer_is_valid_by_the_definitions_of_its_version(
    version: str, fate: Fate, problem: Problem | None, kind: bytes
) -> None:
    told = answered(referral(version=version).replace(b"REF^I12^REF_I12", kind), fate, problem)
    if version == "2.4" and fate is Fate.REFUSED:  # what came after 2.4 in ERR is told all the same
        told = "\r".join("|".join(line.split("|")[:2]) if line.startswith("ERR") else line for line in told.split("\r"))
    parsed = parse_message(told, validation_level=VALIDATION_LEVEL.STRICT)
    assert parsed.validate()
    assert parsed.name == ("RRI_I12" if kind.startswith(b"REF") else "ACK")


@pytest.mark.parametrize(
    "more,kind,verdict",
    [
        ("|||AL|NE", "ACK", "CA"),  # it is in safe storage: no response of the application is wanted
        ("|||AL|AL", "RRI", "CA"),
        ("|||NE|AL", "RRI", "AA"),
        ("|||AL|ER", "ACK", "CA"),
    ],
)
def test_the_senders_conditions_decide_whether_a_response_is_wanted(more: str, kind: str, verdict: str) -> None:
    segments = answered(referral(more=more)).split("\r")
    assert segments[0].split("|")[8].startswith(kind)
    assert segments[1] == f"MSA|{verdict}|GP-1"


def test_a_referral_of_an_unknown_event_is_acknowledged_like_anything_else() -> None:
    assert "||ACK^I99^ACK|" in answered(referral("I99"))


def test_the_answer_uses_the_senders_delimiters_and_echoes_what_it_can() -> None:
    sent = b"MSH#:+!%#GP#Y00002#M#H#2026##REF:I13#C1#P#2.3\rPID#1##77:::GP\rRF1######A!F!B\r"
    lines = answered(sent).split("\r")
    assert lines[0].split("#")[8] == "RRI:I13"  # a third component came with 2.3.1
    assert lines[2].startswith("RF1#P:Pending:HL70283#####A!F!B#")
    assert lines[4] == "PID#1##77:::GP##::::::U"


def test_what_is_too_long_or_not_printable_is_not_echoed() -> None:
    sent = referral().replace(b" R-77~R-78 ", b"R" * 200).replace(b"9990012032", b"99\x00")
    found = hl7.parse(answered(sent))
    assert str(found.segment("RF1")[6]) == ""
    assert str(found.segment("PID")[3]) == ""


def test_in_a_batch_each_referral_is_answered_with_what_is_its_own() -> None:
    other = referral("I13").replace(b"R-77", b"R-99").replace(b"GP-1", b"GP-2")
    told = answered(b"BHS|^~\\&|GP\r" + referral() + other + b"BTS|2\r")
    assert [line.split("|")[6].strip() for line in told.split("\r") if line.startswith("RF1")] == ["R-77", "R-99"]
