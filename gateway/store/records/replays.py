"""A replay of more than one message, and what became of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayRecord:
    """A proposal, and its approval once there is one. ``digest`` is of the list of messages: what is approved."""

    id: str
    digest: str
    count: int
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayMessage:
    """One message of a replay, in its place. ``outcome`` is None until it has been through; ``code`` says why."""

    replay_id: str
    position: int
    message_id: str
    outcome: str | None = None
    code: str | None = None
