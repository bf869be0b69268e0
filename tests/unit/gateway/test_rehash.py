"""Look-up hashes under a new key: found throughout, made anew in the background, and the old key revoked after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.port import Fate as Told
from crypto.keys import KeyState, Purpose
from gateway.bootstrap import Gateway
from gateway.keys import RevocationReason
from gateway.rehash import Rehash
from gateway.store.tables.messages import messages
from gateway.store.tables.persons import person_blocks, person_terms
from schemas.errors import Conflict
from tests.gateway.natives import notice
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries

__all__ = ["gateway", "hub_file", "issuer"]

FEED = "police-ppn"


async def versions(gateway: Gateway) -> set[str]:
    """The versions of every hash that is stored."""
    async with gateway.store.reading() as work:
        hashes = [
            one
            for column in (person_terms.c.hash, person_blocks.c.hash, messages.c.native_hash)
            for (one,) in await work._transaction.rows(select(column).where(column.is_not(None)))
        ]
    assert hashes
    return {one.partition(":")[0] for one in hashes}


async def told(gateway: Gateway, payload: bytes) -> Told:
    return (await gateway.intake.receive(gateway.feeds[FEED], payload, "police.desk")).fate


async def turned(gateway: Gateway, clock: Clock) -> None:
    """The next look-up key takes over."""
    await gateway.keys.rotate(Purpose.LOOKUP, clock())
    clock.pass_by(timedelta(seconds=10))
    await gateway.keys.promote_due(clock())


async def test_everything_is_found_before_while_and_after_it_is_hashed_anew(gateway: Gateway, clock: Clock) -> None:
    seen, broken = notice(), b"<not-xml"
    assert (await told(gateway, seen), await told(gateway, broken)) == (Told.ACCEPTED, Told.QUARANTINED)
    pseudonym = gateway.keys.pseudonym()
    await turned(gateway, clock)
    assert await versions(gateway) == {"v1"}
    assert await told(gateway, seen) is Told.DUPLICATE
    with pytest.raises(Conflict):
        await gateway.keys.revoke("lookup.1", RevocationReason.COMPROMISED, clock())
    await gateway.watch.round()
    assert await versions(gateway) == {"v2"}
    assert (await told(gateway, seen), await told(gateway, broken)) == (Told.DUPLICATE, Told.DUPLICATE)
    assert gateway.keys.ring.record("lookup.1").state is KeyState.VERIFY_ONLY, "another process may hash under it yet"
    clock.pass_by(timedelta(seconds=10))
    await gateway.watch.round()
    assert gateway.keys.ring.record("lookup.1").state is KeyState.REVOKED
    assert await told(gateway, seen) is Told.DUPLICATE
    assert gateway.keys.pseudonym() == pseudonym
    (entry,) = await entries(gateway, "keys.rehashed")
    assert entry["detail"]["version"] == 2


async def test_a_known_person_is_known_again_by_the_new_hash_alone(gateway: Gateway, clock: Clock) -> None:
    await told(gateway, notice())
    await turned(gateway, clock)
    await gateway.rehash.all(clock())
    await gateway.keys.revoke("lookup.1", RevocationReason.COMPROMISED, clock())
    again = await gateway.intake.receive(gateway.feeds[FEED], notice(reference="PPN-AGAIN-1"), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(again.message_id)
        people = await work._transaction.rows(select(person_terms.c.person_id).distinct())
    assert item.referral_id is not None
    assert len(await entries(gateway, "referral.joined")) == 1
    assert people


async def test_what_cannot_be_worked_out_again_keeps_the_old_key(gateway: Gateway, clock: Clock) -> None:
    await told(gateway, notice())
    await turned(gateway, clock)
    gateway.feeds.pop(FEED)
    clock.pass_by(timedelta(seconds=10))
    for _ in range(3):
        await gateway.watch.round()
    assert await versions(gateway) == {"v1", "v2"}
    assert gateway.keys.ring.record("lookup.1").state is KeyState.VERIFY_ONLY


async def test_a_version_that_another_process_finished_and_revoked_meanwhile_is_passed_over(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(gateway, notice())
    await turned(gateway, clock)
    # What a round saw as it began, and the same once the other process was done.
    seen = gateway.rehash.old()
    await gateway.rehash.all(clock())
    await gateway.keys.revoke("lookup.1", RevocationReason.SUPERSEDED, clock())
    monkeypatch.setattr(Rehash, "old", lambda _rehash: seen)
    clock.pass_by(timedelta(minutes=1))
    assert await gateway.rehash.round(clock()) == 0
    assert gateway.rehash._passes == {}
