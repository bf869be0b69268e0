"""Tables of who is enrolled."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of

agencies = Table(
    "agencies",
    metadata,
    Column("id", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("signed_at", Instant),
)

agency_keys = Table(
    "agency_keys",
    metadata,
    of("agency", "agencies.id", primary_key=True),
    Column("kid", String, primary_key=True),
    Column("jwk", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", String, primary_key=True),
    of("agency", "agencies.id"),
    Column("recipient", String),
    Column("role", String),
    Column("grants", Names, nullable=False),
    Column("authentication_jwk", Text, nullable=False),
    Column("dpop_jkt", String, nullable=False),
    Column("encryption_jwk", Text),
    Column("channel", String, nullable=False),
    Column("amqp_user", String),
    Column("state", String, nullable=False),
    Column("former_jkt", String),
    Column("former_until", Instant),
    Column("tls_subject", String),
    # One system opens what one recipient is sent: a second would make a release ambiguous.
    UniqueConstraint("agency", "recipient"),
    UniqueConstraint("amqp_user"),
    Index("ix_clients_dpop_jkt", "dpop_jkt"),
)

trust_lists = Table(
    "trust_lists",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("applied_by", String, nullable=False),
)
