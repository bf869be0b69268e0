"""Tables of referrals and the persons on them."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, of

referrals = Table(
    "referrals",
    metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("rating", String),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("feedback_due_at", Instant, nullable=False),
    Column("scope", String, nullable=False),
    Column("child_unidentified", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("assigned_to", String),
    Column("closed_at", Instant),
    Column("reopened_at", Instant),
    of("linked_to", "referrals.id", nullable=True),
    Index("ix_referrals_received_at_id", "received_at", "id"),
    Index("ix_referrals_state_received_at", "state", "received_at"),
    Index("ix_referrals_closed_at_due_at", "closed_at", "due_at"),
)

referral_persons = Table(
    "referral_persons",
    metadata,
    of("referral_id", "referrals.id", primary_key=True),
    of("person_id", "persons.id", primary_key=True),
    Column("part", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", String, nullable=False),
    UniqueConstraint("referral_id", "ref"),
    Index("ix_referral_persons_person_id", "person_id"),
)
