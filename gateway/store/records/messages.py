"""What came in: messages, their items, and the counts that must reconcile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of an arrival. A duplicate is counted, never kept a second time."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class EndState(StrEnum):
    """Where an item ended, visibly."""

    REFERRAL = "referral"
    REFRESHED = "refreshed"
    NO_CONCERN = "no_concern"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRecord:
    """One arrival and the answer that it was given.

    ``native_hash`` is the keyed hash of the sender's own id for the message, unique in its feed; None while nothing
    could be read. ``digest`` is the SHA-256 of the original bytes, in hex. A message that brought other bytes under an
    id that was already taken is kept with ``conflict_with`` (the first message) and no ``native_hash``.
    ``reason_at`` is a native pointer (``PID-5.1``), never content.
    """

    id: str
    feed: str
    agency: str
    client: str | None
    adapter: str
    adapter_version: str
    native_hash: str | None
    digest: str
    fate: str
    reason_code: str | None
    reason_at: str | None
    received_at: datetime
    scope: str
    sealed: bytes
    answer_status: int
    answer_media_type: str
    answer_sealed: bytes
    conflict_with: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageOutline:
    """A message without its bytes and its answer: what a list shows, whatever the size of what it lists."""

    id: str
    feed: str
    adapter: str
    adapter_version: str
    fate: str
    reason_code: str | None
    reason_at: str | None
    received_at: datetime
    conflict_with: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRecord:
    """One item of a message and the visible end that it came to. ``position`` counts from 0.

    ``handling`` are the marks that its sender set, sorted.
    """

    id: str
    message_id: str
    position: int
    kind: str
    end_state: str
    referral_id: str | None
    sealed: bytes
    event_at: datetime | None
    handling: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedCounts:
    """A feed's reconciliation. ``received`` counts every arrival on its own, whatever fate is written beside it.

    ``items`` and its three parts count the items of kept messages, apart from the messages.
    """

    feed: str
    received: int
    accepted: int
    duplicate: int
    quarantined: int
    refused: int
    items: int
    referral: int
    refreshed: int
    no_concern: int

    @property
    def reconciled(self) -> bool:
        """Tell whether every arrival has one fate and every item one end."""
        messages = self.accepted + self.duplicate + self.quarantined + self.refused
        return self.received == messages and self.items == self.referral + self.refreshed + self.no_concern


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalCount:
    """How many callers without a valid credential a feed turned away within one minute, for one reason."""

    minute: datetime
    feed: str
    code: str
    count: int
