"""Reasons of acts in a case; what is due to be erased, erasures of messages too; what data subjects asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant, Names

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    op.create_table(
        "reasons",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasons")),
        _of("reasons", "referral_id", "referrals.id"),
    )
    op.create_index(op.f("ix_reasons_referral_id_at"), "reasons", ["referral_id", "at"])
    for table in ("holds", "erasures"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN referral_id TO subject")
    op.add_column("erasures", sa.Column("bulk", sa.String()))
    named = sa.text("bulk IS NOT NULL")
    op.create_index(op.f("ix_erasures_bulk"), "erasures", ["bulk"], sqlite_where=named, postgresql_where=named)
    op.create_table(
        "due",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("retention_class", sa.String(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_due")),
    )
    op.create_table(
        "access_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("left_out", Names(), nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        _of("access_requests", "person_id", "persons.id"),
    )
    op.create_index(op.f("ix_access_requests_person_id"), "access_requests", ["person_id"])
    op.create_table(
        "annotations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("disclosure_id", sa.String()),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotations")),
        _of("annotations", "person_id", "persons.id"),
        _of("annotations", "disclosure_id", "disclosures.id"),
    )
    op.create_index(op.f("ix_annotations_person_id_at"), "annotations", ["person_id", "at"])
    op.create_index(op.f("ix_annotations_disclosure_id"), "annotations", ["disclosure_id"])


def downgrade() -> None:
    op.drop_table("annotations")
    op.drop_table("access_requests")
    op.drop_table("due")
    op.drop_index(op.f("ix_erasures_bulk"), "erasures")
    op.drop_column("erasures", "bulk")
    for table in ("holds", "erasures"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN subject TO referral_id")
    op.drop_table("reasons")
