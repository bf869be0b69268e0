"""The port of every adapter: native bytes in, canonical notifications out, an answer in the sender's own format.

An adapter is pure: it reads bytes and values that it is given, and no clock, file, network or random source. It
treats its input as hostile and raises nothing but ``schemas.errors``: :class:`~schemas.errors.Rejected` where the
sender must change something, :class:`~schemas.errors.TooLarge` where a limit is passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from schemas.notification import Reading
from schemas.vocabulary import Sector


class Fate(StrEnum):
    """What became of a message, as its sender is told."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a message was not accepted: the error's code, its place in the native message, a sentence."""

    code: str
    at: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the sender is to be told. ``message_id`` is empty where nothing was stored; ``at`` is UTC."""

    fate: Fate
    at: datetime
    message_id: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer in the sender's own format. ``status`` is the HTTP status where HTTP carries it."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class FeedContext:
    """What the hub's configuration says of the feed: its name, its agency and the adapter's own options.

    ``options`` may hold code maps, a character set, a column map: whatever the adapter documents.
    """

    feed: str
    agency: str
    options: Mapping[str, object] = field(default_factory=dict)


class Adapter(Protocol):
    """What an adapter is. ``name`` is as in the interface, such as ``police.ppn``; ``version`` is its own."""

    name: str
    version: str
    sector: Sector
    summary: str

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one message.

        Raises:
            Rejected: it can't be parsed or is not of this format; ``at`` points into the native message.
            TooLarge: it passes a limit of size, depth or count.
        """

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        """Answer the sender of ``payload`` in its own format. Never raises, whatever the bytes are."""


STATUS: Mapping[Fate, int] = {
    Fate.ACCEPTED: 202,
    Fate.DUPLICATE: 202,
    Fate.CONFLICT: 409,
    Fate.QUARANTINED: 422,
    Fate.REFUSED: 400,
    Fate.UNAVAILABLE: 503,
}
"""The HTTP status of each fate, for adapters that answer over HTTP."""
