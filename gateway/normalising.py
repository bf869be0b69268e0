"""What an adapter makes of one native file, as ``mash normalise`` prints it: a row an item, or one with its problem."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.port import Adapter, FeedContext
from schemas.errors import MashError, TooLarge
from schemas.notification import Normalised

Row = dict[str, object]
"""``file``, ``outcome``, ``notification``, ``provenance``, ``unmapped``, ``quality``, ``problem``."""


def rows(adapter: Adapter, context: FeedContext, file: str, payload: bytes) -> Iterator[Row]:
    """A row for each item of the message; where it can't be read, one row with its problem.

    What a hub would keep aside to be mended is ``quarantined``; what is over a limit is ``refused``.
    """
    try:
        reading = adapter.read(payload, context)
    except MashError as error:
        outcome = "refused" if isinstance(error, TooLarge) else "quarantined"
        yield refusal(file, outcome, code=error.code, at=error.at, detail=error.detail)
        return
    for item in reading.items:
        yield _acceptance(file, item)


def refusal(file: str, outcome: str, *, code: str, at: str, detail: str) -> Row:
    """The row of a file that was not accepted."""
    return {
        "file": file,
        "outcome": outcome,
        "notification": None,
        "provenance": [],
        "unmapped": [],
        "quality": [],
        "problem": {"code": code, "at": at, "detail": detail},
    }


def _acceptance(file: str, item: Normalised) -> Row:
    dumped = item.model_dump(mode="json")
    return {
        "file": file,
        "outcome": "accepted",
        "notification": dumped["notification"],
        "provenance": dumped["provenance"],
        "unmapped": dumped["unmapped"],
        "quality": dumped["notification"]["quality"],
        "problem": None,
    }
