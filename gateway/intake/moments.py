"""A moment as a person types it to choose what was received: with its zone, so that nobody is off by an hour."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.errors import Rejected


def moment(text: str, *, at: str) -> datetime:
    """The moment in UTC that ``text`` names, such as ``2026-11-25T09:00Z``. Source: RFC 3339; seconds may be left out.

    Raises:
        Rejected: it names none, or has no zone; ``at`` is where its caller wrote it.
    """
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))  # a plus of a query is read as a space
        if found.tzinfo is None:
            raise Rejected("query.time", "a time with its zone, such as 2026-11-25T09:00Z", at=at)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected("query.time", "a time with its zone, such as 2026-11-25T09:00Z", at=at) from None
