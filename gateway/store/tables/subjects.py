"""Tables of what data subjects asked for: to see what is held on them, and to have it corrected."""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of

access_requests = Table(
    "access_requests",
    metadata,
    Column("id", String, primary_key=True),
    of("person_id", "persons.id"),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    # Referrals that those who ask and approve leave out.
    Column("left_out", Names, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Instant),
    Index("ix_access_requests_person_id", "person_id"),
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", String, primary_key=True),
    of("person_id", "persons.id"),
    Column("kind", String, nullable=False),
    # What it is beside: a field of the person, or a group of a disclosure by its digest.
    Column("field", String, nullable=False),
    of("disclosure_id", "disclosures.id", nullable=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_annotations_person_id_at", "person_id", "at"),
    Index("ix_annotations_disclosure_id", "disclosure_id"),
)
