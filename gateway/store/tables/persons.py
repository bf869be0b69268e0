"""Tables of whom the hub knows."""

from sqlalchemy import Column, LargeBinary, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, of

persons = Table(
    "persons",
    metadata,
    Column("id", String, primary_key=True),
    Column("scope", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

person_terms = Table(
    "person_terms",
    metadata,
    # The hash leads: terms are looked up by hash, on the path of every notification.
    Column("hash", String, primary_key=True),
    of("person_id", "persons.id", primary_key=True),
    Column("kind", String, primary_key=True),
)
