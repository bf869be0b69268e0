"""The time and randomness that the gateway draws, and the names that it makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


def test_a_name_is_of_its_kind_and_made_of_what_was_drawn() -> None:
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    world = World(random=random)
    name = world.name(opaque.Prefix.MESSAGE)
    assert opaque.is_name(name, opaque.Prefix.MESSAGE)
    assert not opaque.is_name(name, opaque.Prefix.REFERRAL)
    assert name == world.name(opaque.Prefix.MESSAGE)
    assert asked == [opaque.RANDOM_BYTES] * 2
