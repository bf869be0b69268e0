"""Indexes that every message pays for: fewer, partial where most messages have nothing to say, growing at one end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _partial(name: str, table: str, columns: str, condition: str) -> None:
    told = sa.text(condition)
    op.create_index(op.f(name), table, columns.split(), sqlite_where=told, postgresql_where=told)


def upgrade() -> None:
    op.drop_index(op.f("ix_messages_feed_digest"), "messages")
    op.drop_index(op.f("ix_messages_fate_received_at"), "messages")
    _partial("ix_messages_quarantined", "messages", "received_at id", "fate = 'quarantined'")
    op.drop_index(op.f("ix_items_end_state"), "items")
    op.drop_index(op.f("ix_items_referral_id"), "items")
    _partial("ix_items_referral_id", "items", "referral_id", "referral_id IS NOT NULL")
    op.drop_index(op.f("ix_log_entries_referral_id_at"), "log_entries")
    _partial("ix_log_entries_referral_id_at", "log_entries", "referral_id at", "referral_id IS NOT NULL")
    op.drop_index(op.f("ix_scopes_kek_version_id"), "scopes")
    op.create_index(op.f("ix_scopes_kek_version_created_at_id"), "scopes", ["kek_version", "created_at", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_scopes_kek_version_created_at_id"), "scopes")
    op.create_index(op.f("ix_scopes_kek_version_id"), "scopes", ["kek_version", "id"])
    op.drop_index(op.f("ix_log_entries_referral_id_at"), "log_entries")
    op.create_index(op.f("ix_log_entries_referral_id_at"), "log_entries", ["referral_id", "at"])
    op.drop_index(op.f("ix_items_referral_id"), "items")
    op.create_index(op.f("ix_items_referral_id"), "items", ["referral_id"])
    op.create_index(op.f("ix_items_end_state"), "items", ["end_state"])
    op.drop_index(op.f("ix_messages_quarantined"), "messages")
    op.create_index(op.f("ix_messages_fate_received_at"), "messages", ["fate", "received_at"])
    op.create_index(op.f("ix_messages_feed_digest"), "messages", ["feed", "digest"])
