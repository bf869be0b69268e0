"""Looks into cases of others, with their reviews; an index of what was opened; cosignatures of witnesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPENED = "event IN ('disclosure.viewed', 'envelope.opened', 'referral.viewed')"


def _partial(name: str, table: str, condition: str) -> None:
    told = sa.text(condition)
    op.create_index(op.f(name), table, ["at"], sqlite_where=told, postgresql_where=told)


def upgrade() -> None:
    op.create_table(
        "break_glasses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reviewed_at", Instant()),
        sa.Column("reviewed_by", sa.String()),
        sa.Column("finding", sa.String()),
        sa.Column("review_sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glasses")),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referrals.id"],
            name=op.f("fk_break_glasses_referral_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index(op.f("ix_break_glasses_referral_id_at"), "break_glasses", ["referral_id", "at"])
    _partial("ix_break_glasses_unreviewed", "break_glasses", "reviewed_at IS NULL")
    op.create_table(
        "log_cosignatures",
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("witness", "size", name=op.f("pk_log_cosignatures")),
    )
    _partial("ix_log_entries_opened_at", "log_entries", _OPENED)


def downgrade() -> None:
    op.drop_index(op.f("ix_log_entries_opened_at"), "log_entries")
    op.drop_table("log_cosignatures")
    op.drop_table("break_glasses")
