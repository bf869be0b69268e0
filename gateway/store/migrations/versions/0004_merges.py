"""Merges of persons, and whose record a person's gave way to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant, Names

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _of(name: str, target: str) -> sa.ForeignKeyConstraint:
    told = op.f(f"fk_merges_{name}")
    return sa.ForeignKeyConstraint([name], [target], name=told, deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    op.add_column("persons", sa.Column("merged_into", sa.String()))
    op.create_table(
        "merges",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "message_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", "place")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "state", "because")),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("surviving_id", "prior_id")),
        *(sa.Column(name, Names(), nullable=False) for name in ("moved", "shared")),
        sa.Column("before_sealed", sa.LargeBinary()),
        _of("message_id", "messages.id"),
        _of("surviving_id", "persons.id"),
        _of("prior_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sa.UniqueConstraint("message_id", "position", "place", name=op.f("uq_merges_message_id_position_place")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(op.f("ix_merges_waiting"), "merges", ["at", "id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index(op.f("ix_merges_surviving_id"), "merges", ["surviving_id"])
    op.create_index(op.f("ix_merges_prior_id"), "merges", ["prior_id"])


def downgrade() -> None:
    op.drop_table("merges")
    op.drop_column("persons", "merged_into")
