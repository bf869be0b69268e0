"""Tables that the hub keeps for itself: what it has seen once, its settings' traces, its configurations."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

seen = Table(
    "seen",
    metadata,
    Column("kind", String, primary_key=True),
    Column("value_hash", String, primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("ix_seen_expires_at", "expires_at"),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("text", Text, nullable=False),
)

configurations = Table(
    "configurations",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)
