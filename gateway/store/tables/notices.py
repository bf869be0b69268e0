"""The table of arrivals that are still to be announced. It is narrow, and what was confirmed is deleted."""

from sqlalchemy import Column, Index, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

# Without a reference to its message: a notice is a hint, written and deleted with every message on the hot path.
notices = Table(
    "notices",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("claimed_by", String, nullable=False),
    Column("next_at", Instant, nullable=False),
    Index("ix_notices_next_at", "next_at"),
)
