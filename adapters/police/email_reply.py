"""A reply to an e-mail: plain text that says what became of it, and repeats nothing of what it said.

Source: RFC 5322 (In-Reply-To, References), RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import re
from datetime import UTC
from email import policy
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr

from adapters.port import STATUS, Answer, Fate, Receipt

REPLY_TYPE = "message/rfc822"
NOBODY = "undisclosed-recipients:;"
NO_REPLY = "no-reply@mash-gateway.invalid"
_LONGEST_HEAD = 64 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_LINE = re.compile(r"[^ -~\u00a1-\ud7ff]+")
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_SUBJECTS = {
    Fate.ACCEPTED: "Your notification was accepted",
    Fate.DUPLICATE: "Your notification had been accepted before",
    Fate.CONFLICT: "Your notification differs from one that came before under the same identity",
    Fate.QUARANTINED: "Your notification could not be read and is kept aside",
    Fate.REFUSED: "Your notification was refused",
    Fate.UNAVAILABLE: "Your notification could not be taken now: send it again later",
}


def reply(payload: bytes, receipt: Receipt, *, sent_from: object = None) -> Answer:
    """The reply to ``payload``, to whoever it says that replies go to. Never raises, whatever the bytes are.

    ``sent_from`` is the feed's own address. Nothing of the subject or the text is repeated.
    """
    to, message_id = _whom(payload)
    sender = sent_from if isinstance(sent_from, str) and _ADDRESS.fullmatch(sent_from) else NO_REPLY
    headers = [
        ("From", sender),
        ("To", to or NOBODY),
        ("Date", format_datetime(receipt.at.astimezone(UTC))),
        ("Subject", _SUBJECTS[receipt.fate]),
    ]
    if receipt.message_id:
        headers.append(
            ("Message-ID", f"<{_LINE.sub('', receipt.message_id)}.{receipt.fate}@{sender.partition('@')[2]}>")
        )
    if message_id:
        headers += [("In-Reply-To", message_id), ("References", message_id)]
    headers += [
        ("Auto-Submitted", "auto-replied"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    lines = [f"{name}: {value}" for name, value in headers]
    text = "\r\n".join([*lines, "", *_body(receipt), ""])
    return Answer(status=STATUS[receipt.fate], media_type=REPLY_TYPE, body=text.encode("utf-8"))


def _body(receipt: Receipt) -> list[str]:
    problem = receipt.problem
    told = [
        ("Fate", receipt.fate.value),
        ("At", receipt.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")),
        ("Message", receipt.message_id),
        ("Code", problem.code if problem is not None else ""),
        ("Place", problem.at if problem is not None else ""),
        ("What to do", problem.detail if problem is not None else ""),
    ]
    return [f"{_SUBJECTS[receipt.fate]}.", "", *(f"{name}: {_LINE.sub(' ', value)}" for name, value in told if value)]


def _whom(payload: bytes) -> tuple[str, str]:
    """The address that replies go to and the message's own id; each empty where there is none that is plain."""
    end = _HEAD_END.search(payload, 0, _LONGEST_HEAD)
    head = payload[: end.start() if end is not None else _LONGEST_HEAD]
    try:
        headers = BytesHeaderParser(policy=policy.compat32).parsebytes(head)
        given = {name.lower(): str(text)[:2048] for name, text in reversed(list(headers.raw_items()))}
        address = parseaddr(given.get("reply-to") or given.get("from") or "")[1]
    except Exception:  # noqa: BLE001 - whatever the library meets, the sender gets an answer
        return "", ""
    found = _MESSAGE_ID.search(given.get("message-id", ""))
    return (address if _ADDRESS.fullmatch(address) else ""), (found[0] if found is not None else "")
