"""What goes between the hub and the owners of information, and what the hub makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRecord:
    """One information request to one agency. It is open while ``closed_at`` is None.

    ``digest`` is the base64url SHA-256 of the signed request; ``pseudonym`` is the referral's name for this agency.
    ``version`` is the optimistic lock: start at 1, ``save`` counts it up.
    """

    id: str
    referral_id: str
    agency: str
    recipient: str
    state: str
    created_at: datetime
    due_at: datetime
    authorised_by: str
    pseudonym: str
    digest: str
    sealed: bytes
    version: int = 1
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DisclosureRecord:
    """An owner's answer to a request. ``digest`` is that of the bytes as they came, so that the same is known again.

    ``sealed_to`` is the kid of the hub's key that it came sealed to; None where it came before the hub kept that.
    """

    id: str
    request_id: str
    referral_id: str
    agency: str
    decision: str
    received_at: datetime
    digest: str
    sealed: bytes
    sealed_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRecord:
    """An owner's later release of a disclosure's groups to more ``audiences``."""

    id: str
    disclosure_id: str
    agency: str
    received_at: datetime
    digest: str
    audiences: tuple[str, ...]
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductRecord:
    """One version of an information product for one recipient: delivered, accepted and acted on are three facts.

    ``accepted_by`` is the client or subject that called; the name it gave and what it will do are in
    ``acceptance_sealed``.
    """

    id: str
    referral_id: str
    version: int
    recipient: str
    state: str
    created_at: datetime
    created_by: str
    envelope_id: str | None
    sealed: bytes
    delivered_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    acted_at: datetime | None = None
    acceptance_sealed: bytes | None = None
