"""The values of a message and their places, beside python-hl7 as the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nhs.hl7_reader import read
from tests.conformance import hl7_oracle

NAMES = ("PID", "NK1", "OBX", "NTE", "Z01")
SYMBOLS = "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@st.composite
def messages(draw: st.DrawFn) -> str:
    """A message with any delimiters, whose fields hold any of them, quotes, blanks and letters."""
    marks = draw(st.permutations(SYMBOLS))[:5] if draw(st.booleans()) else list("|^~\\&")
    letters = st.sampled_from(
        ["a", "B", "7", " ", '"', '""', "é", "\xa0", "\\X41\\", f"{marks[3]}F{marks[3]}", *marks[1:]]
    )
    fields = st.lists(st.lists(letters, max_size=8).map("".join), max_size=6)
    header = marks[0].join(["MSH", "".join(marks[1:]), "A", *draw(fields)])
    segments = [marks[0].join([draw(st.sampled_from(NAMES)), *draw(fields)]) for _ in range(draw(st.integers(0, 4)))]
    return "\r".join([header, *segments, f"ZZZ{marks[0]}end"])


@given(message=messages())
def test_the_library_finds_the_same_values_in_the_same_places(message: str) -> None:
    hl7_oracle.assert_same(read(message.encode()).messages[0], message)


@given(sent=st.lists(messages(), min_size=1, max_size=3), ending=st.sampled_from(["\r", "\n", "\r\n", "\r\r"]))
def test_messages_of_a_batch_are_told_apart(sent: list[str], ending: str) -> None:
    payload = ending.join(message.replace("\r", ending) for message in sent).encode()
    found = read(payload).messages
    assert len(found) == len(sent)
    for ours, message in zip(found, sent, strict=True):
        hl7_oracle.assert_same(ours, message)


def test_a_field_that_is_absent_has_no_repetitions_and_no_values() -> None:
    segment = read(b"MSH|^~\\&|A\rPID||x~y").messages[0].segments[1]
    assert [list(segment.repetitions(field)) for field in (1, 2, 3)] == [[], [1, 2], []]
    assert segment.leaf(9) is None
    assert segment.text(9, 3) == ""


@pytest.mark.parametrize("value", [" ", '""', "\\X20\\"])
def test_a_blank_or_a_deletion_is_listed_and_never_found(value: str) -> None:
    segment = read(f"MSH|^~\\&|A\rPID|{value}|a^{value}|b~{value}\rZZZ".encode()).messages[0].segments[1]
    assert [segment.leaf(1), segment.leaf(2, 2), segment.leaf(3, 1, 2)] == [None, None, None]
    assert [leaf["pointer"] for leaf in segment.leaves] == ["PID-1", "PID-2.1", "PID-2.2", "PID-3", "PID-3[2]"]
    assert segment.odd


def test_values_are_grouped_by_the_repetition_that_they_stand_in() -> None:
    segment = read(b"MSH|^~\\&|A\rPID|a&b^c~d^^e|z").messages[0].segments[1]
    assert [[leaf["value"] for leaf in leaves] for leaves in segment.within(1).values()] == [
        ["a", "b", "c"],
        ["d", "e"],
    ]
    assert [[leaf["value"] for leaf in leaves] for leaves in segment.subs(1, 1).values()] == [["a", "b"], ["d"]]
    assert [leaf["value"] for leaf in segment.subs(2, 1)[1]] == ["z"]


def test_segments_are_found_by_name_in_the_order_in_which_they_came() -> None:
    message = read(b"MSH|^~\\&|A\rNTE|1\rOBX|2\rNTE|3").messages[0]
    assert [segment.text(1) for segment in message.any_of(("OBX", "NTE"))] == ["1", "2", "3"]
    assert [segment.pointer for segment in message.all("NTE")] == ["NTE", "NTE[2]"]
    assert message.first("PID") is None
    assert message.lacks(("PID", "DG1"))
    assert not message.lacks(("PID", "OBX"))
