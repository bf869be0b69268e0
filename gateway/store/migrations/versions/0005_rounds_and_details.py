"""Work that one process does at a time, and the details of thin messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _partial(name: str, column: str, condition: str) -> None:
    told = sa.text(condition)
    op.create_index(op.f(name), "details", [column], sqlite_where=told, postgresql_where=told)


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rounds")),
    )
    op.create_table(
        "details",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name], ["messages.id"], name=op.f(f"fk_details_{name}"), deferrable=True, initially="DEFERRED"
            )
            for name in ("message_id", "completed_by")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_details")),
    )
    _partial("ix_details_next_at", "next_at", "state = 'waiting'")
    _partial("ix_details_parked", "message_id", "state = 'parked'")
    _partial("ix_details_completed_by", "completed_by", "completed_by IS NOT NULL")


def downgrade() -> None:
    op.drop_table("details")
    op.drop_table("rounds")
