"""The keys that wrapped what was erased end with the backups that hold it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crypto.keys import KeyState, Purpose
from gateway.bootstrap import Gateway
from tests.gateway.clock import Clock
from tests.unit.gateway.case import opened
from tests.unit.gateway.whole import entries

ONE, OTHER = "person:t.manager", "person:t.other_manager"
DAY = timedelta(days=1)


async def erased(gateway: Gateway) -> str:
    referral = await opened(gateway)
    async with gateway.store.work() as work:
        record = await work.referrals.lock(referral)
        await work.referrals.save(replace(record, closed_at=gateway.world.now(), state="closed"))
        await work.commit()
    await gateway.erasing.propose(referral, "court-order", actor=ONE)
    await gateway.erasing.approve(referral, actor=OTHER)
    return referral


def states(gateway: Gateway) -> list[str]:
    return [str(one.state) for one in gateway.keys.ring.of(Purpose.AT_REST)]


async def test_after_an_erasure_the_key_is_rotated_and_the_old_version_ends_with_the_backups(
    gateway: Gateway, another: Gateway, clock: Clock
) -> None:
    clock.pass_by(8 * DAY)
    await gateway.watch.round()
    assert states(gateway) == ["active"]  # nothing was erased: nothing to rotate for
    await erased(gateway)
    alive = await opened(gateway)
    (line,) = gateway.erasing.ledger.read()
    assert line.keks == (1,)
    await gateway.watch.round()
    assert states(gateway) == ["pre_active", "active"]
    clock.pass_by(timedelta(minutes=1))
    await another.watch.round()  # promotes, and wraps anew what lives
    await another.watch.round()  # finds the old version empty
    assert states(another) == ["active", "verify_only"]
    clock.pass_by(34 * DAY)
    await gateway.watch.round()
    assert states(gateway)[-1] == "verify_only"
    clock.pass_by(DAY)
    await gateway.watch.round()
    await another.watch.round()
    assert states(gateway) == states(another) == ["active", "destroyed"]
    kid = gateway.keys.ring.of(Purpose.AT_REST)[-1].kid
    assert [one.subject for one in gateway.erasing.ledger.read()][1:] == [kid]
    (told,) = [one for one in await entries(gateway, "key.destroyed") if one["subject"] == kid]
    assert told["actor"] == "hub"
    async with gateway.store.reading() as work:
        assert (await gateway.vault.scope(work, alive)).id == alive
    assert await gateway.erasing.catch_up() == 0


async def test_a_version_that_wraps_something_again_is_kept(gateway: Gateway, clock: Clock) -> None:
    await erased(gateway)
    clock.pass_by(8 * DAY)
    await gateway.watch.round()
    # A process that had not looked yet wraps with the old version after it was found empty.
    (old,) = [one for one in gateway.keys.ring.of(Purpose.AT_REST) if one.state is KeyState.ACTIVE]
    clock.pass_by(timedelta(minutes=1))
    for _ in range(2):
        await gateway.watch.round()
    late = await opened(gateway)
    async with gateway.store.work() as work:
        row = await work.scopes.get(late)
        assert await work.scopes.rewrap(late, old.version, row.wrapped or b"")
        await work.commit()
    clock.pass_by(40 * DAY)
    # Wrapped anew by the first round and found empty by the second, it is kept for as long again.
    for _ in range(3):
        await gateway.watch.round()
        assert gateway.keys.ring.record(old.kid).state is KeyState.VERIFY_ONLY
    clock.pass_by(36 * DAY)
    await gateway.watch.round()
    assert gateway.keys.ring.record(old.kid).state is KeyState.DESTROYED
