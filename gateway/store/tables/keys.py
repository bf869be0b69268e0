"""Tables of wrapped keys."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata

scopes = Table(
    "scopes",
    metadata,
    Column("id", String, primary_key=True),
    Column("kek_version", Integer, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
    Index("ix_scopes_kek_version_created_at_id", "kek_version", "created_at", "id"),
)

keys = Table(
    "keys",
    metadata,
    Column("kid", String, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("promoted_at", Instant),
    Column("retired_at", Instant),
    Column("revoked_at", Instant),
    Column("public", Text),
    Column("wrapped", LargeBinary),
    Column("changed_at", Instant),
    UniqueConstraint("purpose", "version"),
)
