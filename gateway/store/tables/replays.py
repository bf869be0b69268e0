"""Tables of replays of more than one message: proposed by one person, approved by another, gone through in batches."""

from sqlalchemy import Column, Index, Integer, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, of

replays = Table(
    "replays",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Index("ix_replays_proposed_at", "proposed_at"),
)

replay_messages = Table(
    "replay_messages",
    metadata,
    of("replay_id", "replays.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    of("message_id", "messages.id"),
    Column("outcome", String),
    Column("code", String),
)
