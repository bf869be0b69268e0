"""What the hub's own routes answer, as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from schemas.base import Frozen, Instant
from schemas.vocabulary import DataCategory, Rating


class MessageItem(Frozen):
    """One item of a message and the end that it came to."""

    kind: str
    end_state: str


class MessageFate(Frozen):
    """What became of a message."""

    id: str
    feed: str
    received_at: Instant
    fate: str
    problem: dict[str, str] | None
    items: tuple[MessageItem, ...]


class MailboxMessage(Frozen):
    """An envelope in a mailbox."""

    id: str
    headers: dict[str, str]
    body: str


class MailboxPage(Frozen):
    """What waits, oldest first."""

    messages: tuple[MailboxMessage, ...]


class DisclosureTaken(Frozen):
    """An answer that was taken."""

    id: str
    request: str
    state: str


class KeysTaken(Frozen):
    """An agency's keys in force; ``retired`` signing keys verify only, ``clients`` are those whose keys changed."""

    agency: str
    signing_keys: tuple[str, ...]
    retired: tuple[str, ...]
    clients: tuple[str, ...]


class PersonAdded(Frozen):
    """A person now on the case."""

    person: str


class RedatedRequest(Frozen):
    """A request that is due earlier now."""

    request: str
    due_at: Instant


class RatingGiven(Frozen):
    """What a rating did."""

    rating: Rating
    previous: Rating | None
    due_at: Instant
    redated: tuple[RedatedRequest, ...]


class ProposalShown(Frozen):
    """Whom the rules would ask, and why."""

    agency: str
    recipient: str
    persons: tuple[str, ...]
    categories: tuple[DataCategory, ...]
    because: str


class Proposals(Frozen):
    """Proposals and no more: a manager asks."""

    proposals: tuple[ProposalShown, ...]


class RequestMade(Frozen):
    """A request on its way."""

    id: str
    agency: str
    due_at: Instant


class RequestsMade(Frozen):
    """Requests on their way."""

    requests: tuple[RequestMade, ...]


class DecisionMade(Frozen):
    """A decision, by its name."""

    decision: str


class ProductMade(Frozen):
    """A product on its way."""

    product: str
    version: int
    envelope: str


class FeedbackSent(Frozen):
    """One referrer told; without an envelope where it has no recipient, to be told by other means."""

    message: str
    recipient: str
    envelope: str | None


class FeedbackMade(Frozen):
    """The referrers told."""

    feedback: tuple[FeedbackSent, ...]


class EnvelopeNamed(Frozen):
    """An envelope, by its name."""

    envelope: str


class FeedShown(Frozen):
    """A feed's reconciliation: received = accepted + duplicate + quarantined + refused."""

    feed: str
    agency: str
    adapter: str
    received: int
    accepted: int
    duplicate: int
    quarantined: int
    refused: int
    items: int
    referral: int
    refreshed: int
    no_concern: int
    reconciled: bool


class FeedsShown(Frozen):
    """Every feed."""

    feeds: tuple[FeedShown, ...]


class QuarantinedMessage(Frozen):
    """A message in quarantine: structure and reason, never content."""

    id: str
    feed: str
    adapter: str
    received_at: Instant
    code: str
    at: str
    conflict_with: str | None


class Quarantine(Frozen):
    """A page of what waits in quarantine, oldest first. ``next`` is where the next page goes on (``after``)."""

    messages: tuple[QuarantinedMessage, ...]
    next: str | None = None


class ItemOutline(Frozen):
    """The structure of an item and nothing that it says: its canonical fields, and the end that it would come to."""

    kind: str
    end_state: str
    fields: tuple[str, ...]
    unmapped: int
    quality: tuple[str, ...]


class ReplayShown(Frozen):
    """What a replay did, or would do. ``was_code`` and ``was_at`` are the reason before; ``seen`` is for a dry run."""

    message: str
    feed: str
    was_code: str
    was_at: str
    was_version: str
    fate: str
    code: str
    at: str
    items: int
    dry_run: bool
    seen: tuple[ItemOutline, ...] = ()


class ReplayPreview(Frozen):
    """What would become of the first messages of a choice; ``count`` is how many were chosen."""

    count: int
    messages: tuple[ReplayShown, ...]


class BulkReplayShown(Frozen):
    """A replay of several messages: who proposed and approved it, and how far it is. Times in UTC."""

    id: str
    digest: str
    count: int
    waiting: int
    outcomes: dict[str, int]
    proposed_by: str
    proposed_at: Instant
    expires_at: Instant
    approved_by: str | None
    approved_at: Instant | None


class BulkReplays(Frozen):
    """The replays that were proposed last, the newest first."""

    replays: tuple[BulkReplayShown, ...]


class ReplayedMessage(Frozen):
    """One message of a replay. ``outcome`` is empty while it waits."""

    message: str
    outcome: str
    code: str


class BulkReplayWhole(Frozen):
    """A replay with its messages in order: what is approved by its digest."""

    replay: BulkReplayShown
    messages: tuple[ReplayedMessage, ...]


class GlassShown(Frozen):
    """A manager's look into a case that is not theirs; it ends at ``until`` or with its review."""

    id: str
    referral: str
    by: str
    at: Instant
    until: Instant
    reason: str | None = None


class GlassesShown(Frozen):
    """What waits for a review, oldest first."""

    break_glass: tuple[GlassShown, ...]


class SecurityAlarmShown(Frozen):
    """An alarm on how the hub is used; ``subject`` is who or what it is about."""

    id: str
    kind: str
    referral: str | None
    subject: str
    raised_at: Instant


class SecurityAlarms(Frozen):
    """Those that stand, oldest first."""

    alarms: tuple[SecurityAlarmShown, ...]


class CheckpointShown(Frozen):
    """The log's latest signed checkpoint."""

    size: int
    checkpoint: str


class CosignedShown(Frozen):
    """A checkpoint with its witnesses' lines, and the proof that the tree of ``begins`` leaves begins it."""

    size: int
    checkpoint: str
    begins: int
    consistency: tuple[str, ...]


class EntryShown(Frozen):
    """An entry of the log: an event, no contents."""

    id: str
    index: int | None
    event: str
    at: Instant
    actor: str
    referral: str | None
    subject: str | None
    detail: dict[str, Any]


class Entries(Frozen):
    """Entries of the log."""

    entries: tuple[EntryShown, ...]


class AgencyShown(Frozen):
    """An agency and its standing."""

    id: str
    name: str
    status: str
    clients: tuple[str, ...]


class AgenciesShown(Frozen):
    """Every agency of the hub."""

    agencies: tuple[AgencyShown, ...]


class Jwks(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, str]]
