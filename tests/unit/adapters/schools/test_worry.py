from __future__ import annotations

import pytest

from adapters.port import FeedContext
from adapters.schools import worry
from adapters.schools.csv import ADAPTER
from schemas.vocabulary import ItemKind


@pytest.mark.parametrize(
    "text",
    ["Says that home is not safe", "bruise on arm", "ran away", "Scared of dad", "self-harm", "a concern", "one " * 8],
)
def test_a_word_about_harm_or_a_long_text_must_be_read(text: str) -> None:
    assert worry.tells(text)


@pytest.mark.parametrize("text", ["", "cold", "Dentist at ten", "Bus was late", "white shirt"])
def test_what_everybody_writes_need_not(text: str) -> None:
    assert not worry.tells(text)


@pytest.mark.parametrize(
    "header, text, kind",
    [
        ("Comments", "Scared of dad", ItemKind.CONCERN),
        ("Reason for absence", "In hospital", ItemKind.CONCERN),
        ("Comments", "Dentist at ten", ItemKind.UPDATE),
        ("Road", "Old Police Lane", ItemKind.UPDATE),
    ],
)
def test_a_column_for_comments_is_read_for_such_words_and_no_other(header: str, text: str, kind: ItemKind) -> None:
    payload = f"UPN,Surname,Attendance Code,{header}\nT999123456001,Testcase,I,{text}\n".encode()
    (item,) = ADAPTER.read(payload, FeedContext(feed="school", agency="marshside-academy")).items
    assert item.notification.kind is kind


def test_a_confidential_address_reaches_the_handling() -> None:
    payload = b"UPN,Surname,Address,Confidential address\nT999123456001,Testcase,7 Nowhere Lane,{}\n"
    feed = FeedContext(feed="school", agency="marshside-academy")
    for said, hidden in ((b"Yes", True), (b"ask", True), (b"no", False), (b"", False)):
        made = ADAPTER.read(payload.replace(b"{}", said), feed).items[0].notification
        assert made.handling.hidden_location is hidden
        assert made.children[0].addresses[0].confidential is hidden
