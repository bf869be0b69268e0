"""Invariant 4 in the database: every column is known to be clear or sealed, and a new one has to be put here.

Clear columns hold opaque ids, names from the hub's own configuration, keyed hashes, digests, times, states, counts and
public keys. Sealed ones hold bytes that were encrypted, wrapped or committed to before they came.
"""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary, PrimaryKeyConstraint, UniqueConstraint

from gateway.store.tables import metadata

# Each table's clear columns, then its sealed ones.
COLUMNS: dict[str, tuple[str, str]] = {
    "messages": (
        (
            "id feed agency client adapter adapter_version native_hash digest fate reason_code reason_at received_at"
            " scope answer_status answer_media_type conflict_with"
        ),
        "sealed answer_sealed",
    ),
    "details": ("message_id feed state reason attempts next_at claimed_by completed_by", ""),
    "rounds": ("name claimed_by next_at", ""),
    "items": ("id message_id position kind end_state referral_id event_at handling", "sealed"),
    "item_persons": ("item_id person_id", ""),
    "feed_counters": ("feed fate count", ""),
    "refusals": ("minute feed code count", ""),
    "replays": ("id digest count proposed_by proposed_at expires_at approved_by approved_at", ""),
    "replay_messages": ("replay_id position message_id outcome code", ""),
    "persons": ("id scope created_at updated_at merged_into", "sealed"),
    "merges": (
        "id message_id position place kind state because at surviving_id prior_id moved shared",
        "before_sealed",
    ),
    "person_terms": ("hash person_id kind", ""),
    "person_blocks": ("hash person_id", ""),
    "links": ("item_id ref person_id how weight at doubts decided_by", "sealed before_sealed"),
    "recalls": (
        "id subject kept_id restored_id since at by referrals revoked opened notices looked",
        "sealed",
    ),
    "referrals": (
        (
            "id state rating received_at due_at feedback_due_at scope child_unidentified version assigned_to closed_at"
            " reopened_at linked_to"
        ),
        "",
    ),
    "referral_persons": ("referral_id person_id part ref added_at added_by", ""),
    "screenings": ("id referral_id at by", "sealed"),
    "suggestions": ("id referral_id at rating rules", "sealed"),
    "ratings": ("id referral_id at rating previous threshold by due_at relaxed", "sealed"),
    "decisions": ("id referral_id at by evidence missing", "sealed"),
    "feedbacks": ("id referral_id message_id recipient at by envelope_id", "sealed"),
    "reasons": ("id referral_id at by act subject", "sealed"),
    "alerts": ("id referral_id person_id kind raised_at count evidence", "sealed"),
    "alarms": ("id kind referral_id subject raised_at cleared_at", ""),
    "chases": ("request_id number at", ""),
    "escalations": ("alarm_id level post at", ""),
    "configurations": ("version digest origin by at text", ""),
    "break_glasses": ("id referral_id at by until reviewed_at reviewed_by finding", "sealed review_sealed"),
    "console_sessions": ("id subject started_at seen_at ends_at ended_at scope", "sealed"),
    "console_drafts": ("subject path id saved_at scope", "sealed"),
    "console_submissions": ("form session at location notice", ""),
    "traces": ("item_id severity children residents others alleged looked_at", ""),
    "trace_places": ("hash item_id kind", ""),
    "reidentifications": ("id alert_id asked_by asked_at approved_by approved_at until", "sealed"),
    "holds": ("subject reason placed_by placed_at", ""),
    "erasures": ("subject reason proposed_by proposed_at approved_by approved_at number done_at bulk", ""),
    "access_requests": ("id person_id asked_by asked_at left_out approved_by approved_at", ""),
    "annotations": ("id person_id kind field disclosure_id at by", "sealed"),
    "due": ("subject retention_class found_at", ""),
    "requests": (
        "id referral_id agency recipient state created_at due_at authorised_by pseudonym digest version closed_at",
        "sealed",
    ),
    "disclosures": ("id request_id referral_id agency decision received_at digest sealed_to", "sealed"),
    "releases": ("id disclosure_id agency received_at digest audiences", "sealed"),
    "products": (
        (
            "id referral_id version recipient state created_at created_by envelope_id delivered_at accepted_at"
            " accepted_by acted_at"
        ),
        "sealed acceptance_sealed",
    ),
    "envelopes": (
        (
            "id kind recipient agency referral_id subject state scope headers token_jti token_expires_at policy_digest"
            " body_digest request_digest created_at released_at released_to release_until entry_id replaces"
        ),
        "body wrapped_key binding policy release",
    ),
    "outbox": ("id envelope_id channel routing_key created_at next_at attempts claimed_by parked_reason", ""),
    "notices": ("id kind subject at claimed_by next_at", ""),
    "mailbox": ("id recipient created_at acked_at", ""),
    # The log's entry is canonical JSON of ids and events: what it may hold is the log's own test.
    "log_entries": ("id event at actor referral_id subject entry salt position", "commitment"),
    "log_nodes": ("level index", "hash"),
    "log_checkpoints": ("size note at", "root"),
    "log_cosignatures": ("witness size line at seen_at", ""),
    "scopes": ("id kek_version created_at destroyed_at", "wrapped"),
    "keys": (
        "kid purpose version state created_at published_at promoted_at retired_at revoked_at changed_at public",
        "wrapped",
    ),
    "agencies": ("id status enrolled_at signed_at", ""),
    "trust_lists": ("version digest document applied_at applied_by", ""),
    "agency_keys": ("agency kid jwk state enrolled_at", ""),
    "clients": (
        (
            "client_id agency recipient role grants authentication_jwk dpop_jkt encryption_jwk channel amqp_user state"
            " former_jkt former_until tls_subject"
        ),
        "",
    ),
    "seen": ("kind value_hash expires_at", ""),
    "settings": ("name text", ""),
}
CLEAR_BYTES = {("log_entries", "entry"), ("log_entries", "salt")}


@pytest.mark.invariant(4)
def test_invariant_04_every_table_is_known() -> None:
    assert set(metadata.tables) == set(COLUMNS)


@pytest.mark.invariant(4)
@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_invariant_04_every_column_is_known_to_be_clear_or_sealed(table: str) -> None:
    clear, sealed = (names.split() for names in COLUMNS[table])
    assert {column.name for column in metadata.tables[table].columns} == {*clear, *sealed}
    assert len(metadata.tables[table].columns) == len(clear) + len(sealed)


@pytest.mark.invariant(4)
@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_invariant_04_sealed_columns_hold_bytes_and_clear_ones_can_not_hold_ciphertext(table: str) -> None:
    sealed = COLUMNS[table][1].split()
    for column in metadata.tables[table].columns:
        binary = isinstance(column.type, LargeBinary) and (table, column.name) not in CLEAR_BYTES
        assert binary == (column.name in sealed)


def test_a_reference_is_checked_at_commit() -> None:
    for table in metadata.tables.values():
        for reference in table.foreign_key_constraints:
            assert (reference.deferrable, reference.initially) == (True, "DEFERRED")


def test_what_belongs_to_a_referral_a_request_or_a_disclosure_is_found_without_a_scan() -> None:
    for table in metadata.tables.values():
        for name in {"referral_id", "request_id", "disclosure_id"} & set(table.columns.keys()):
            keys = [found for found in table.constraints if isinstance(found, PrimaryKeyConstraint | UniqueConstraint)]
            begins = {next(iter(found.columns)).name for found in (*table.indexes, *keys)}
            assert name in begins, f"{table.name}.{name}"
