"""Sealing at rest: under whose key, for which place, and what remains once a scope is destroyed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

import pytest

from crypto.failure import SealFailed
from crypto.keys import Purpose
from gateway import vault as vaults
from gateway.keys import Keys, MasterKey, RevocationReason
from gateway.store import Store
from gateway.vault import Vault
from schemas.errors import Conflict, Unknown

AAD = "messages.sealed.msg_1"
TEXT = b"a narrative"


@pytest.fixture
async def vault(keys: Keys, store: Store, random: Callable[[int], bytes], now: datetime) -> Vault:
    vault = Vault(keys, random)
    async with store.work() as work:
        for scope in ("ref_1", "ref_2"):
            await vault.new_scope(work, scope, now=now)
        await work.commit()
    return vault


async def test_what_is_sealed_opens_again_in_its_scope_for_its_place(vault: Vault, store: Store) -> None:
    async with store.work() as work:
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        assert await vault.open(work, "ref_1", sealed, aad=AAD) == TEXT
    assert TEXT not in sealed


async def test_it_opens_in_another_process_too(
    vault: Vault, store: Store, master: MasterKey, random: Callable[[int], bytes]
) -> None:
    other = Vault(await Keys.load(store, master, origin="demo.mash.log", random=random), random)
    async with store.work() as work:
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        assert await other.open(work, "ref_1", sealed, aad=AAD) == TEXT


async def test_it_opens_nowhere_else_and_not_once_changed(vault: Vault, store: Store) -> None:
    async with store.work() as work:
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        with pytest.raises(SealFailed):
            await vault.open(work, "ref_2", sealed, aad=AAD)
        with pytest.raises(SealFailed):
            await vault.open(work, "ref_1", sealed, aad="messages.sealed.msg_2")
        for place in (0, 20, 61, len(sealed) - 1):
            changed = bytearray(sealed)
            changed[place] ^= 1
            with pytest.raises(SealFailed):
                await vault.open(work, "ref_1", bytes(changed), aad=AAD)
        for size in range(len(sealed)):
            with pytest.raises(SealFailed):
                await vault.open(work, "ref_1", sealed[:size], aad=AAD)


async def test_the_same_text_is_sealed_differently_each_time(vault: Vault, store: Store) -> None:
    async with store.work() as work:
        assert len({await vault.seal(work, "ref_1", TEXT, aad=AAD) for _ in range(5)}) == 5


async def test_an_unknown_scope_seals_and_opens_nothing(vault: Vault, store: Store) -> None:
    async with store.work() as work:
        with pytest.raises(Unknown):
            await vault.seal(work, "ref_9", TEXT, aad=AAD)


async def test_a_scope_that_was_not_committed_is_unknown(vault: Vault, store: Store, now: datetime) -> None:
    async with store.work() as work:
        await vault.new_scope(work, "ref_3", now=now)
        await vault.seal(work, "ref_3", TEXT, aad=AAD)
    async with store.work() as work:
        with pytest.raises(Unknown):
            await vault.seal(work, "ref_3", TEXT, aad=AAD)


async def test_a_destroyed_scope_is_unknown_at_once_even_to_a_process_that_held_its_key(
    vault: Vault, store: Store, keys: Keys, now: datetime
) -> None:
    other = Vault(keys, os.urandom)
    async with store.work() as work:
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        await other.open(work, "ref_1", sealed, aad=AAD)
        assert await vault.destroy(work, "ref_1", now=now)
        await work.commit()
    for each in (vault, other):
        async with store.work() as work:
            with pytest.raises(Unknown):
                await each.open(work, "ref_1", sealed, aad=AAD)
            with pytest.raises(Unknown):
                await each.seal(work, "ref_1", TEXT, aad=AAD)


async def test_after_a_change_of_kek_all_scopes_are_rewrapped_and_everything_still_opens(
    vault: Vault, store: Store, keys: Keys, now: datetime
) -> None:
    async with store.work() as work:
        sealed = await vault.seal(work, "ref_1", TEXT, aad=AAD)
        for number in range(5):
            await vault.new_scope(work, f"per_{number}", now=now)
        await work.commit()
    await keys.rotate(Purpose.AT_REST, now, compromise=True)
    with pytest.raises(Conflict):
        await keys.revoke("at_rest.1", RevocationReason.COMPROMISED, now)
    done: list[int] = []
    while not done or done[-1]:
        async with store.work() as work:
            done.append(await vault.rewrap(work, batch=3))
            await work.commit()
    assert done == [3, 3, 1, 0]
    await keys.revoke("at_rest.1", RevocationReason.COMPROMISED, now)
    async with store.work() as work:
        assert not await work.scopes.list_by_kek(1)
        assert await vault.open(work, "ref_1", sealed, aad=AAD) == TEXT
        assert await Vault(keys, os.urandom).open(work, "ref_1", sealed, aad=AAD) == TEXT


async def test_a_process_that_has_not_heard_of_a_new_kek_looks_it_up(
    vault: Vault, store: Store, keys: Keys, master: MasterKey, now: datetime
) -> None:
    behind = await Keys.load(store, master, origin=keys.origin, random=os.urandom)
    await keys.rotate(Purpose.AT_REST, now, compromise=True)
    async with store.work() as work:
        await vault.new_scope(work, "ref_7", now=now)
        sealed = await vault.seal(work, "ref_7", TEXT, aad=AAD)
        await work.commit()
    async with store.reading() as reading:
        assert await Vault(behind, os.urandom).open(reading, "ref_7", sealed, aad=AAD) == TEXT


async def test_the_cache_of_scope_keys_stays_small(vault: Vault, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vaults, "CACHED_SCOPES", 1)
    async with store.work() as work:
        for _ in range(2):
            for scope in ("ref_1", "ref_2"):
                await vault.seal(work, scope, TEXT, aad=AAD)
    assert len(vault._cache) == 1


async def test_no_key_is_shown(vault: Vault, store: Store) -> None:
    async with store.work() as work:
        scope = await vault.scope(work, "ref_1")
        shown = repr(scope) + repr(vault) + repr(vault._keys.keks())
    assert repr(scope._key)[2:-1] not in shown
