"""What the hub's own systems are told of an arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeRecord:
    """That a message was kept: opaque ids and no content.

    ``id`` is the message's; ``kind`` is ``accepted`` or ``quarantined``; ``subject`` is the referral that it reached,
    or empty. Until ``next_at`` it is ``claimed_by``'s to publish, afterwards anybody's.
    """

    id: str
    kind: str
    subject: str
    at: datetime
    claimed_by: str
    next_at: datetime
