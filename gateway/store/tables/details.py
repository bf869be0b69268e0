"""The table of thin messages whose detail is asked for. Where it stands is in the message itself, sealed."""

from sqlalchemy import Column, Index, Integer, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, of, where

details = Table(
    "details",
    metadata,
    of("message_id", "messages.id", primary_key=True),
    Column("feed", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("claimed_by", String),
    of("completed_by", "messages.id", nullable=True),
    Index("ix_details_next_at", "next_at", **where("state = 'waiting'")),
    Index("ix_details_parked", "message_id", **where("state = 'parked'")),
    Index("ix_details_completed_by", "completed_by", **where("completed_by IS NOT NULL")),
)
