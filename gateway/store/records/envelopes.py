"""Envelopes and the two ways they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EnvelopeState(StrEnum):
    """Where an envelope stands; only ``sealed`` leads to ``released``."""

    SEALED = "sealed"
    RELEASED = "released"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REPLACED = "replaced"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvelopeRecord:
    """One sealed envelope, its wrapped content key, and the single release.

    ``body`` is the compact JWE as text, in bytes. ``headers`` go with it on either channel. ``binding`` is the HMAC
    that ties ``wrapped_key`` to ``policy_digest``. ``released_to`` is the thumbprint of the DPoP key that redeemed the
    token; ``release`` the bytes it was given, to be repeated until ``release_until``. ``entry_id`` is the log entry of
    the opening. ``subject`` names what the envelope brings: a request, disclosure, product or feedback.
    """

    id: str
    kind: str
    recipient: str
    agency: str
    referral_id: str | None
    subject: str
    state: str
    scope: str
    body: bytes
    headers: Mapping[str, str]
    token_jti: str
    token_expires_at: datetime
    wrapped_key: bytes | None
    binding: bytes
    policy: bytes
    policy_digest: str
    body_digest: str
    request_digest: str | None
    created_at: datetime
    released_at: datetime | None = None
    released_to: str | None = None
    release: bytes | None = None
    release_until: datetime | None = None
    entry_id: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRecord:
    """An envelope on its way out by ``channel`` (``amqp`` or ``mailbox``).

    It may be claimed from ``next_at`` on; a claim counts ``attempts`` up and moves ``next_at`` to the end of its lease.
    With a ``parked_reason`` it waits for a person.
    """

    id: str
    envelope_id: str
    channel: str
    routing_key: str
    created_at: datetime
    next_at: datetime
    attempts: int = 0
    claimed_by: str | None = None
    parked_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxRecord:
    """An envelope (``id``) that waits for its recipient to fetch it, until it is acknowledged."""

    id: str
    recipient: str
    created_at: datetime
    acked_at: datetime | None = None
