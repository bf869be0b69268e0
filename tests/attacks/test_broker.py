"""What a sender on the broker can make the gateway do in its own name."""

from __future__ import annotations

import asyncio

import aio_pika
import pytest

from gateway import serving
from gateway.delivery.broker import Names
from gateway.intake.amqp import AmqpIntake
from tests.gateway.fixtures import Starter
from tests.gateway.natives import notice
from tests.gateway.town import SECONDS, Town
from tests.services.process import free_port

servers = pytest.mark.parametrize("both", ["servers"], indirect=True)


async def publish(town: Town, reply_to: str, message: bytes, message_id: str = "one") -> None:
    channel = await town.channel()
    exchange = await channel.get_exchange(f"{town.ground.prefix}mash.in", ensure=False)
    sent = aio_pika.Message(message, user_id="guest", reply_to=reply_to, message_id=message_id)
    await exchange.publish(sent, "feed.police-amqp")


async def depth(town: Town, queue: str) -> int:
    channel = await town.channel()
    found = await channel.declare_queue(f"{town.ground.prefix}{queue}", passive=True)
    return int(found.declaration_result.message_count or 0)


@servers
async def test_a_reply_is_not_written_into_a_queue_that_others_read(town: Town) -> None:
    theirs = ("recipient.health.lead.inbox", "feed.police-amqp", "agency.health.disclosures", "mash.dead")
    for queue in theirs:
        await publish(town, f"{town.ground.prefix}{queue}", notice())
    # A last one with a queue of its own tells that those before it were dealt with.
    channel = await town.channel()
    replies = await channel.declare_queue(exclusive=True)
    await publish(town, replies.name, notice())
    assert b"accepted" in (await town.first_of(replies)).body
    await asyncio.sleep(1.0)
    assert {queue: await depth(town, queue) for queue in theirs} == dict.fromkeys(theirs, 0)
    assert (await town.counts("police-amqp"))["accepted"] == len(theirs) + 1


@pytest.mark.parametrize(
    "reply_to, may",
    [
        ("amq.rabbitmq.reply-to.g1h2", True),
        ("amq.gen-abc", True),
        ("hub.reply.police.acks", True),
        ("reply.police.acks", False),
        ("hub.reply.health.acks", False),
        ("hub.reply.police", False),
        ("hub.recipient.health.lead.inbox", False),
        ("hub.feed.police-amqp", False),
        ("hub.mash.dead", False),
        ("", False),
    ],
)
def test_an_answer_goes_to_a_queue_of_the_senders_own_alone(reply_to: str, may: bool) -> None:
    assert Names(prefix="hub.").may_answer(reply_to, "police") is may


@servers
@pytest.mark.usefixtures("town")
async def test_whatever_ends_the_work_on_the_broker_it_begins_again(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The replica's first try to consume fails in a way that nobody foresaw.
    begun = AmqpIntake.start
    tries: list[int] = []
    again = asyncio.Event()

    async def stumbling(intake: AmqpIntake) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("unforeseen")
        await begun(intake)
        again.set()

    monkeypatch.setattr(AmqpIntake, "start", stumbling)
    monkeypatch.setattr(serving, "_BROKER_AGAIN", 0.05)
    monkeypatch.setattr(serving._logger, "error", lambda *_, **__: None, raising=False)
    async with start(listen=free_port()):
        async with asyncio.timeout(SECONDS):
            await again.wait()
