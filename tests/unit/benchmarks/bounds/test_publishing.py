"""The bound's publishes are what AMQP calls one: read back by the library that others read with."""

from typing import Any, cast

import pamqp.commands
import pamqp.frame
import pamqp.header
import pytest
from aiormq.abc import ChannelFrame
from aiormq.channel import Channel

from benchmarks.bounds.publishing import Publisher


class Written:
    """As much of a channel as a publisher touches."""

    def __init__(self) -> None:
        self.number = 3
        self.delivery_tag = 0
        self.confirmations: dict[int, Any] = {}
        self.frames: list[ChannelFrame] = []
        self.write_queue = self

    async def put(self, frame: ChannelFrame) -> None:
        self.frames.append(frame)


@pytest.fixture
def channel() -> Written:
    return Written()


@pytest.fixture
def publisher(channel: Written) -> Publisher:
    return Publisher(cast("Channel", channel), "bench.mash.out")


async def test_all_notices_of_a_commit_are_one_write_of_persistent_publishes(
    channel: Written, publisher: Publisher
) -> None:
    publisher.publish(["one", "two"], "2026-05-04T09:00:00Z")
    await publisher.written()
    (frame,) = channel.frames
    left, read = frame.payload, []
    while left:
        length, number, value = pamqp.frame.unmarshal(left)
        assert number == 3
        left = left[length:]
        read.append(value)
    publish, header, _, second = read
    assert isinstance(publish, pamqp.commands.Basic.Publish)
    assert (publish.exchange, publish.routing_key, publish.mandatory) == ("bench.mash.out", "hub.arrivals", True)
    assert isinstance(header, pamqp.header.ContentHeader)
    assert header.body_size == 0
    assert (header.properties.delivery_mode, header.properties.message_id) == (2, "one")
    assert (header.properties.headers or {})["cloudEvents_id"] == "one"
    assert isinstance(second, pamqp.header.ContentHeader)
    assert second.properties.message_id == "two"


async def test_a_notice_is_gone_once_the_broker_confirmed_it_and_not_before(
    channel: Written, publisher: Publisher
) -> None:
    publisher.publish(["one", "two"], "2026-05-04T09:00:00Z")
    await publisher.written()
    assert publisher.gone() == []
    channel.confirmations[2].set_result(None)
    channel.confirmations[1].set_exception(ConnectionError())
    assert publisher.gone() == ["two"]
    assert publisher.gone() == []
