"""Tables of what may not be erased, and of what is due to be, was proposed to be, approved, and erased."""

from sqlalchemy import Column, Index, Integer, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, where

# Without foreign keys: they outlive what they tell of. A subject is a referral, or a message that belongs to none.
holds = Table(
    "holds",
    metadata,
    Column("subject", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("placed_at", Instant, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("subject", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("number", Integer),
    Column("done_at", Instant),
    # Those that were proposed as one list, and are approved as one.
    Column("bulk", String),
    Index("ix_erasures_bulk", "bulk", **where("bulk IS NOT NULL")),
)

due = Table(
    "due",
    metadata,
    Column("subject", String, primary_key=True),
    Column("retention_class", String, nullable=False),
    Column("found_at", Instant, nullable=False),
)
