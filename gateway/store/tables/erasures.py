"""Tables of what may not be erased, and of what was proposed to be, approved, and erased."""

from sqlalchemy import Column, Integer, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

# Without foreign keys: both outlive what they tell of.
holds = Table(
    "holds",
    metadata,
    Column("referral_id", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("placed_at", Instant, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("referral_id", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("number", Integer),
    Column("done_at", Instant),
)
