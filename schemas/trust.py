"""The trust list: who takes part in a hub and by which keys, as the hub's officers signed it.

Times are NumericDate seconds. Keys are public JWKs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import Frozen
from schemas.section import Slug
from schemas.vocabulary import Role

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Jwk = dict[str, str]


class TrustedOfficer(Frozen):
    """An officer of the hub, by post and not by person, and the key that signs for it."""

    id: Slug
    key: Jwk


class TrustedKey(Frozen):
    """A key that an agency signs with: ``active``, or ``verify_only`` once it was replaced."""

    key: Jwk
    state: Literal["active", "verify_only"]


class TrustedClient(Frozen):
    """A system of an agency: its keys, what it may do, and in which role it reads."""

    client_id: Text
    recipient: Slug | None
    role: Role | None
    grants: Annotated[tuple[Text, ...], Field(max_length=8)]
    authentication_key: Jwk
    dpop_jkt: Text
    encryption_key: Jwk | None
    channel: Text
    amqp_user: Text | None
    tls_subject: Text | None
    state: Literal["active", "withdrawn"]


class TrustedAgency(Frozen):
    """An agency's standing, keys and clients. ``signed_at`` is when the agency signed them."""

    id: Slug
    status: Literal["active", "suspended"]
    signed_at: Seconds | None
    signing_keys: Annotated[tuple[TrustedKey, ...], Field(max_length=200)]
    clients: Annotated[tuple[TrustedClient, ...], Field(max_length=200)]


class TrustList(Frozen):
    """One version. ``previous`` is the digest of the payload before it, ``base`` that of what it was drawn up on.

    ``people`` says which claim of the sign-in provider makes somebody what.
    """

    hub: Slug
    version: Annotated[int, Field(ge=1, le=2**53)]
    previous: Digest | None
    base: Digest
    iat: Seconds
    exp: Seconds
    threshold: Annotated[int, Field(ge=1, le=20)]
    officers: Annotated[tuple[TrustedOfficer, ...], Field(min_length=1, max_length=20)]
    people: dict[str, Role]
    agencies: Annotated[tuple[TrustedAgency, ...], Field(max_length=200)]
