"""The table of work that one process of a hub does at a time, whoever comes first."""

from sqlalchemy import Column, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

rounds = Table(
    "rounds",
    metadata,
    Column("name", String, primary_key=True),
    Column("claimed_by", String),
    Column("next_at", Instant, nullable=False),
)
