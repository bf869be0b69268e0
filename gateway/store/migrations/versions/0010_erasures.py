"""Legal holds and erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_holds")),
    )
    op.create_table(
        "erasures",
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", Instant()),
        sa.Column("number", sa.Integer()),
        sa.Column("done_at", Instant()),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("holds")
