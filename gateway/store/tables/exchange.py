"""Tables of requests, disclosures, releases and products."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("agency", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("authorised_by", String, nullable=False),
    Column("pseudonym", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("closed_at", Instant),
    Index("ix_requests_referral_id", "referral_id"),
    Index("ix_requests_closed_at_due_at", "closed_at", "due_at"),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("id", String, primary_key=True),
    of("request_id", "requests.id"),
    of("referral_id", "referrals.id"),
    Column("agency", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("digest", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_to", String),
    UniqueConstraint("request_id", "digest"),
    Index("ix_disclosures_referral_id", "referral_id"),
)

releases = Table(
    "releases",
    metadata,
    Column("id", String, primary_key=True),
    of("disclosure_id", "disclosures.id"),
    Column("agency", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("digest", String, nullable=False),
    Column("audiences", Names, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("disclosure_id", "digest"),
)

products = Table(
    "products",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("version", Integer, nullable=False),
    Column("recipient", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String, nullable=False),
    of("envelope_id", "envelopes.id", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("delivered_at", Instant),
    Column("accepted_at", Instant),
    Column("accepted_by", String),
    Column("acted_at", Instant),
    Column("acceptance_sealed", LargeBinary),
    UniqueConstraint("referral_id", "recipient", "version"),
    Index("ix_products_accepted_at_created_at", "accepted_at", "created_at"),
)
