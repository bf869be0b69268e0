"""Who is enrolled: agencies, their signing keys, their clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AgencyRow:
    """One agency's standing with this hub."""

    id: str
    status: str
    enrolled_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AgencyKeyRow:
    """A key that an agency signs with. ``jwk`` is the public JWK as JSON text."""

    kid: str
    agency: str
    jwk: str
    state: str
    enrolled_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientRow:
    """One system of an agency. The JWKs are public, as JSON text; ``dpop_jkt`` is a thumbprint (RFC 7638)."""

    client_id: str
    agency: str
    recipient: str | None
    role: str | None
    grants: tuple[str, ...]
    authentication_jwk: str
    dpop_jkt: str
    encryption_jwk: str | None
    channel: str
    amqp_user: str | None
    state: str
