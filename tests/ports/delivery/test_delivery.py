"""One suite for the mailbox and RabbitMQ: what was committed arrives, once, as it was cut; nothing else does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crypto import opentoken
from gateway.bootstrap import Gateway
from gateway.delivery.sealing import open_url
from gateway.store.records import EnvelopeRecord, EnvelopeState
from schemas.errors import Conflict, Unknown
from tests.gateway.clock import Clock
from tests.ports.delivery.ways import BrokerWay, MailboxWay, cut, referral_of, sent
from tests.unit.gateway.whole import entries, person

AnyWay = MailboxWay | BrokerWay


def token_of(gateway: Gateway, record: EnvelopeRecord) -> opentoken.OpenToken:
    return opentoken.verify_open_token(
        record.headers["access-token"],
        gateway.keys.ring.verification_keys(),
        iss=gateway.hub_id,
        aud=open_url(gateway.hub, record.id),
        now=gateway.world.now(),
        leeway=gateway.skew,
    )


async def test_what_was_committed_arrives_once_as_it_was_cut(way: AnyWay) -> None:
    record = await sent(way.gateway, await referral_of(way.gateway))
    await way.deliver()
    await way.deliver()
    (found,) = await way.waiting()
    assert (found.id, found.body) == (record.id, record.body)
    assert dict(found.headers) == dict(record.headers)
    assert found.headers["cloudEvents_type"] == "uk.mash.envelope.feedback"
    assert found.headers["cloudEvents_id"] == record.id
    assert token_of(way.gateway, record).mid == record.id


async def test_several_arrive_in_the_order_in_which_they_were_cut(way: AnyWay) -> None:
    referral = await referral_of(way.gateway)
    names = [(await sent(way.gateway, referral, f"Words {number}.")).id for number in range(5)]
    await way.deliver()
    assert sorted(one.id for one in await way.waiting()) == sorted(names)


async def test_what_was_never_committed_never_arrives(way: AnyWay) -> None:
    referral = await referral_of(way.gateway)
    async with way.gateway.store.work() as work:
        await cut(way.gateway, work, referral)
    await way.deliver()
    assert await way.waiting() == []
    assert await entries(way.gateway, "envelope.sealed") == []


async def test_work_that_fails_after_cutting_leaves_nothing(way: AnyWay) -> None:
    referral = await referral_of(way.gateway)

    async def failing() -> None:
        async with way.gateway.store.work() as work:
            await cut(way.gateway, work, referral)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    await way.deliver()
    assert await way.waiting() == []


async def test_nothing_readable_is_on_its_way(way: AnyWay) -> None:
    referral = await referral_of(way.gateway)
    await sent(way.gateway, referral, "Vermilion words of nobody else.")
    await way.deliver()
    (found,) = await way.waiting()
    carried = found.body + str(dict(found.headers)).encode()
    for secret in (b"Vermilion", referral.encode(), b"Quillfeather"):
        assert secret not in carried


async def test_what_was_taken_off_waits_no_more_and_is_known_as_delivered(way: AnyWay) -> None:
    referral = await referral_of(way.gateway)
    first, second = await sent(way.gateway, referral), await sent(way.gateway, referral)
    await way.deliver()
    await way.take(first.id)
    assert [one.id for one in await way.waiting()] == [second.id]
    delivered = {entry["subject"] for entry in await entries(way.gateway, "envelope.delivered")}
    assert first.id in delivered


async def test_what_was_revoked_before_it_left_is_not_delivered(way: AnyWay) -> None:
    record = await sent(way.gateway, await referral_of(way.gateway))
    await way.gateway.revoking.revoke(person("security"), record.id, "A mistake.")
    await way.deliver()
    assert await way.waiting() == []


async def test_however_often_it_arrives_it_is_opened_once(way: AnyWay, clock: Clock) -> None:
    gateway = way.gateway
    record = await sent(gateway, await referral_of(gateway))
    await way.deliver()
    if isinstance(way, BrokerWay):
        # The confirmation was lost: the relay publishes the same envelope again.
        await way.broker.publish(way.key, record.body, record.headers, record.id)
        assert [one.id for one in await way.waiting()] == [record.id] * 2
    token = token_of(gateway, record)
    releases = await asyncio.gather(*(gateway.opening.redeem(record.id, token, token.jkt) for _ in range(3)))
    assert len(set(releases)) == 1
    with pytest.raises(Unknown):
        await gateway.opening.redeem(record.id, token, "another-key")
    clock.pass_by(timedelta(minutes=gateway.hub.tokens.retry_minutes, seconds=1))
    with pytest.raises(Conflict, match=r"envelope\.released"):
        await gateway.opening.redeem(record.id, token, token.jkt)
    assert len(await entries(gateway, "envelope.opened")) == 1
    async with gateway.store.reading() as work:
        (kept,) = await work.envelopes.get_many([record.id])
    assert kept.state == EnvelopeState.RELEASED


async def test_an_envelope_of_another_recipient_is_none_of_a_clients(way: AnyWay) -> None:
    gateway = way.gateway
    record = await sent(gateway, await referral_of(gateway))
    other = await gateway.agencies.standing("police.lead")
    assert other is not None
    assert (await gateway.mailbox.page(other, 50)).messages == ()
    with pytest.raises(Unknown):
        await gateway.mailbox.acknowledge(other, record.id)
