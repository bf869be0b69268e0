"""The marks of handling of each item, beside its sealed words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Names

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of items from before, the marks stay in their sealed words: whoever opens those reads them there.
    op.add_column("items", sa.Column("handling", Names(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("items", "handling")
