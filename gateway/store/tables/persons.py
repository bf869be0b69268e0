"""Tables of whom the hub knows."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of, where

persons = Table(
    "persons",
    metadata,
    Column("id", String, primary_key=True),
    Column("scope", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Whose record this one gave way to. It stays as it was then, and no term leads to it.
    Column("merged_into", String),
)

person_terms = Table(
    "person_terms",
    metadata,
    # The hash leads: terms are looked up by hash, on the path of every notification.
    Column("hash", String, primary_key=True),
    of("person_id", "persons.id", primary_key=True),
    Column("kind", String, primary_key=True),
)

person_blocks = Table(
    "person_blocks",
    metadata,
    # As terms; shared by many, and read up to a bound.
    Column("hash", String, primary_key=True),
    of("person_id", "persons.id", primary_key=True),
    Index("ix_person_blocks_person_id", "person_id"),
)

links = Table(
    "links",
    metadata,
    of("item_id", "items.id", primary_key=True),
    Column("ref", String, primary_key=True),
    of("person_id", "persons.id"),
    Column("how", String, nullable=False),
    Column("weight", Integer),
    Column("at", Instant, nullable=False),
    Column("doubts", Names, nullable=False),
    Column("decided_by", String),
    Column("sealed", LargeBinary),
    # What taking it back needs: the person's record as it was.
    Column("before_sealed", LargeBinary),
    Index("ix_links_person_id", "person_id"),
)

recalls = Table(
    "recalls",
    metadata,
    Column("id", String, primary_key=True),
    Column("subject", String, nullable=False),
    of("kept_id", "persons.id"),
    of("restored_id", "persons.id"),
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("referrals", Names, nullable=False),
    Column("revoked", Names, nullable=False),
    Column("opened", Names, nullable=False),
    Column("notices", Names, nullable=False),
    Column("looked", Names, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_recalls_kept_id", "kept_id"),
    Index("ix_recalls_restored_id", "restored_id"),
)

merges = Table(
    "merges",
    metadata,
    Column("id", String, primary_key=True),
    of("message_id", "messages.id"),
    Column("position", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("because", String, nullable=False),
    Column("at", Instant, nullable=False),
    of("surviving_id", "persons.id", nullable=True),
    of("prior_id", "persons.id", nullable=True),
    # What taking it back needs: the referrals that went over, what named both before, and the record as it was.
    Column("moved", Names, nullable=False),
    Column("shared", Names, nullable=False),
    Column("before_sealed", LargeBinary),
    UniqueConstraint("message_id", "position", "place"),
    Index("ix_merges_waiting", "at", "id", **where("state = 'waiting'")),
    Index("ix_merges_surviving_id", "surviving_id"),
    Index("ix_merges_prior_id", "prior_id"),
)
