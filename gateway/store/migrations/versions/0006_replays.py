"""Replays of more than one message, which take two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _to(column: str, target: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(name), deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_proposed_at"), "replays", ["proposed_at"])
    op.create_table(
        "replay_messages",
        sa.Column("replay_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String()),
        sa.Column("code", sa.String()),
        sa.PrimaryKeyConstraint("replay_id", "position", name=op.f("pk_replay_messages")),
        _to("replay_id", "replays.id", "fk_replay_messages_replay_id"),
        _to("message_id", "messages.id", "fk_replay_messages_message_id"),
    )


def downgrade() -> None:
    op.drop_table("replay_messages")
    op.drop_table("replays")
