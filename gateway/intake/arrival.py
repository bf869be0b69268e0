"""One message on its way in: its feed, what came, what the adapter made of it, and what its sender is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.completing import Completing
from adapters.port import Adapter, Answer, FeedContext, Problem
from adapters.port import Fate as Told
from gateway.intake.loading import Wanted
from gateway.intake.thin import Completes
from schemas.errors import MashError
from schemas.hub import FeedSection
from schemas.notification import Reading


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed with its adapter, as the composition root bound them; ``completing`` where thin messages are completed."""

    section: FeedSection
    adapter: Adapter
    context: FeedContext
    completing: Completing | None = None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the sender is told, and the id under which the message is kept (empty where it is not)."""

    answer: Answer
    message_id: str
    fate: Told


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message as it came: the bytes, their digest (SHA-256, hex), who sent them, when (UTC)."""

    feed: Feed
    payload: bytes
    digest: str
    client: str | None
    at: datetime
    problem: Problem | None = None
    completes: Completes | None = None


@dataclass(frozen=True, kw_only=True)
class Read:
    """What an adapter made of a message: a reading, or the problem that keeps it from being read.

    ``identity`` are the keyed hashes of the sender's own id, or of the bytes where none could be read; ``wanted`` is
    what must be known before it can be let in; ``thin`` says that its feed is to be asked for more of it.
    """

    came: Arrival
    reading: Reading | None
    problem: Problem | None
    identity: tuple[str, ...]
    wanted: Wanted
    thin: bool = False


def told_of(error: MashError) -> Problem:
    """The problem that an error tells a sender of."""
    return Problem(code=error.code, at=error.at, detail=error.detail)


def wanted_by(batch: Sequence[Read]) -> Wanted:
    """What must be known before any of them is let in."""
    return Wanted(
        identities=[(one.came.feed.section.name, hashed) for one in batch for hashed in one.identity],
        digests=[one.came.digest for one in batch],
        terms=sorted({term for one in batch for term in one.wanted.terms}),
        children=frozenset(term for one in batch for term in one.wanted.children),
        unborn=any(one.wanted.unborn for one in batch),
        grades_since=min((one.wanted.grades_since for one in batch if one.wanted.grades_since), default=None),
        probes=[probe for one in batch for probe in one.wanted.probes],
        hashed={term: hashed for one in batch for term, hashed in one.wanted.hashed.items()},
    )
