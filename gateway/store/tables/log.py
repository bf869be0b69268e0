"""Tables of the tamper-evident log."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, where

OPENED_EVENTS = "event IN ('disclosure.viewed', 'envelope.opened', 'referral.viewed')"
"""The events by which somebody came to see contents."""

# The log refers to other things by their ids, without foreign keys: an entry outlives what it tells of.
log_entries = Table(
    "log_entries",
    metadata,
    Column("id", String, primary_key=True),
    Column("event", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("referral_id", String),
    Column("subject", String),
    Column("entry", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("position", BigInteger),
    UniqueConstraint("position"),
    # What somebody opened or viewed, for the alarm on those who open in bulk; every other entry pays nothing for it.
    Index("ix_log_entries_opened_at", "at", **where(OPENED_EVENTS)),
    Index("ix_log_entries_referral_id_at", "referral_id", "at", **where("referral_id IS NOT NULL")),
)
Index(
    "ix_log_entries_unsequenced",
    log_entries.c.at,
    log_entries.c.id,
    sqlite_where=log_entries.c.position.is_(None),
    postgresql_where=log_entries.c.position.is_(None),
)

log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

log_cosignatures = Table(
    "log_cosignatures",
    metadata,
    Column("witness", String, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    # BIGINT keeps SQLite from taking a lone INTEGER key for its own row number.
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
