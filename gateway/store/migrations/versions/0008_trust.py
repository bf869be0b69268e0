"""Keys that agencies prove and replace themselves, certificates of clients, and trust lists that officers signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agencies", sa.Column("signed_at", Instant()))
    op.add_column("clients", sa.Column("former_jkt", sa.String()))
    op.add_column("clients", sa.Column("former_until", Instant()))
    op.add_column("clients", sa.Column("tls_subject", sa.String()))
    op.create_table(
        "trust_lists",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_trust_lists")),
    )


def downgrade() -> None:
    op.drop_table("trust_lists")
    with op.batch_alter_table("clients") as clients:
        for name in ("tls_subject", "former_until", "former_jkt"):
            clients.drop_column(name)
    with op.batch_alter_table("agencies") as agencies:
        agencies.drop_column("signed_at")
