"""Traces of concerns, their places, and re-identifications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant, Names

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("children", Names(), nullable=False),
        sa.Column("residents", Names(), nullable=False),
        sa.Column("others", Names(), nullable=False),
        sa.Column("alleged", Names(), nullable=False),
        sa.Column("looked_at", Instant()),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_traces_item_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_traces")),
    )
    waiting = sa.text("looked_at IS NULL")
    op.create_index("ix_traces_waiting", "traces", ["item_id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "trace_places",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_trace_places_item_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("hash", "item_id", name=op.f("pk_trace_places")),
    )
    op.create_index("ix_trace_places_item_id", "trace_places", ["item_id"])
    op.create_table(
        "reidentifications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", Instant()),
        sa.Column("until", Instant()),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
            name=op.f("fk_reidentifications_alert_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reidentifications")),
    )
    op.create_index("ix_reidentifications_alert_id", "reidentifications", ["alert_id"])
    unapproved = sa.text("approved_at IS NULL")
    op.create_index(
        "ix_reidentifications_waiting",
        "reidentifications",
        ["asked_at", "id"],
        sqlite_where=unapproved,
        postgresql_where=unapproved,
    )
    op.create_index("ix_alerts_raised_at_id", "alerts", ["raised_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_alerts_raised_at_id", "alerts")
    for table in ("reidentifications", "trace_places", "traces"):
        op.drop_table(table)
