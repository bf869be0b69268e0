"""The Authorization header of NHS MESH: who asks, once, at this minute, without telling the password.

Source: NHS England, Message Exchange for Social Care and Health API 2, "Authorization header" (scheme NHSMESH).
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

SCHEME = "NHSMESH"


def authorization(mailbox: str, password: str, shared_key: bytes, *, nonce: str, count: int, now: datetime) -> str:
    """``NHSMESH mailbox:nonce:count:time:HMAC``. ``now`` is aware; a nonce and its count go together once only."""
    stamp = now.astimezone(UTC).strftime("%Y%m%d%H%M")
    secret = f"{mailbox}:{nonce}:{count}:{password}:{stamp}"
    code = hmac.digest(shared_key, secret.encode(), "sha256").hex()
    return f"{SCHEME} {mailbox}:{nonce}:{count}:{stamp}:{code}"
