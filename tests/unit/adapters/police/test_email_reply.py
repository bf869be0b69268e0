"""What the sender of an e-mail is answered: a reply, which repeats nothing of what was said."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from adapters.police.email import ADAPTER
from adapters.port import Fate, FeedContext, Problem, Receipt
from tests.fixtures.regenerate import natives

TEXT = next(path for path in natives("police.email") if path.name == "form-in-text.eml").read_bytes()
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
FEED = FeedContext(feed="mail", agency="northmarsh-police", options={"reply_from": "mash@hub.example"})


def test_the_answer_is_a_reply_that_repeats_nothing_of_what_was_said() -> None:
    problem = Problem(code="police.email.archive", at="part[2]", detail="attach the files themselves")
    receipt = Receipt(fate=Fate.QUARANTINED, at=AT, message_id="msg_1", problem=problem)
    answer = ADAPTER.answer(TEXT, receipt, FEED)
    assert (answer.status, answer.media_type) == (422, "message/rfc822")
    reply = message_from_bytes(answer.body, policy=policy.default)
    assert reply["In-Reply-To"] == reply["References"] == "<20261103080110.4711@northmarsh.example>"
    assert (reply["To"], reply["From"]) == ("ppn@northmarsh.example", "mash@hub.example")
    assert reply["Auto-Submitted"] == "auto-replied"
    assert not reply.defects
    text = reply.get_content()
    assert "Place: part[2]" in text
    assert "What to do: attach the files themselves" in text
    assert b"warrant" not in answer.body


@pytest.mark.parametrize(
    "header",
    [
        b"From: a@b.example\r\n\tBcc: c@d.example",
        b"From: <a@b.example>\r\nMessage-ID: <x\x00y@z>",
        b"From: (((((((((((a@b",
        b"Reply-To: =?utf-8?q?a=0ABcc:c@d?=",
        b"\xff\xfe: \xff",
    ],
)
def test_no_header_of_the_sender_gets_a_line_of_its_own_into_the_reply(header: bytes) -> None:
    receipt = Receipt(fate=Fate.ACCEPTED, at=AT, message_id="msg_1")
    reply = message_from_bytes(ADAPTER.answer(header + b"\r\n\r\nwords", receipt, FEED).body)
    assert reply["Bcc"] is None
    assert len(reply.get_all("To", [])) == 1
