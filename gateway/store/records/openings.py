"""What a batch of openings reads and writes: each thing without what an opening has no use for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Openable:
    """An envelope as its opening sees it: all of ``EnvelopeRecord`` but what was sent."""

    id: str
    kind: str
    recipient: str
    agency: str
    referral_id: str | None
    subject: str
    state: str
    scope: str
    token_jti: str
    token_expires_at: datetime
    wrapped_key: bytes | None
    binding: bytes
    policy: bytes
    policy_digest: str
    body_digest: str
    request_digest: str | None
    released_at: datetime | None
    released_to: str | None
    release: bytes | None
    release_until: datetime | None
    entry_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """How far the request or product that an envelope brings has come; ``version`` of a request alone."""

    id: str
    state: str
    version: int = 0
    delivered_at: datetime | None = None
