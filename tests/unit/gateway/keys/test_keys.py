"""The life of the hub's keys, in one process and in two."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from crypto import jws
from crypto.jwk import DecryptionKey
from crypto.keys import KeyState, Purpose
from gateway.keys import Keys, MasterKey, RevocationReason, material
from gateway.keys.policy import PUBLISH_FOR, PURPOSES
from gateway.log import Event, Log
from gateway.store import Store
from gateway.store.records import PersonRecord, ScopeKey
from gateway.store.repositories.persons import PERSONS
from gateway.store.tables.keys import keys as table
from gateway.store.tables.persons import person_terms
from schemas.errors import Conflict, Rejected, Unknown

ORIGIN = "demo.mash.log"
SECOND = timedelta(seconds=1)


async def another_process(store: Store, master: MasterKey) -> Keys:
    return await Keys.load(store, master, origin=ORIGIN, random=os.urandom)


async def events(store: Store) -> list[tuple[str, str | None]]:
    async with store.reading() as work:
        return [(entry.event, entry.subject) for entry in await work.log.unsequenced(1000)]


def test_every_purpose_has_an_active_key_once_ensured(keys: Keys) -> None:
    assert [keys.ring.active(purpose).version for purpose in PURPOSES] == [1] * len(PURPOSES)


async def test_ensuring_again_makes_no_more_keys(keys: Keys, now: datetime) -> None:
    before = keys.ring
    await keys.ensure(now + SECOND)
    assert keys.ring == before


async def test_another_process_holds_the_same_keys(keys: Keys, store: Store, master: MasterKey) -> None:
    other = await another_process(store, master)
    token = jws.sign(b"hello", keys.ring.signing_key(), typ="test+jws")
    assert jws.verify(token, other.ring.verification_keys(), typ="test+jws").payload == b"hello"
    assert other.jwks() == keys.jwks()
    assert other.policy_key() == keys.policy_key()
    assert other.keks().keys == keys.keks().keys
    assert other.lookup().keys == keys.lookup().keys
    assert other.log_key() == keys.log_key()


@pytest.mark.usefixtures("rsa_pairs")
async def test_two_processes_that_start_a_new_hub_together_agree_on_one_set_of_keys(
    store: Store, master: MasterKey, now: datetime
) -> None:
    first, second = await another_process(store, master), await another_process(store, master)
    await asyncio.gather(first.ensure(now), second.ensure(now))
    await first.refresh()
    await second.refresh()
    assert len(first.ring.records) == len(PURPOSES)
    assert [(row.kid, row.state) for row in first.rows] == [(row.kid, row.state) for row in second.rows]


@pytest.mark.usefixtures("keys")
async def test_another_master_key_opens_nothing_and_the_error_says_what_to_do(store: Store) -> None:
    with pytest.raises(Rejected) as caught:
        await another_process(store, MasterKey(os.urandom(32)))
    assert caught.value.code == "keys.master.other"


async def test_no_secret_is_in_the_store_in_clear(keys: Keys, store: Store) -> None:
    async with store.reading() as work:
        rows = await work.keys.all()
    kept = b"".join((row.wrapped or b"") + (row.public or "").encode() for row in rows)
    secrets = [*keys.keks().keys.values(), *keys.lookup().keys.values(), keys.policy_key()]
    secrets += keys.pseudonym().keys.values()
    secrets += [keys.ring.signing_key().to_der(), keys.checkpoint_key().to_bytes()]
    secrets += [key.to_der() for key in keys.ring.decryption_keys().values()]
    assert len(secrets) == len(PURPOSES)
    assert not any(secret in kept or secret[-32:] in kept for secret in secrets)
    assert '"d"' not in kept.decode(errors="replace")


async def test_a_successor_is_published_first_and_promoted_after_the_caches(keys: Keys, now: datetime) -> None:
    old = keys.ring.signing_key().kid
    step = await keys.rotate(Purpose.SIGNING, now)
    assert step.state is KeyState.PRE_ACTIVE
    assert step.due_at == now + PUBLISH_FOR[Purpose.SIGNING]
    published = [key["kid"] for key in keys.jwks()["keys"] if key["use"] == "sig"]
    assert published == [old, step.kid]
    assert keys.ring.signing_key().kid == old
    assert await keys.promote_due(step.due_at - SECOND) == ()
    assert await keys.promote_due(step.due_at) == (step.kid,)
    assert keys.ring.signing_key().kid == step.kid
    assert old in keys.ring.verification_keys()


async def test_asking_again_while_a_successor_waits_makes_no_second_one(keys: Keys, now: datetime) -> None:
    first = await keys.rotate(Purpose.SIGNING, now)
    again = await keys.rotate(Purpose.SIGNING, now + SECOND)
    assert again == first


async def test_a_rotation_by_another_process_arrives_with_the_next_refresh_and_nothing_in_flight_breaks(
    keys: Keys, store: Store, master: MasterKey, now: datetime
) -> None:
    serving, officer = keys, await another_process(store, master)
    in_flight = jws.sign(b"before", serving.ring.signing_key(), typ="test+jws")
    step = await officer.rotate(Purpose.SIGNING, now)
    assert await serving.refresh()
    assert not await serving.refresh()
    assert step.due_at is not None
    assert await serving.promote_due(step.due_at) == (step.kid,)
    # The officer's process has not looked since: it goes on verifying what the new key signs.
    fresh = jws.sign(b"after", serving.ring.signing_key(), typ="test+jws")
    assert jws.verify(fresh, officer.ring.verification_keys(), typ="test+jws").payload == b"after"
    assert jws.verify(in_flight, serving.ring.verification_keys(), typ="test+jws").payload == b"before"


async def test_two_processes_that_promote_together_promote_once(
    keys: Keys, store: Store, master: MasterKey, now: datetime
) -> None:
    step = await keys.rotate(Purpose.POLICY, now)
    other = await another_process(store, master)
    assert step.due_at is not None
    promoted = await asyncio.gather(keys.promote_due(step.due_at), other.promote_due(step.due_at))
    assert sorted(promoted) == [(), (step.kid,)]
    assert (await events(store)).count((Event.KEY_PROMOTED, step.kid)) == 1


@pytest.mark.parametrize("purpose", [Purpose.SIGNING, Purpose.SEALING, Purpose.CHECKPOINT, Purpose.POLICY])
async def test_after_a_compromise_the_old_key_is_trusted_for_nothing_at_once(
    keys: Keys, now: datetime, purpose: Purpose
) -> None:
    old = keys.ring.active(purpose).kid
    step = await keys.rotate(purpose, now, compromise=True)
    assert keys.ring.active(purpose).kid == step.kid != old
    assert old not in keys.ring.in_force(purpose)
    assert keys.ring.record(old).material is None
    assert old not in [key["kid"] for key in keys.jwks()["keys"]]


@pytest.mark.parametrize("purpose", [Purpose.AT_REST, Purpose.LOOKUP])
async def test_after_a_compromise_old_keys_of_stored_things_still_read(
    keys: Keys, now: datetime, purpose: Purpose
) -> None:
    step = await keys.rotate(purpose, now, compromise=True)
    assert keys.ring.active(purpose).kid == step.kid
    assert set(keys.ring.secrets(purpose)) == {1, 2}


async def test_revoking_the_active_key_leaves_a_successor_in_its_place(keys: Keys, now: datetime) -> None:
    old = keys.ring.signing_key().kid
    await keys.revoke(old, RevocationReason.LOST, now)
    assert keys.ring.signing_key().kid != old
    assert old not in keys.ring.verification_keys()
    with pytest.raises(Conflict):
        await keys.revoke(old, RevocationReason.LOST, now)


async def test_an_unknown_key_cannot_be_revoked(keys: Keys, now: datetime) -> None:
    with pytest.raises(Unknown):
        await keys.revoke("nobody", RevocationReason.LOST, now)


async def test_a_kek_is_not_revoked_while_a_scope_hangs_on_it(keys: Keys, store: Store, now: datetime) -> None:
    async with store.work() as work:
        await work.scopes.add(ScopeKey(id="ref_1", kek_version=1, wrapped=b"sealed", created_at=now))
        await work.commit()
    before = keys.ring
    with pytest.raises(Conflict) as caught:
        await keys.revoke("at_rest.1", RevocationReason.COMPROMISED, now)
    assert caught.value.code == "keys.at_rest.needed"
    await keys.refresh()
    assert keys.ring.active(Purpose.AT_REST) == before.active(Purpose.AT_REST)


async def found_by(store: Store, hashed: str, now: datetime) -> None:
    """Somebody whom this hash leads to."""
    record = PersonRecord(id="per_1", scope="per_1", sealed=b"sealed", created_at=now, updated_at=now)
    async with store.work() as work:
        await work.scopes.add(ScopeKey(id="per_1", kek_version=1, wrapped=b"sealed", created_at=now))
        await work._transaction.add(PERSONS, record)
        await work._transaction.execute(person_terms.insert(), {"hash": hashed, "person_id": "per_1", "kind": "nhs"})
        await work.commit()


async def test_a_lookup_key_that_stored_hashes_hang_on_is_not_revoked(keys: Keys, store: Store, now: datetime) -> None:
    await found_by(store, "v1:hash", now)
    with pytest.raises(Conflict) as caught:
        await keys.revoke("lookup.1", RevocationReason.COMPROMISED, now)
    assert caught.value.code == "keys.lookup.needed"
    async with store.work() as work:
        await work.scopes.destroy("per_1", now)
        await work.commit()
    await keys.revoke("lookup.1", RevocationReason.COMPROMISED, now)
    assert set(keys.lookup().keys) == {2}, "what was erased keeps no key"


async def test_the_key_of_pseudonyms_is_for_good(keys: Keys, now: datetime) -> None:
    for change in (
        keys.rotate(Purpose.PSEUDONYM, now, compromise=True),
        keys.revoke("pseudonym.1", RevocationReason.LOST, now),
        keys.suspend("pseudonym.1", RevocationReason.SUSPECTED, now),
    ):
        with pytest.raises(Conflict) as caught:
            await change
        assert caught.value.code == "keys.pseudonym.needed"


async def test_a_hub_from_before_keeps_the_pseudonyms_that_its_first_lookup_key_gave(
    keys: Keys, store: Store, master: MasterKey, now: datetime
) -> None:
    assert keys.pseudonym().keys[1] != keys.lookup().keys[1], "a new hub has a key for each"
    async with store.work() as work:
        await work._transaction.execute(delete(table).where(table.c.purpose == "pseudonym"))
        await work.commit()
    await keys.refresh()
    await keys.ensure(now)
    assert keys.pseudonym().keys[1] == keys.lookup().keys[1]
    assert (await another_process(store, master)).pseudonym().keys == keys.pseudonym().keys


@pytest.mark.parametrize("purpose", [Purpose.SIGNING, Purpose.SEALING, Purpose.CHECKPOINT, Purpose.POLICY])
async def test_a_suspended_key_is_trusted_for_nothing_until_it_is_cleared(
    keys: Keys, store: Store, now: datetime, purpose: Purpose
) -> None:
    doubted = keys.ring.active(purpose)
    await keys.suspend(doubted.kid, RevocationReason.SUSPECTED, now)
    assert doubted.kid not in keys.ring.in_force(purpose)
    assert keys.ring.active(purpose).version == 2, "others go on with its successor"
    assert await keys.resume(doubted.kid, now + SECOND) is KeyState.VERIFY_ONLY
    again = keys.ring.in_force(purpose)[doubted.kid].material
    assert again is not None
    assert doubted.material is not None
    assert material.to_secret(again) == material.to_secret(doubted.material)
    assert keys.ring.record(doubted.kid).changed_at == now + SECOND
    told = [event for event, subject in await events(store) if subject == doubted.kid]
    assert sorted(told) == [Event.KEY_CREATED, Event.KEY_PROMOTED, Event.KEY_RESUMED, Event.KEY_SUSPENDED]
    with pytest.raises(Conflict):
        await keys.resume(doubted.kid, now)


async def test_a_revoked_key_is_wiped_after_the_time_and_not_before(keys: Keys, store: Store, now: datetime) -> None:
    old, wait = keys.ring.signing_key().kid, timedelta(days=35)
    await keys.revoke(old, RevocationReason.CEASED, now)
    with pytest.raises(Conflict, match="too_early"):
        await keys.destroy(old, now + wait - SECOND, wait=wait)
    assert await keys.destroy_due(now + wait - SECOND, wait=wait) == ()
    assert await keys.destroy_due(now + wait, wait=wait) == (old,)
    assert await keys.destroy_due(now + wait, wait=wait) == ()
    async with store.reading() as work:
        row = await work.keys.get(old)
    assert (row.state, row.wrapped) == (KeyState.DESTROYED, None)
    assert (Event.KEY_DESTROYED, old) in await events(store)
    with pytest.raises(Conflict):
        await keys.destroy(keys.ring.signing_key().kid, now + wait, wait=wait)


async def test_a_scheduled_rotation_publishes_one_successor_across_processes(
    keys: Keys, store: Store, master: MasterKey, now: datetime
) -> None:
    other, every = await another_process(store, master), {Purpose.POLICY: timedelta(days=90)}
    before = now + timedelta(days=90) - SECOND
    assert await keys.rotate_due(before, every) == ()
    due = now + timedelta(days=90)
    published = await asyncio.gather(keys.rotate_due(due, every), other.rotate_due(due, every))
    assert sorted(published) == [(), ("policy.2",)]
    assert await keys.rotate_due(due + SECOND, every) == (), "one waits already"
    assert await keys.promote_due(due + PUBLISH_FOR[Purpose.POLICY]) == ("policy.2",)
    assert await keys.rotate_due(due + timedelta(days=1), every) == ()


async def test_every_key_event_is_in_the_log(keys: Keys, store: Store, now: datetime) -> None:
    old = keys.ring.signing_key().kid
    step = await keys.rotate(Purpose.SIGNING, now, compromise=True)
    told = await events(store)
    assert {(Event.KEY_CREATED, old), (Event.KEY_PROMOTED, old)} <= set(told)
    assert {(Event.KEY_CREATED, step.kid), (Event.KEY_PROMOTED, step.kid), (Event.KEY_REVOKED, old)} <= set(told)
    assert (Event.KEY_RETIRED, old) not in told


async def test_a_change_that_does_not_commit_leaves_no_key_behind(
    keys: Keys, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> str:
        raise RuntimeError("the log is broken")

    monkeypatch.setattr(keys._recorder, "append", fail)
    before = keys.ring
    with pytest.raises(RuntimeError, match="broken"):
        await keys.rotate(Purpose.SIGNING, now, compromise=True)
    assert keys.ring == before
    async with store.reading() as work:
        assert len(await work.keys.all()) == len(before.records)


async def test_checkpoints_are_verified_by_keys_in_force_first_and_former_ones_are_told_apart(
    keys: Keys, log: Log, now: datetime, rsa_pairs: Iterator[DecryptionKey]
) -> None:
    assert rsa_pairs is not None
    old = keys.log_key()
    await keys.rotate(Purpose.CHECKPOINT, now, compromise=True)
    assert [verifier.text() for verifier in keys.checkpoint_verifiers()] == [keys.log_key()]
    assert [verifier.text() for verifier in keys.former_checkpoint_verifiers()] == [old]
    assert log.origin == keys.origin
