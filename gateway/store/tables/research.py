"""Tables of what research keeps: the traces of concerns, where they lead, and who asked to know whom."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of, where

traces = Table(
    "traces",
    metadata,
    of("item_id", "items.id", primary_key=True),
    Column("severity", Integer, nullable=False),
    Column("children", Names, nullable=False),
    Column("residents", Names, nullable=False),
    Column("others", Names, nullable=False),
    Column("alleged", Names, nullable=False),
    Column("looked_at", Instant),
    Index("ix_traces_waiting", "item_id", **where("looked_at IS NULL")),
)

trace_places = Table(
    "trace_places",
    metadata,
    Column("hash", String, primary_key=True),
    of("item_id", "items.id", primary_key=True),
    Column("kind", String, nullable=False),
    Index("ix_trace_places_item_id", "item_id"),
)

reidentifications = Table(
    "reidentifications",
    metadata,
    Column("id", String, primary_key=True),
    of("alert_id", "alerts.id"),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("until", Instant),
    Index("ix_reidentifications_alert_id", "alert_id"),
    Index("ix_reidentifications_waiting", "asked_at", "id", **where("approved_at IS NULL")),
)
