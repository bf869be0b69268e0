"""What surrounds the messages of a batch or a file: its identity, and whether what it counts is there.

A count that lies, or a batch that nobody closed, is flagged and never a reason to refuse: the messages that came are
whole, and what is missing is for a person to ask after.

Source: HL7 v2.8 chapter 2.10.3 (batches), 2.14.2 to 2.14.8 (BHS, BTS, FHS, FTS).
"""

from __future__ import annotations

import re

from adapters.nhs.hl7_message import Segment, Transmission

DIFFERS = "batch.count_differs"
UNREAD = "batch.count_unread"
UNCLOSED = "batch.unclosed"
_COUNT = re.compile(r"[0-9]{1,9}")
_CLOSED_BY = {"BHS": "BTS", "FHS": "FTS"}


def batch_id(sent: Transmission) -> str:
    """FHS-11 or BHS-11, the sender's own identity of the file or batch."""
    for segment in sent.around:
        if segment.name in _CLOSED_BY and segment.text(11):
            return segment.text(11)
    return ""


def flags(sent: Transmission) -> tuple[str, ...]:
    """What is wrong with the counts of BTS-1 (messages of the batch) and FTS-1 (batches of the file)."""
    if not sent.around:
        return ()
    found: dict[str, None] = {}
    since, batches = 0, 0  # messages before this batch began; batches of this file
    for segment, before in zip(sent.around, sent.before, strict=True):
        match segment.name:
            case "FHS":
                since, batches = before, 0
            case "BHS":
                since, batches = before, batches + 1
            case "BTS":
                _compare(found, segment, before - since)
                since = before
            case "FTS":
                _compare(found, segment, batches)
    names = [segment.name for segment in sent.around]
    if any(names.count(opening) != names.count(closing) for opening, closing in _CLOSED_BY.items()):
        found[UNCLOSED] = None
    return tuple(found)


def _compare(found: dict[str, None], segment: Segment, there: int) -> None:
    count = segment.text(1)
    if not count:
        return  # it counts nothing, which is no lie
    if not _COUNT.fullmatch(count):
        found[UNREAD] = None
    elif int(count) != there:
        found[DIFFERS] = None
