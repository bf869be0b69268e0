"""Arrivals that are still to be announced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "kind", "subject", "claimed_by")),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "next_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_next_at"), "notices", ["next_at"])


def downgrade() -> None:
    op.drop_table("notices")
