"""When a key's present state began, and which key of the hub an answer came sealed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("keys", sa.Column("changed_at", Instant()))
    op.add_column("disclosures", sa.Column("sealed_to", sa.String()))


def downgrade() -> None:
    op.drop_column("disclosures", "sealed_to")
    op.drop_column("keys", "changed_at")
