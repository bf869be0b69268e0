"""Which answers a sender asks for: every pair of conditions, for success and for failure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.nhs.hl7_mode import mode
from adapters.nhs.hl7v2 import ADAPTER
from adapters.port import STATUS, Fate, FeedContext, Receipt

FEED = FeedContext(feed="hospital", agency="trust")


# MSH-15, MSH-16, then what MSA-1 begins with where the message succeeds and where it fails.
TABLE = [
    ("", "", "A", "A"),
    ("AL", "NE", "C", "C"),
    ("AL", "AL", "C", "C"),
    ("AL", "", "C", "C"),
    ("NE", "NE", "", ""),
    ("NE", "", "", ""),
    ("", "NE", "", ""),
    ("NE", "AL", "A", "A"),
    ("", "AL", "A", "A"),
    ("ER", "NE", "", "C"),
    ("ER", "", "", "C"),
    ("SU", "NE", "C", ""),
    ("NE", "ER", "", "A"),
    ("NE", "SU", "A", ""),
    ("ER", "SU", "A", "C"),
    ("SU", "ER", "C", "A"),
    ("ER", "AL", "A", "C"),
    ("al", "ne", "C", "C"),
    ("??", "NE", "C", "C"),
]


@pytest.mark.parametrize("accept,application,succeeded,failed", TABLE)
def test_the_conditions_decide_whether_and_in_which_mode_a_message_is_answered(
    accept: str, application: str, succeeded: str, failed: str
) -> None:
    assert mode(accept, application, success=True).letter == succeeded
    assert mode(accept, application, success=False).letter == failed
    for fate in Fate:
        payload = f"MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302||ADT^A28|C-9|T|2.4|||{accept}|{application}\rPID|1".encode()
        answer = ADAPTER.answer(payload, Receipt(fate=fate, at=datetime(2026, 3, 2, tzinfo=UTC)), FEED)
        wanted = succeeded if fate in (Fate.ACCEPTED, Fate.DUPLICATE) else failed
        assert answer.status == STATUS[fate]
        assert (b"MSA|" + wanted.encode() in answer.body) if wanted else answer.body == b""


def test_a_batch_answers_those_of_its_messages_that_ask_for_it() -> None:
    batch = b"BHS|^~\\&|PAS\r" + b"".join(
        b"MSH|^~\\&|PAS|R|M|H|2026||ADT^A28|%s|T|2.4|||%s|NE\rPID|1\r" % each
        for each in ((b"ONE", b"AL"), (b"TWO", b"NE"), (b"THREE", b"AL"))
    )
    told = Receipt(fate=Fate.ACCEPTED, at=datetime(2026, 3, 2, tzinfo=UTC))
    segments = ADAPTER.answer(batch, told, FEED).body.decode().split("\r")
    assert [segment for segment in segments if segment.startswith("MSA")] == ["MSA|CA|ONE", "MSA|CA|THREE"]
    assert "BTS|2" in segments
    assert ADAPTER.answer(batch.replace(b"|AL|", b"|NE|"), told, FEED).body == b""
