"""Synthetic records, each valid by itself; a test names what it is about and leaves the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.store import Work
from gateway.store.direct import Rows
from gateway.store.direct import intake as sets
from gateway.store.records import (
    AlarmRecord,
    AlertRecord,
    DisclosureRecord,
    EnvelopeRecord,
    EnvelopeState,
    ItemRecord,
    LogRecord,
    MessageRecord,
    NoticeRecord,
    OutboxRecord,
    PersonRecord,
    ProductRecord,
    ReferralPerson,
    ReferralRecord,
    RequestRecord,
    ScopeKey,
)

NOW = datetime(2026, 3, 28, 23, 30, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


_ROWS: dict[type[object], Rows[Any]] = {
    MessageRecord: sets.MESSAGES,
    ItemRecord: sets.ITEMS,
    PersonRecord: sets.PERSONS,
    ReferralRecord: sets.REFERRALS,
    AlertRecord: sets.ALERTS,
}


async def keep(work: Work, record: object, *, people: Sequence[str] = ()) -> bool:
    """Keep a record as the intake does; ``people`` are those whom an item names. False if it was there already."""
    dialect = work.sets.dialect
    (kept,) = await work.sets.write(_ROWS[type(record)].insert_new(dialect, [record]))
    if isinstance(record, ItemRecord):
        await work.sets.write(sets.ITEM_PERSONS.insert_new(dialect, [(record.id, one) for one in people]))
    return kept == 1


async def announce(work: Work, notices: Sequence[NoticeRecord]) -> None:
    """Keep notices as the intake does."""
    await work.sets.write(sets.NOTICES.insert(work.sets.dialect, notices))


def message(
    name: str = "msg_1", *, native: str | None = "native-1", digest: str = "d1", fate: str = "accepted"
) -> MessageRecord:
    return MessageRecord(
        id=name,
        feed="police-ppn",
        agency="police",
        client="police.feed",
        adapter="police.ppn",
        adapter_version="1",
        native_hash=native,
        digest=digest,
        fate=fate,
        reason_code=None,
        reason_at=None,
        received_at=NOW,
        scope="scope-1",
        sealed=b"sealed bytes",
        answer_status=202,
        answer_media_type="application/xml",
        answer_sealed=b"sealed answer",
    )


def notice(
    name: str, *, kind: str = "accepted", subject: str = "ref_1", at: datetime = NOW, next_at: datetime = NOW
) -> NoticeRecord:
    return NoticeRecord(id=name, kind=kind, subject=subject, at=at, claimed_by="a", next_at=next_at)


def item(
    name: str, *, of: str = "msg_1", position: int = 0, end: str = "no_concern", referral: str | None = None
) -> ItemRecord:
    return ItemRecord(
        id=name,
        message_id=of,
        position=position,
        kind="concern" if referral else "context",
        end_state=end,
        referral_id=referral,
        sealed=b"sealed item",
        event_at=NOW - HOUR,
    )


def person(name: str) -> PersonRecord:
    return PersonRecord(id=name, scope=f"scope-{name}", sealed=b"sealed person", created_at=NOW, updated_at=NOW)


def referral(name: str = "ref_1", *, state: str = "received", received_at: datetime = NOW) -> ReferralRecord:
    return ReferralRecord(
        id=name,
        state=state,
        rating=None,
        received_at=received_at,
        due_at=None,
        feedback_due_at=received_at + timedelta(days=1),
        scope=f"scope-{name}",
        child_unidentified=False,
    )


def part(referral_id: str, person_id: str, *, part: str = "subject", ref: str = "p1") -> ReferralPerson:
    return ReferralPerson(
        referral_id=referral_id, person_id=person_id, part=part, ref=ref, added_at=NOW, added_by="intake"
    )


def request(name: str = "req_1", *, of: str = "ref_1", due_at: datetime = NOW + HOUR) -> RequestRecord:
    return RequestRecord(
        id=name,
        referral_id=of,
        agency="health",
        recipient="health.lead",
        state="asked",
        created_at=NOW,
        due_at=due_at,
        authorised_by="manager-1",
        pseudonym="pseudonym-1",
        digest="request digest",
        sealed=b"sealed request",
    )


def disclosure(name: str = "dis_1", *, of: str = "req_1", digest: str = "d1") -> DisclosureRecord:
    return DisclosureRecord(
        id=name,
        request_id=of,
        referral_id="ref_1",
        agency="health",
        decision="partial",
        received_at=NOW,
        digest=digest,
        sealed=b"sealed disclosure",
    )


def product(name: str = "prd_1", *, version: int = 1) -> ProductRecord:
    return ProductRecord(
        id=name,
        referral_id="ref_1",
        version=version,
        recipient="council.assessment-team",
        state="sent",
        created_at=NOW,
        created_by="manager-1",
        envelope_id=None,
        sealed=b"sealed product",
    )


def envelope(
    name: str = "env_1", *, referral_id: str | None = None, expires_at: datetime = NOW + HOUR
) -> EnvelopeRecord:
    return EnvelopeRecord(
        id=name,
        kind="request",
        recipient="health.lead",
        agency="health",
        referral_id=referral_id,
        subject="req_1",
        state=EnvelopeState.SEALED,
        scope="scope-1",
        body=b"head..iv.ciphertext.tag",
        headers={"cloudEvents_id": name, "access-token": "token"},
        token_jti=f"jti-{name}",
        token_expires_at=expires_at,
        wrapped_key=b"wrapped key",
        binding=b"binding",
        policy=b"sealed policy",
        policy_digest="policy digest",
        body_digest="body digest",
        request_digest=None,
        created_at=NOW,
    )


def leaving(name: str = "out_1", *, of: str = "env_1", next_at: datetime = NOW) -> OutboxRecord:
    return OutboxRecord(
        id=name,
        envelope_id=of,
        channel="amqp",
        routing_key="recipient.health.lead.inbox",
        created_at=NOW,
        next_at=next_at,
    )


def entry(name: str = "log_1", *, referral_id: str | None = None, at: datetime = NOW) -> LogRecord:
    return LogRecord(
        id=name,
        event="message.accepted",
        at=at,
        actor="police.feed",
        referral_id=referral_id,
        subject="msg_1",
        entry=b"{}",
        salt=b"s" * 16,
        commitment=name.encode().ljust(32, b"."),
    )


def alert(name: str = "alt_1", *, count: int = 3) -> AlertRecord:
    return AlertRecord(
        id=name,
        referral_id="ref_1",
        person_id="per_1",
        kind="repeat",
        raised_at=NOW,
        count=count,
        evidence=("msg_1", "msg_2", "msg_3"),
        sealed=b"sealed alert",
    )


def alarm(name: str = "alm_1", *, kind: str = "unrated", subject: str = "ref_1") -> AlarmRecord:
    return AlarmRecord(id=name, kind=kind, referral_id="ref_1", subject=subject, raised_at=NOW)


async def add_envelopes(work: Work, *names: str) -> None:
    for name in names:
        await work.envelopes.add(envelope(name))
        await work.outbox.add(leaving(f"out_{name}", of=name))


def scope(name: str = "scope-1", *, created_at: datetime = NOW, kek_version: int = 1) -> ScopeKey:
    return ScopeKey(id=name, kek_version=kek_version, wrapped=b"wrapped scope key", created_at=created_at)
