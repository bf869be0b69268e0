"""Reasons of acts in a case; what is due to be erased, and erasures of messages beside those of referrals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


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
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referrals.id"],
            name=op.f("fk_reasons_referral_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
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


def downgrade() -> None:
    op.drop_table("due")
    op.drop_index(op.f("ix_erasures_bulk"), "erasures")
    op.drop_column("erasures", "bulk")
    for table in ("holds", "erasures"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN subject TO referral_id")
    op.drop_table("reasons")
