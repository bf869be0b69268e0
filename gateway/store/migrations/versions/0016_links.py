"""Blocking keys of persons, links with their reasons, and recalls of what wrong ones disclosed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant, Names

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _of(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    told = op.f(f"fk_{table}_{name}")
    return sa.ForeignKeyConstraint([name], [target], name=told, deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    op.create_table(
        "person_blocks",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("hash", "person_id")),
        _of("person_blocks", "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("hash", "person_id", name=op.f("pk_person_blocks")),
    )
    op.create_index(op.f("ix_person_blocks_person_id"), "person_blocks", ["person_id"])
    op.create_table(
        "links",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("item_id", "ref", "person_id", "how")),
        sa.Column("weight", sa.Integer()),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("doubts", Names(), nullable=False),
        sa.Column("decided_by", sa.String()),
        *(sa.Column(name, sa.LargeBinary()) for name in ("sealed", "before_sealed")),
        _of("links", "item_id", "items.id"),
        _of("links", "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("item_id", "ref", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_person_id"), "links", ["person_id"])
    op.create_table(
        "recalls",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "subject", "kept_id", "restored_id")),
        *(sa.Column(name, Instant(), nullable=False) for name in ("since", "at")),
        sa.Column("by", sa.String(), nullable=False),
        *(sa.Column(name, Names(), nullable=False) for name in ("referrals", "revoked", "opened", "notices", "looked")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of("recalls", "kept_id", "persons.id"),
        _of("recalls", "restored_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    op.create_index(op.f("ix_recalls_kept_id"), "recalls", ["kept_id"])
    op.create_index(op.f("ix_recalls_restored_id"), "recalls", ["restored_id"])


def downgrade() -> None:
    for table in ("recalls", "links", "person_blocks"):
        op.drop_table(table)
