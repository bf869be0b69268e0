"""Reminders of requests, escalations of alarms, and the configurations that a hub had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _of(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"), deferrable=True, initially="DEFERRED"
    )


def upgrade() -> None:
    op.create_table(
        "chases",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "number", name=op.f("pk_chases")),
        _of("chases", "request_id", "requests"),
    )
    op.create_table(
        "escalations",
        sa.Column("alarm_id", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("alarm_id", "level", name=op.f("pk_escalations")),
        _of("escalations", "alarm_id", "alarms"),
    )
    op.create_table(
        "configurations",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_configurations")),
    )


def downgrade() -> None:
    op.drop_table("configurations")
    op.drop_table("escalations")
    op.drop_table("chases")
