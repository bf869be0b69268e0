"""The time and randomness that the gateway draws, and the names that it makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.world import World
from schemas import opaque


def test_its_own_time_is_aware_and_now() -> None:
    now = World().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_its_own_randomness_is_as_long_as_asked_and_never_the_same() -> None:
    drawn = {World().random(16) for _ in range(50)}
    assert {len(one) for one in drawn} == {16}
    assert len(drawn) == 50


@pytest.mark.parametrize(
    "prefix, size",
    [(opaque.Prefix.REFERRAL, opaque.RANDOM_BYTES), (opaque.Prefix.MESSAGE, opaque.TIMED_RANDOM_BYTES)],
)
def test_a_name_is_of_its_kind_and_made_of_what_was_drawn(prefix: opaque.Prefix, size: int) -> None:
    asked: list[int] = []

    def random(length: int) -> bytes:
        asked.append(length)
        return bytes(length)

    world = World(now=lambda: datetime(2026, 5, 4, tzinfo=UTC), random=random)
    name = world.name(prefix)
    assert opaque.is_name(name, prefix)
    assert not opaque.is_name(name, opaque.Prefix.ENVELOPE)
    assert name == world.name(prefix)
    assert asked == [size] * 2


def test_names_of_what_every_message_leaves_order_by_their_time() -> None:
    times = iter([datetime(2026, 5, 4, hour, tzinfo=UTC) for hour in range(5)])
    world = World(now=lambda: next(times))
    names = [world.name(opaque.Prefix.MESSAGE) for _ in range(5)]
    assert names == sorted(names)
