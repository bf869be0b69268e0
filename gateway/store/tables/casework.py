"""Tables of what people and software wrote into a case."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from gateway.store.columns import Instant, Names
from gateway.store.tables.metadata import metadata, of, where

screenings = Table(
    "screenings",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_screenings_referral_id_at", "referral_id", "at"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("rating", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_suggestions_referral_id_at", "referral_id", "at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("rating", String, nullable=False),
    Column("previous", String),
    Column("threshold", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("relaxed", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_ratings_referral_id_at", "referral_id", "at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("evidence", Names, nullable=False),
    Column("missing", Names, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_decisions_referral_id_at", "referral_id", "at"),
)

feedbacks = Table(
    "feedbacks",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    of("message_id", "messages.id"),
    Column("recipient", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    of("envelope_id", "envelopes.id", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_feedbacks_referral_id_at", "referral_id", "at"),
)

reasons = Table(
    "reasons",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_reasons_referral_id_at", "referral_id", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    of("person_id", "persons.id"),
    Column("kind", String, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("evidence", Names, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # The same pattern found again is no second alert; one more notification in it is.
    UniqueConstraint("referral_id", "person_id", "kind", "count"),
    Index("ix_alerts_raised_at_id", "raised_at", "id"),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    of("referral_id", "referrals.id", nullable=True),
    Column("subject", String, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Index("ix_alarms_referral_id", "referral_id"),
)
break_glasses = Table(
    "break_glasses",
    metadata,
    Column("id", String, primary_key=True),
    of("referral_id", "referrals.id"),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("until", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("reviewed_at", Instant),
    Column("reviewed_by", String),
    Column("finding", String),
    Column("review_sealed", LargeBinary),
    Index("ix_break_glasses_referral_id_at", "referral_id", "at"),
    Index("ix_break_glasses_unreviewed", "at", **where("reviewed_at IS NULL")),
)

Index(
    "uq_alarms_standing",
    alarms.c.kind,
    alarms.c.subject,
    unique=True,
    sqlite_where=alarms.c.cleared_at.is_(None),
    postgresql_where=alarms.c.cleared_at.is_(None),
)
