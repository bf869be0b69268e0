"""Strangers are counted per minute, and one entry of the log tells of a minute of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.store.transaction import Transaction
from schemas.errors import Unavailable
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import entries


async def told(gateway: Gateway) -> list[tuple[str, str, int]]:
    found = await entries(gateway, "caller.refused")
    return [(one["detail"]["door"], one["detail"]["reason"], one["detail"]["count"]) for one in found]


async def test_a_minute_is_told_once_it_is_over(gateway: Gateway, clock: Clock) -> None:
    for _ in range(3):
        await gateway.refusals.unauthenticated("door", "reason")
    await gateway.refusals.flush()
    assert await told(gateway) == []
    clock.pass_by(timedelta(minutes=1))
    await gateway.refusals.flush()
    await gateway.refusals.flush()
    assert await told(gateway) == [("door", "reason", 3)]


async def test_each_door_and_reason_is_told_by_itself(gateway: Gateway) -> None:
    for door, reason in (("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")):
        await gateway.refusals.unauthenticated(door, reason)
    await gateway.refusals.flush(everything=True)
    assert sorted(await told(gateway)) == [("a", "x", 2), ("a", "y", 1), ("b", "x", 1)]


async def test_what_could_not_be_written_is_kept_for_the_next_time(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Transaction) -> None:
        raise Unavailable("store.connection")

    await gateway.refusals.unauthenticated("door", "reason")
    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "commit", away)
        with pytest.raises(Unavailable):
            await gateway.refusals.flush(everything=True)
    await gateway.refusals.unauthenticated("door", "reason")
    await gateway.refusals.flush(everything=True)
    assert await told(gateway) == [("door", "reason", 2)]
