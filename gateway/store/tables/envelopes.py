"""Tables of envelopes and the two ways they leave."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Headers, Instant
from gateway.store.tables.metadata import metadata, of

envelopes = Table(
    "envelopes",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("agency", String, nullable=False),
    of("referral_id", "referrals.id", nullable=True),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", Headers, nullable=False),
    Column("token_jti", String, nullable=False),
    Column("token_expires_at", Instant, nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("binding", LargeBinary, nullable=False),
    Column("policy", LargeBinary, nullable=False),
    Column("policy_digest", String, nullable=False),
    Column("body_digest", String, nullable=False),
    Column("request_digest", String),
    Column("created_at", Instant, nullable=False),
    Column("released_at", Instant),
    Column("released_to", String),
    Column("release", LargeBinary),
    Column("release_until", Instant),
    of("entry_id", "log_entries.id", nullable=True),
    of("replaces", "envelopes.id", nullable=True),
    UniqueConstraint("token_jti"),
    Index("ix_envelopes_referral_id", "referral_id"),
    Index("ix_envelopes_subject", "subject"),
    Index("ix_envelopes_state_token_expires_at", "state", "token_expires_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String, primary_key=True),
    of("envelope_id", "envelopes.id"),
    Column("channel", String, nullable=False),
    Column("routing_key", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_by", String),
    Column("parked_reason", String),
    Index("ix_outbox_parked_reason_next_at", "parked_reason", "next_at"),
)

mailbox = Table(
    "mailbox",
    metadata,
    of("id", "envelopes.id", primary_key=True),
    Column("recipient", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("acked_at", Instant),
    Index("ix_mailbox_recipient_acked_at_created_at", "recipient", "acked_at", "created_at"),
)
