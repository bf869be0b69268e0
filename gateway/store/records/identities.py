"""Who is enrolled: agencies, their signing keys, their clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AgencyRow:
    """One agency's standing with this hub. ``signed_at`` is when what is in force was signed; older is refused."""

    id: str
    status: str
    enrolled_at: datetime
    signed_at: datetime | None = None


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
    """One system of an agency. The JWKs are public, as JSON text; ``dpop_jkt`` is a thumbprint (RFC 7638).

    ``former_jkt`` is the key that the agency itself replaced: until ``former_until`` it opens what was sealed for it.
    ``tls_subject`` is the name in the certificate of a client that shows one (RFC 8705), such as ``san_dns:HOST``.
    """

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
    former_jkt: str | None = None
    former_until: datetime | None = None
    tls_subject: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustListRow:
    """A trust list that was applied: the signed ``document`` (JSON text), its payload's ``digest`` (SHA-256, hex)."""

    version: int
    digest: str
    document: str
    applied_at: datetime
    applied_by: str
