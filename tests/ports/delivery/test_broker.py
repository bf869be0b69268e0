"""What only a broker can do: be away, lose a queue, hold a message too long. Nothing is lost by any of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from gateway.delivery import relay as relays
from gateway.delivery.broker import Broker, Unroutable
from gateway.delivery.outgoing import Outcome, Outgoing
from gateway.delivery.relay import MOST_ATTEMPTS, wait_after
from gateway.store.records import EnvelopeRecord
from schemas.errors import Unavailable
from tests.gateway.clock import Clock
from tests.ports.delivery.conftest import over_broker, relay_of
from tests.ports.delivery.ways import BrokerWay, referral_of, sent
from tests.services.plugin import BrokerMaker
from tests.unit.gateway.whole import entries

Arguments = dict[str, Any]
T = TypeVar("T")


async def pending(way: BrokerWay) -> int:
    async with way.gateway.store.reading() as work:
        return await work.outbox.pending()


async def lose_the_queue(way: BrokerWay) -> None:
    await way.channel.queue_delete(way.broker.names.queue(way.key))


async def until(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again and again until the answer is something."""
    async with asyncio.timeout(40):
        while True:
            if answer := await ask():
                return answer
            await asyncio.sleep(0.1)


async def test_what_no_queue_takes_is_no_publish(broker_way: BrokerWay) -> None:
    with pytest.raises(Unroutable):
        await broker_way.broker.publish("recipient.nobody.here.inbox", b"x", {}, "env_x")


async def test_what_no_queue_takes_waits_and_arrives_once_the_queue_is_there_again(
    broker_way: BrokerWay, clock: Clock
) -> None:
    record = await sent(broker_way.gateway, await referral_of(broker_way.gateway))
    await lose_the_queue(broker_way)
    await broker_way.deliver()
    assert await pending(broker_way) == 1
    assert await entries(broker_way.gateway, "envelope.delivered") == []
    assert await broker_way.relay.once() == 0, "it is not due again at once"
    await broker_way.broker.declare()
    clock.pass_by(wait_after(1) + timedelta(seconds=1))
    await broker_way.deliver()
    assert [one.id for one in await broker_way.waiting()] == [record.id]
    assert await pending(broker_way) == 0


async def worn_out(way: BrokerWay, clock: Clock) -> EnvelopeRecord:
    """An envelope that no queue took so often that it was set aside."""
    record = await sent(way.gateway, await referral_of(way.gateway))
    await lose_the_queue(way)
    for _ in range(MOST_ATTEMPTS):
        assert await way.relay.once() == 1
        clock.pass_by(timedelta(minutes=6))
    return record


async def test_what_no_queue_takes_for_long_is_set_aside_with_its_reason(broker_way: BrokerWay, clock: Clock) -> None:
    record = await worn_out(broker_way, clock)
    assert await broker_way.relay.once() == 0
    async with broker_way.gateway.store.reading() as work:
        (parked,) = await work.outbox.parked()
    assert (parked.envelope_id, parked.parked_reason) == (record.id, "unroutable")
    (entry,) = await entries(broker_way.gateway, "envelope.parked")
    assert entry["subject"] == record.id
    assert entry["detail"] == {"reason": "unroutable", "attempts": MOST_ATTEMPTS}
    assert await pending(broker_way) == 0


async def test_what_was_set_aside_lies_with_the_dead_letters_and_says_why(broker_way: BrokerWay, clock: Clock) -> None:
    record = await worn_out(broker_way, clock)
    (letter,) = await broker_way.messages(broker_way.broker.names.dead)
    assert letter.message_id == record.id
    assert letter.headers["mash-reason"] == "unroutable"
    assert letter.routing_key == broker_way.key
    assert letter.body == record.body
    assert "access-token" not in letter.headers


async def test_it_is_set_aside_only_once_the_dead_letters_have_it(
    broker_way: BrokerWay, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("broker.connection")

    with monkeypatch.context() as patch:
        patch.setattr(broker_way.broker, "dead_letter", away)
        await worn_out(broker_way, clock)
        assert await pending(broker_way) == 1
    await broker_way.relay.once()
    assert await pending(broker_way) == 0
    assert len(await broker_way.messages(broker_way.broker.names.dead)) == 1


async def test_what_was_set_aside_can_be_sent_again(broker_way: BrokerWay, clock: Clock) -> None:
    record = await worn_out(broker_way, clock)
    await broker_way.broker.declare()
    async with broker_way.gateway.store.work() as work:
        assert await work.outbox.unpark(record.id, clock())
        await work.commit()
    await broker_way.deliver()
    assert [one.id for one in await broker_way.waiting()] == [record.id]


async def test_two_relays_never_send_the_same(broker_way: BrokerWay) -> None:
    referral = await referral_of(broker_way.gateway)
    names = [(await sent(broker_way.gateway, referral)).id for _ in range(6)]
    other = relay_of(broker_way.gateway, broker_way.broker, "second")
    claimed = await asyncio.gather(broker_way.relay.once(), other.once())
    assert sum(claimed) == 6
    assert sorted(one.id for one in await broker_way.waiting()) == sorted(names)


async def test_what_a_relay_claimed_and_never_settled_is_sent_when_its_lease_is_over(
    broker_way: BrokerWay, clock: Clock
) -> None:
    record = await sent(broker_way.gateway, await referral_of(broker_way.gateway))
    async with broker_way.gateway.store.work() as work:
        await work.outbox.claim(limit=10, now=clock(), lease=relays.LEASE, worker="died")
        await work.commit()
    assert await broker_way.relay.once() == 0
    clock.pass_by(relays.LEASE + timedelta(seconds=1))
    assert await broker_way.relay.once() == 1
    assert [one.id for one in await broker_way.waiting()] == [record.id]


async def test_a_recipients_queue_is_a_quorum_queue_whose_messages_die_before_their_tokens(
    broker_way: BrokerWay,
) -> None:
    hub = broker_way.gateway.hub
    assert hub.broker.queue_hours < hub.tokens.open_hours
    arguments: Arguments = {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": broker_way.broker.names.dead,
        "x-message-ttl": hub.broker.queue_hours * 3600 * 1000,
        "x-max-length": 100_000,
        "x-overflow": "reject-publish",
    }
    name = broker_way.broker.names.queue(broker_way.key)
    # RabbitMQ closes the channel for a declaration whose arguments are not those of the queue that is there.
    await broker_way.channel.declare_queue(name, durable=True, arguments=arguments)
    with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
        await broker_way.channel.declare_queue(name, durable=True, arguments=arguments | {"x-message-ttl": 1000})


async def test_arrivals_are_announced_where_the_hub_asks_for_it_and_nobody_needs_to_read_them(
    broker_way: BrokerWay,
) -> None:
    broker, gateway = broker_way.broker, broker_way.gateway
    name = broker.names.queue("hub.arrivals")
    message = Outgoing(key="hub.arrivals", body=b"", headers={}, message_id="msg_1", content_type="")
    assert await broker.publish_all([message]) == [Outcome.UNROUTABLE], "not asked for: no queue"
    section = gateway.hub.broker.model_copy(update={"arrivals": True})
    broker._hub = gateway.hub.model_copy(update={"broker": section})
    await broker.declare()
    assert await broker.publish_all([message]) == [Outcome.SENT]
    arguments: Arguments = {
        "x-queue-type": "quorum",
        "x-max-length": 1_000_000,
        "x-overflow": "drop-head",
        "x-message-ttl": section.queue_hours * 3600 * 1000,
    }
    await broker_way.channel.declare_queue(name, durable=True, arguments=arguments)
    assert [one.message_id for one in await broker_way.messages(name)] == ["msg_1"]


async def test_an_intake_queue_keeps_its_messages_however_long(broker_way: BrokerWay) -> None:
    arguments: Arguments = {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": broker_way.broker.names.dead,
        "x-max-length": 100_000,
        "x-overflow": "reject-publish",
    }
    for key in ("feed.police-amqp", "agency.police.disclosures"):
        name = broker_way.broker.names.queue(key)
        await broker_way.channel.declare_queue(name, durable=True, arguments=arguments)


async def test_declaring_again_changes_nothing(broker_way: BrokerWay) -> None:
    await sent(broker_way.gateway, await referral_of(broker_way.gateway))
    await broker_way.deliver()
    await broker_way.broker.declare()
    assert len(await broker_way.waiting()) == 1


async def test_what_a_reader_refuses_lies_with_the_dead_letters_and_says_why(broker_way: BrokerWay) -> None:
    record = await sent(broker_way.gateway, await referral_of(broker_way.gateway))
    await broker_way.deliver()
    queue = await broker_way.channel.get_queue(broker_way.broker.names.queue(broker_way.key), ensure=False)
    message = await queue.get()
    assert message is not None
    await message.reject(requeue=False)

    async def dead() -> list[AbstractIncomingMessage]:
        return await broker_way.messages(broker_way.broker.names.dead)

    (letter,) = await until(dead)
    assert letter.message_id == record.id
    assert letter.headers["x-first-death-reason"] == "rejected"


async def test_a_message_cannot_say_that_it_is_from_somebody_else(broker_way: BrokerWay) -> None:
    broker_way.broker.user = "somebody-else"
    with pytest.raises(Unavailable):
        await broker_way.broker.publish(broker_way.key, b"x", {}, "env_x")


async def test_a_broker_that_is_not_there_is_said_so(broker_way: BrokerWay) -> None:
    with pytest.raises(Unavailable, match=r"broker\.connection"):
        await Broker.connect("amqp://guest:guest@127.0.0.1:1/", broker_way.gateway.hub)


@pytest.mark.parametrize("attempts, seconds", [(1, 2), (2, 4), (8, 256), (9, 300), (500, 300)])
def test_waits_double_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert wait_after(attempts) == timedelta(seconds=seconds)


@pytest.fixture
async def own_way(
    tmp_path: Path, clock: Clock, mended: None, private_broker: BrokerMaker
) -> AsyncIterator[tuple[BrokerWay, Callable[[], None], Callable[[], int]]]:
    """A way over a broker of the test's own, with what kills it and starts it again."""
    assert mended is None
    broker = private_broker()
    async with over_broker(tmp_path, clock, broker.url(), "own.") as made:
        yield made, broker.kill, broker.start


@pytest.mark.slow
async def test_while_the_broker_is_away_it_waits_and_arrives_when_it_is_back(
    own_way: tuple[BrokerWay, Callable[[], None], Callable[[], int]],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way, kill, start = own_way
    monkeypatch.setattr("gateway.delivery.broker._CONFIRM_WITHIN", 2.0)
    referral = await referral_of(way.gateway)
    before = await sent(way.gateway, referral)
    await way.deliver()
    kill()
    after = await sent(way.gateway, referral)
    for _ in range(MOST_ATTEMPTS + 1):
        # However long it is away: only a queue that is gone is ever given up.
        clock.pass_by(timedelta(minutes=6))
        await way.relay.once()
    assert await pending(way) == 1
    assert await entries(way.gateway, "envelope.parked") == []
    await asyncio.to_thread(start)

    async def arrived() -> bool:
        clock.pass_by(timedelta(minutes=6))
        await way.relay.once()
        return await pending(way) == 0

    await until(arrived)
    async with await aio_pika.connect(str(way.gateway.settings.broker_url)) as connection:
        way.channel = await connection.channel()
        names = [one.id for one in await way.waiting()]
    assert names[0] == before.id, "what it had confirmed survived"
    assert set(names) == {before.id, after.id}


@pytest.mark.slow
async def test_what_comes_in_is_consumed_again_once_the_broker_is_back(
    own_way: tuple[BrokerWay, Callable[[], None], Callable[[], int]],
) -> None:
    way, kill, start = own_way
    taken: list[str] = []

    async def take(message: AbstractIncomingMessage) -> None:
        taken.append(str(message.message_id))
        await message.ack()

    await way.broker.consume("feed.police-amqp", take)

    async def send(name: str) -> None:
        async with await aio_pika.connect(str(way.gateway.settings.broker_url)) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            incoming = await channel.get_exchange(way.broker.names.incoming, ensure=False)
            await incoming.publish(aio_pika.Message(b"x", message_id=name), "feed.police-amqp", mandatory=True)

    async def arrived() -> bool:
        return "after" in taken

    await send("before")
    await asyncio.to_thread(kill)
    await asyncio.to_thread(start)
    await send("after")
    await until(arrived)
    assert set(taken) == {"before", "after"}
