"""The console's sessions, drafts and forms that were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_sessions")),
    )
    op.create_index(op.f("ix_console_sessions_ends_at"), "console_sessions", ["ends_at"])
    op.create_table(
        "console_drafts",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "path", name=op.f("pk_console_drafts")),
        sa.UniqueConstraint("id", name=op.f("uq_console_drafts_id")),
    )
    op.create_index(op.f("ix_console_drafts_saved_at"), "console_drafts", ["saved_at"])
    op.create_table(
        "console_submissions",
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("location", sa.String()),
        sa.Column("notice", sa.String()),
        sa.PrimaryKeyConstraint("form", name=op.f("pk_console_submissions")),
    )
    op.create_index(op.f("ix_console_submissions_at"), "console_submissions", ["at"])


def downgrade() -> None:
    op.drop_table("console_submissions")
    op.drop_table("console_drafts")
    op.drop_table("console_sessions")
