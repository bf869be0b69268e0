"""Keys at rest, always wrapped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeKey:
    """The key of one scope (a referral, say), wrapped under a version of the key-encryption key.

    ``wrapped`` is None once it was destroyed: what it sealed is then unreadable for good.
    """

    id: str
    kek_version: int
    wrapped: bytes | None
    created_at: datetime
    destroyed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """One of the hub's own keys. ``public`` is JSON text, None for symmetric keys; ``wrapped`` is under the master key.

    ``wrapped`` is None once the key was destroyed. ``changed_at`` is when its present state began, None of a key that
    did not change since the hub kept it.
    """

    kid: str
    purpose: str
    version: int
    state: str
    created_at: datetime
    published_at: datetime | None
    promoted_at: datetime | None
    retired_at: datetime | None
    revoked_at: datetime | None
    public: str | None
    wrapped: bytes | None
    changed_at: datetime | None = None
