"""The boundary to the HL7 library: what it gets wrong never gets past it."""

from __future__ import annotations

import logging

import pytest

from adapters.nhs import hl7_reader
from adapters.nhs.hl7_reader import read
from schemas.errors import Rejected, TooLarge

HEADER = "MSH|^~\\&|A|B|C|D|20260302||ADT^A08|1|P|2.4"


def pointers(text: str) -> dict[str, str]:
    sent = read(text.encode())
    return {leaf["pointer"]: leaf["value"] for segment in sent.messages[0].segments for leaf in segment.leaves}


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\n\n"])
def test_segments_end_as_the_sender_ends_them(ending: str) -> None:
    sent = read(f"{HEADER}{ending}PID|1{ending}".encode())
    assert [segment.name for segment in sent.messages[0].segments] == ["MSH", "PID"]


def test_a_line_that_starts_no_segment_belongs_to_the_one_before() -> None:
    sent = read(f"{HEADER}\rNTE|1||First line\nsecond line\rPID|1".encode())
    assert sent.messages[0].mended
    assert pointers(f"{HEADER}\rNTE|1||First line\nsecond line")["NTE-3"] == "First line\nsecond line"


def test_values_are_found_at_every_depth() -> None:
    found = pointers(f"{HEADER}\rPID|1||a^b&c~d\rNK1|x\rNK1|y")
    assert found["PID-3.1"] == "a"
    assert found["PID-3.2.2"] == "c"
    assert found["PID-3[2]"] == "d"
    assert (found["NK1-1"], found["NK1[2]-1"]) == ("x", "y")


def test_delimiters_are_those_that_the_header_names() -> None:
    sent = read(b"MSH#:+!%#A#B#C#D#20260302##ADT:A08#1#P#2.4\rPID#1##one:two%three+four^five!S!six")
    found = {leaf["pointer"]: leaf["value"] for leaf in sent.messages[0].segments[1].leaves}
    assert found["PID-3.1"] == "one"
    assert found["PID-3.2.2"] == "three"
    assert found["PID-3[2]"] == "four^five:six"


def test_a_header_with_two_encoding_characters_has_no_escapes() -> None:
    sent = read(b"MSH|^~|A\rPID|a\\F\\b^c&d~e")
    found = {leaf["pointer"]: leaf["value"] for leaf in sent.messages[0].segments[1].leaves}
    assert found == {"PID-1.1": "a\\F\\b", "PID-1.2": "c&d", "PID-1[2]": "e"}


def test_the_truncation_character_of_version_2_7_is_no_delimiter() -> None:
    assert pointers("MSH|^~\\&#|A\rPID|a#b")["PID-1"] == "a#b"


@pytest.mark.parametrize(
    "declared,codec", [("8859/1", "cp1252"), ("", "cp1252"), ("ASCII", "cp1252"), ("8859/1", "utf-8")]
)
def test_characters_are_read_whatever_the_header_claims(declared: str, codec: str) -> None:
    text = f"{HEADER}||||||{declared}\rPID|1||||Zoë^Renée"
    sent = read(text.encode(codec))
    assert sent.messages[0].segments[1].text(5) == "Zoë"
    right = (declared, codec) == ("8859/1", "cp1252")
    assert bool(sent.flags) is not right


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides(codec: str) -> None:
    sent = read(f"{HEADER}\rPID|1||||Zoë".encode(codec))
    assert sent.messages[0].segments[1].text(5) == "Zoë"
    assert not sent.flags


def test_a_feed_may_say_which_characters_its_sender_uses() -> None:
    sent = read(f"{HEADER}\rPID|1||||Žoë".encode("iso8859-2"), charset="8859/2")
    assert sent.messages[0].segments[1].text(5) == "Žoë"


def test_nothing_of_what_fields_hold_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read(f"{HEADER}\rNTE|1||secret \\Xzz\\ \\\\ \\Q9\\ \\.sp999999999\\".encode())
    assert not caplog.records


def test_a_line_that_goes_on_and_on_takes_time_by_its_length_alone() -> None:
    more = "\nx" * 1_000_000
    assert len(pointers(f"{HEADER}\rNTE|1||first{more}")["NTE-3"]) == len("first") + len(more)


def test_headers_of_batches_are_counted_in_passing() -> None:
    with pytest.raises(TooLarge) as refused:
        read(b"BHS|^~\\&|x\r" * 300_000 + HEADER.encode())
    assert refused.value.code == "nhs.hl7v2.segments"


def test_a_header_whose_delimiters_go_on_in_the_next_line_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read(f"{HEADER}\rMSH|^~\n&|x".encode())
    assert (refused.value.code, refused.value.at) == ("nhs.hl7v2.delimiters", "MSH-2")


@pytest.mark.parametrize(
    "payload,code",
    [
        (b"x" * (hl7_reader.MAX_BYTES + 1), "nhs.hl7v2.size"),
        ((HEADER + "\r").encode() * 1001, "nhs.hl7v2.messages"),
        ((HEADER + "\r" + "NTE\r" * 20_001).encode(), "nhs.hl7v2.segments"),
        ((HEADER + "\rNTE|" + "^" * 200_001).encode(), "nhs.hl7v2.values"),
        (("BHS|^~\\&|A\r" + HEADER + "\rBTS|1" + "|x" * 200_001).encode(), "nhs.hl7v2.values"),
    ],
)
def test_every_size_has_its_limit(payload: bytes, code: str) -> None:
    with pytest.raises(TooLarge) as refused:
        read(payload)
    assert refused.value.code == code
