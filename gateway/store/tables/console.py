"""Tables of the console: who is signed in, what they typed and have not sent, which forms were sent."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

console_sessions = Table(
    "console_sessions",
    metadata,
    # The hash of what the browser holds: whoever reads this table can't take a session over.
    Column("id", String, primary_key=True),
    Column("subject", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("scope", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_console_sessions_ends_at", "ends_at"),
)

console_drafts = Table(
    "console_drafts",
    metadata,
    Column("subject", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("scope", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("id"),
    Index("ix_console_drafts_saved_at", "saved_at"),
)

console_submissions = Table(
    "console_submissions",
    metadata,
    Column("form", String, primary_key=True),
    Column("session", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("location", String),
    Column("notice", String),
    Index("ix_console_submissions_at", "at"),
)
