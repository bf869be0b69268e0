"""The first tables, in the order in which they refer to one another.

Types come from ``gateway.store.columns``, whose stored forms never change; all else is spelled out here. Names
stand in one text, with blanks between.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Headers, Instant, Names

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "persons person_terms referrals referral_persons messages items item_persons feed_counters refusals "
    "log_entries log_nodes log_checkpoints envelopes outbox mailbox requests disclosures releases "
    "products screenings suggestions ratings decisions feedbacks alerts alarms scopes keys agencies "
    "agency_keys clients seen settings"
)


def _columns(kind: type[Any], names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind(), nullable=False, autoincrement=False) for name in names.split()]


def _optional(kind: type[Any], names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind(), nullable=True) for name in names.split()]


def _table(name: str, *parts: sa.Column[Any] | sa.Constraint, key: str = "id") -> None:
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}")))


def _unique(table: str, names: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*names.split(), name=op.f(f"uq_{table}_{names.replace(' ', '_')}"))


def _refers(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    constraint = op.f(f"fk_{table}_{name}")
    return sa.ForeignKeyConstraint([name], [target], name=constraint, deferrable=True, initially="DEFERRED")


def _indexes(table: str, *indexes: str) -> None:
    for names in indexes:
        op.create_index(op.f(f"ix_{table}_{names.replace(' ', '_')}"), table, names.split())


def _index_where(index: str, table: str, names: str, *, where: str, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(
        op.f(index), table, names.split(), unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _persons_and_referrals() -> None:
    _table(
        "persons",
        *_columns(sa.String, "id scope"),
        *_columns(sa.LargeBinary, "sealed"),
        *_columns(Instant, "created_at updated_at"),
    )
    _table(
        "person_terms",
        *_columns(sa.String, "hash person_id kind"),
        _refers("person_terms", "person_id", "persons.id"),
        key="hash person_id kind",
    )
    _table(
        "referrals",
        *_columns(sa.String, "id state scope"),
        *_optional(sa.String, "rating assigned_to linked_to"),
        *_columns(Instant, "received_at feedback_due_at"),
        *_optional(Instant, "due_at closed_at reopened_at"),
        *_columns(sa.Boolean, "child_unidentified"),
        *_columns(sa.Integer, "version"),
        _refers("referrals", "linked_to", "referrals.id"),
    )
    _indexes("referrals", "closed_at due_at", "received_at id", "state received_at")
    _table(
        "referral_persons",
        *_columns(sa.String, "referral_id person_id part ref added_by"),
        *_columns(Instant, "added_at"),
        _refers("referral_persons", "referral_id", "referrals.id"),
        _refers("referral_persons", "person_id", "persons.id"),
        _unique("referral_persons", "referral_id ref"),
        key="referral_id person_id",
    )
    _indexes("referral_persons", "person_id")


def _messages() -> None:
    _table(
        "messages",
        *_columns(sa.String, "id feed agency adapter adapter_version digest fate scope answer_media_type"),
        *_optional(sa.String, "client native_hash reason_code reason_at conflict_with"),
        *_columns(Instant, "received_at"),
        *_columns(sa.LargeBinary, "sealed answer_sealed"),
        *_columns(sa.Integer, "answer_status"),
        _refers("messages", "conflict_with", "messages.id"),
        _unique("messages", "conflict_with digest"),
        _unique("messages", "feed native_hash"),
    )
    _indexes("messages", "fate received_at", "feed digest", "feed fate")
    _table(
        "items",
        *_columns(sa.String, "id message_id kind end_state"),
        *_columns(sa.Integer, "position"),
        *_optional(sa.String, "referral_id"),
        *_columns(sa.LargeBinary, "sealed"),
        *_optional(Instant, "event_at"),
        _refers("items", "message_id", "messages.id"),
        _refers("items", "referral_id", "referrals.id"),
        _unique("items", "message_id position"),
    )
    _indexes("items", "end_state", "referral_id")
    _table(
        "item_persons",
        *_columns(sa.String, "item_id person_id"),
        _refers("item_persons", "item_id", "items.id"),
        _refers("item_persons", "person_id", "persons.id"),
        key="item_id person_id",
    )
    _indexes("item_persons", "person_id")
    _table("feed_counters", *_columns(sa.String, "feed fate"), *_columns(sa.Integer, "count"), key="feed fate")
    _table(
        "refusals",
        *_columns(Instant, "minute"),
        *_columns(sa.String, "feed code"),
        *_columns(sa.Integer, "count"),
        key="minute feed code",
    )


def _log() -> None:
    _table(
        "log_entries",
        *_columns(sa.String, "id event actor"),
        *_columns(Instant, "at"),
        *_optional(sa.String, "referral_id subject"),
        *_columns(sa.LargeBinary, "entry salt commitment"),
        *_optional(sa.BigInteger, "position"),
        _unique("log_entries", "position"),
    )
    _index_where("ix_log_entries_unsequenced", "log_entries", "at id", where="position IS NULL", unique=False)
    _indexes("log_entries", "referral_id at")
    _table(
        "log_nodes",
        *_columns(sa.Integer, "level"),
        *_columns(sa.BigInteger, "index"),
        *_columns(sa.LargeBinary, "hash"),
        key="level index",
    )
    _table(
        "log_checkpoints",
        *_columns(sa.BigInteger, "size"),
        *_columns(sa.LargeBinary, "root"),
        *_columns(sa.Text, "note"),
        *_columns(Instant, "at"),
        key="size",
    )


def _envelopes() -> None:
    _table(
        "envelopes",
        *_columns(sa.String, "id kind recipient agency subject state scope token_jti policy_digest body_digest"),
        *_optional(sa.String, "referral_id request_digest released_to entry_id replaces"),
        *_columns(sa.LargeBinary, "body binding policy"),
        *_columns(Headers, "headers"),
        *_columns(Instant, "token_expires_at created_at"),
        *_optional(sa.LargeBinary, "wrapped_key release"),
        *_optional(Instant, "released_at release_until"),
        _refers("envelopes", "referral_id", "referrals.id"),
        _refers("envelopes", "entry_id", "log_entries.id"),
        _refers("envelopes", "replaces", "envelopes.id"),
        _unique("envelopes", "token_jti"),
    )
    _indexes("envelopes", "referral_id", "state token_expires_at", "subject")
    _table(
        "outbox",
        *_columns(sa.String, "id envelope_id channel routing_key"),
        *_columns(Instant, "created_at next_at"),
        *_columns(sa.Integer, "attempts"),
        *_optional(sa.String, "claimed_by parked_reason"),
        _refers("outbox", "envelope_id", "envelopes.id"),
    )
    _indexes("outbox", "parked_reason next_at")
    _table(
        "mailbox",
        *_columns(sa.String, "id recipient"),
        *_columns(Instant, "created_at"),
        *_optional(Instant, "acked_at"),
        _refers("mailbox", "id", "envelopes.id"),
    )
    _indexes("mailbox", "recipient acked_at created_at")


def _exchange() -> None:
    _table(
        "requests",
        *_columns(sa.String, "id referral_id agency recipient state authorised_by pseudonym digest"),
        *_columns(Instant, "created_at due_at"),
        *_columns(sa.LargeBinary, "sealed"),
        *_columns(sa.Integer, "version"),
        *_optional(Instant, "closed_at"),
        _refers("requests", "referral_id", "referrals.id"),
    )
    _indexes("requests", "closed_at due_at", "referral_id")
    _table(
        "disclosures",
        *_columns(sa.String, "id request_id referral_id agency decision digest"),
        *_columns(Instant, "received_at"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("disclosures", "request_id", "requests.id"),
        _refers("disclosures", "referral_id", "referrals.id"),
        _unique("disclosures", "request_id digest"),
    )
    _indexes("disclosures", "referral_id")
    _table(
        "releases",
        *_columns(sa.String, "id disclosure_id agency digest"),
        *_columns(Instant, "received_at"),
        *_columns(Names, "audiences"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("releases", "disclosure_id", "disclosures.id"),
        _unique("releases", "disclosure_id digest"),
    )
    _table(
        "products",
        *_columns(sa.String, "id referral_id recipient state created_by"),
        *_columns(sa.Integer, "version"),
        *_columns(Instant, "created_at"),
        *_optional(sa.String, "envelope_id accepted_by"),
        *_columns(sa.LargeBinary, "sealed"),
        *_optional(Instant, "delivered_at accepted_at acted_at"),
        *_optional(sa.LargeBinary, "acceptance_sealed"),
        _refers("products", "referral_id", "referrals.id"),
        _refers("products", "envelope_id", "envelopes.id"),
        _unique("products", "referral_id recipient version"),
    )
    _indexes("products", "accepted_at created_at")


def _casework() -> None:
    _table(
        "screenings",
        *_columns(sa.String, "id referral_id by"),
        *_columns(Instant, "at"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("screenings", "referral_id", "referrals.id"),
    )
    _indexes("screenings", "referral_id at")
    _table(
        "suggestions",
        *_columns(sa.String, "id referral_id rating rules"),
        *_columns(Instant, "at"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("suggestions", "referral_id", "referrals.id"),
    )
    _indexes("suggestions", "referral_id at")
    _table(
        "ratings",
        *_columns(sa.String, "id referral_id rating by"),
        *_columns(Instant, "at due_at"),
        *_optional(sa.String, "previous"),
        *_columns(sa.Integer, "threshold"),
        *_columns(sa.Boolean, "relaxed"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("ratings", "referral_id", "referrals.id"),
    )
    _indexes("ratings", "referral_id at")
    _table(
        "decisions",
        *_columns(sa.String, "id referral_id by"),
        *_columns(Instant, "at"),
        *_columns(Names, "evidence missing"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("decisions", "referral_id", "referrals.id"),
    )
    _indexes("decisions", "referral_id at")
    _table(
        "feedbacks",
        *_columns(sa.String, "id referral_id message_id recipient by"),
        *_columns(Instant, "at"),
        *_optional(sa.String, "envelope_id"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("feedbacks", "referral_id", "referrals.id"),
        _refers("feedbacks", "message_id", "messages.id"),
        _refers("feedbacks", "envelope_id", "envelopes.id"),
    )
    _indexes("feedbacks", "referral_id at")
    _table(
        "alerts",
        *_columns(sa.String, "id referral_id person_id kind"),
        *_columns(Instant, "raised_at"),
        *_columns(sa.Integer, "count"),
        *_columns(Names, "evidence"),
        *_columns(sa.LargeBinary, "sealed"),
        _refers("alerts", "referral_id", "referrals.id"),
        _refers("alerts", "person_id", "persons.id"),
        _unique("alerts", "referral_id person_id kind count"),
    )
    _table(
        "alarms",
        *_columns(sa.String, "id kind subject"),
        *_optional(sa.String, "referral_id"),
        *_columns(Instant, "raised_at"),
        *_optional(Instant, "cleared_at"),
        _refers("alarms", "referral_id", "referrals.id"),
    )
    _index_where("uq_alarms_standing", "alarms", "kind subject", where="cleared_at IS NULL", unique=True)
    _indexes("alarms", "referral_id")


def _keys() -> None:
    _table(
        "scopes",
        *_columns(sa.String, "id"),
        *_columns(sa.Integer, "kek_version"),
        *_optional(sa.LargeBinary, "wrapped"),
        *_columns(Instant, "created_at"),
        *_optional(Instant, "destroyed_at"),
    )
    _indexes("scopes", "kek_version id")
    _table(
        "keys",
        *_columns(sa.String, "kid purpose state"),
        *_columns(sa.Integer, "version"),
        *_columns(Instant, "created_at"),
        *_optional(Instant, "published_at promoted_at retired_at revoked_at"),
        *_optional(sa.Text, "public"),
        *_optional(sa.LargeBinary, "wrapped"),
        _unique("keys", "purpose version"),
        key="kid",
    )


def _identities() -> None:
    _table("agencies", *_columns(sa.String, "id status"), *_columns(Instant, "enrolled_at"))
    _table(
        "agency_keys",
        *_columns(sa.String, "agency kid state"),
        *_columns(sa.Text, "jwk"),
        *_columns(Instant, "enrolled_at"),
        _refers("agency_keys", "agency", "agencies.id"),
        key="agency kid",
    )
    _table(
        "clients",
        *_columns(sa.String, "client_id agency dpop_jkt channel state"),
        *_optional(sa.String, "recipient role amqp_user"),
        *_columns(Names, "grants"),
        *_columns(sa.Text, "authentication_jwk"),
        *_optional(sa.Text, "encryption_jwk"),
        _refers("clients", "agency", "agencies.id"),
        _unique("clients", "agency recipient"),
        _unique("clients", "amqp_user"),
        key="client_id",
    )
    _indexes("clients", "dpop_jkt")


def _upkeep() -> None:
    _table("seen", *_columns(sa.String, "kind value_hash"), *_columns(Instant, "expires_at"), key="kind value_hash")
    _indexes("seen", "expires_at")
    _table("settings", *_columns(sa.String, "name"), *_columns(sa.Text, "text"), key="name")


def upgrade() -> None:
    _persons_and_referrals()
    _messages()
    _log()
    _envelopes()
    _exchange()
    _casework()
    _keys()
    _identities()
    _upkeep()


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.drop_table(table)
