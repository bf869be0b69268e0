from __future__ import annotations

import secrets

import aio_pika
import asyncpg
import pytest

from sandbox import servers
from sandbox.failures import HubFailed
from sandbox.hub import free_ports
from sandbox.publisher import Publisher, user_of


async def exists(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url)
    except asyncpg.InvalidCatalogNameError:
        return False
    await connection.close()
    return True


async def test_a_run_has_a_database_of_its_own_and_drops_it(postgres_url: str) -> None:
    made = await servers.create_database(postgres_url)
    assert made.rpartition("/")[2].startswith("mash_demo_")
    assert await exists(made)
    await servers.drop_database(postgres_url, made)
    assert not await exists(made)


async def test_a_run_deletes_its_queues_and_exchanges_and_no_others(amqp_url: str) -> None:
    prefix, other = servers.broker_prefix(), f"other-{secrets.token_hex(4)}"
    connection = await servers.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_exchange(f"{prefix}mash.in", aio_pika.ExchangeType.TOPIC)
        await channel.declare_queue(f"{prefix}one")
        await channel.declare_queue(other)
        await servers.clear_broker(amqp_url, prefix, ("one", "never-declared"))
        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await (await connection.channel()).get_queue(f"{prefix}one", ensure=True)
        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await (await connection.channel()).get_exchange(f"{prefix}mash.in", ensure=True)
        kept = await (await connection.channel()).get_queue(other, ensure=True)
        await kept.delete()


async def test_an_answer_is_published_under_the_agencys_user_and_an_unroutable_one_is_an_error(amqp_url: str) -> None:
    prefix = servers.broker_prefix()
    connection = await servers.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(f"{prefix}mash.in", aio_pika.ExchangeType.TOPIC)
        queue = await channel.declare_queue(f"{prefix}answers")
        await queue.bind(exchange, "agency.police.disclosures")
        publisher = Publisher(connection, prefix=prefix, user=user_of(amqp_url))
        await publisher.answer("police", "req_1", "sealed")
        message = await queue.get(timeout=5)
        assert message is not None
        assert (message.body, message.headers["request"], message.user_id) == (b"sealed", "req_1", user_of(amqp_url))
        await message.ack()
        with pytest.raises(aio_pika.exceptions.DeliveryError):
            await publisher.answer("health", "req_1", "sealed")
        await servers.clear_broker(amqp_url, prefix, ("answers",))


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    (port,) = free_ports(1)
    with pytest.raises(HubFailed) as caught:
        await servers.create_database(f"postgresql://u:hidden@127.0.0.1:{port}/x")
    assert "hidden" not in str(caught.value)
    with pytest.raises(HubFailed) as caught:
        await servers.connect(f"amqp://u:hidden@127.0.0.1:{port}/")
    assert "hidden" not in str(caught.value)
