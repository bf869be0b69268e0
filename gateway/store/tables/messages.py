"""Tables of what came in."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of, where

messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("feed", String, nullable=False),
    Column("agency", String, nullable=False),
    Column("client", String),
    Column("adapter", String, nullable=False),
    Column("adapter_version", String, nullable=False),
    Column("native_hash", String),
    Column("digest", String, nullable=False),
    Column("fate", String, nullable=False),
    Column("reason_code", String),
    Column("reason_at", String),
    Column("received_at", Instant, nullable=False),
    Column("scope", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("answer_status", Integer, nullable=False),
    Column("answer_media_type", String, nullable=False),
    Column("answer_sealed", LargeBinary, nullable=False),
    of("conflict_with", "messages.id", nullable=True),
    UniqueConstraint("feed", "native_hash"),
    # The same conflicting bytes a second time are no second conflict.
    UniqueConstraint("conflict_with", "digest"),
    Index("ix_messages_feed_fate", "feed", "fate"),
    # What was accepted, nearly all of it, stands in none of the others.
    Index("ix_messages_quarantined", "received_at", "id", **where("fate = 'quarantined'")),
)

items = Table(
    "items",
    metadata,
    Column("id", String, primary_key=True),
    of("message_id", "messages.id"),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("end_state", String, nullable=False),
    of("referral_id", "referrals.id", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("event_at", Instant),
    # Marks of handling: who may read of these people is asked far more often than an item is opened.
    Column("handling", Names, nullable=False, server_default="[]"),
    UniqueConstraint("message_id", "position"),
    Index("ix_items_referral_id", "referral_id", **where("referral_id IS NOT NULL")),
)

item_persons = Table(
    "item_persons",
    metadata,
    of("item_id", "items.id", primary_key=True),
    of("person_id", "persons.id", primary_key=True),
    Index("ix_item_persons_person_id", "person_id"),
)

feed_counters = Table(
    "feed_counters",
    metadata,
    Column("feed", String, primary_key=True),
    Column("fate", String, primary_key=True),
    Column("count", Integer, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    Column("minute", Instant, primary_key=True),
    Column("feed", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("count", Integer, nullable=False),
)
