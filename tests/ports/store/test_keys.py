"""Scope keys, the hub's own keys, and who is enrolled."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.store import Store
from gateway.store.records import AgencyKeyRow, AgencyRow, ClientRow, KeyRow
from schemas.errors import Conflict, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW

KEY = KeyRow(
    kid="signing-1",
    purpose="signing",
    version=1,
    state="active",
    created_at=NOW,
    published_at=NOW,
    promoted_at=None,
    retired_at=None,
    revoked_at=None,
    public='{"kty":"EC"}',
    wrapped=b"wrapped",
)
CLIENT = ClientRow(
    client_id="police.lead",
    agency="police",
    recipient="lead",
    role=None,
    grants=("mailbox", "open"),
    authentication_jwk='{"kty":"EC"}',
    dpop_jkt="thumbprint",
    encryption_jwk=None,
    channel="amqp",
    amqp_user="police-lead",
    state="active",
)


async def test_a_scope_key_is_rewrapped_and_once_destroyed_stays_so(store: Store) -> None:
    async with store.work() as work:
        await work.scopes.add(samples.scope("scope-1"))
        await work.scopes.add(samples.scope("scope-2"))
        with pytest.raises(Conflict):
            await work.scopes.add(samples.scope("scope-1"))
        assert await work.scopes.rewrap("scope-1", 2, b"again")
        assert [scope.id for scope in await work.scopes.list_by_kek(1)] == ["scope-2"]
        assert await work.scopes.destroy("scope-1", NOW)
        assert not await work.scopes.destroy("scope-1", NOW + HOUR)
        assert not await work.scopes.rewrap("scope-1", 3, b"back again")
        await work.commit()
    async with store.reading() as reading:
        destroyed = await reading.scopes.get("scope-1")
        assert (destroyed.wrapped, destroyed.destroyed_at, destroyed.kek_version) == (None, NOW, 2)
        assert await reading.scopes.list_by_kek(2) == []


async def test_a_key_moves_through_its_states(store: Store) -> None:
    async with store.work() as work:
        await work.keys.add(KEY)
        await work.keys.add(replace(KEY, kid="signing-2", version=2))
        await work.keys.add(replace(KEY, kid="lookup-1", purpose="lookup", public=None))
        for taken in (replace(KEY, kid="signing-9"), replace(KEY, version=9)):
            with pytest.raises(Conflict):
                await work.keys.add(taken)
        revoked = replace(KEY, state="destroyed", revoked_at=NOW + HOUR, wrapped=None)
        await work.keys.save(revoked)
        with pytest.raises(Unknown):
            await work.keys.save(replace(KEY, kid="signing-9"))
        await work.commit()
    async with store.reading() as reading:
        assert [key.kid for key in await reading.keys.all()] == ["lookup-1", "signing-1", "signing-2"]
        assert await reading.keys.get("signing-1") == revoked


async def test_of_two_processes_that_make_keys_at_once_one_waits(store: Store, another_store: Store) -> None:
    async def ensure(through: Store, kid: str) -> None:
        async with through.work() as work:
            await work.keys.lock()
            if not await work.keys.all():
                await asyncio.sleep(0.01)
                await work.keys.add(replace(KEY, kid=kid))
            await work.commit()

    await asyncio.gather(ensure(store, "a"), ensure(another_store, "b"), ensure(store, "c"))
    async with store.reading() as reading:
        assert len(await reading.keys.all()) == 1


async def test_an_agency_its_keys_and_its_clients_are_enrolled_and_written_anew(store: Store) -> None:
    key = AgencyKeyRow(kid="k1", agency="police", jwk='{"kty":"EC"}', state="active", enrolled_at=NOW)
    async with store.work() as work:
        await work.agencies.put_client(CLIENT)
        await work.agencies.put_key(key)
        await work.agencies.put_key(replace(key, agency="health", jwk="{}"))
        await work.agencies.put(AgencyRow(id="police", status="active", enrolled_at=NOW))
        await work.agencies.put(AgencyRow(id="health", status="active", enrolled_at=NOW))
        await work.agencies.put(AgencyRow(id="police", status="suspended", enrolled_at=NOW))
        await work.agencies.put_key(replace(key, state="revoked"))
        await work.agencies.put_client(replace(CLIENT, state="suspended"))
        with pytest.raises(Conflict):
            await work.agencies.put_client(replace(CLIENT, client_id="police.other", amqp_user=None))
        without = replace(CLIENT, client_id="police.feed", recipient=None, amqp_user=None)
        await work.agencies.put_client(without)
        await work.agencies.put_client(replace(without, client_id="police.feed-2"))
        await work.commit()
    async with store.reading() as reading:
        agencies = reading.agencies
        assert [(agency.id, agency.status) for agency in await agencies.all()] == [
            ("health", "active"),
            ("police", "suspended"),
        ]
        assert await agencies.find("council") is None
        assert await agencies.keys("police") == [replace(key, state="revoked")]
        assert await agencies.find_key("health", "k1") == replace(key, agency="health", jwk="{}")
        assert await agencies.find_key("council", "k1") is None
        suspended = replace(CLIENT, state="suspended")
        assert await agencies.find_client("police.lead") == suspended
        assert await agencies.client_of_recipient("police", "lead") == suspended
        assert await agencies.client_of_recipient("health", "lead") is None
        assert await agencies.client_of_amqp_user("police-lead") == suspended
        assert [client.client_id for client in await agencies.clients("police")] == [
            "police.feed",
            "police.feed-2",
            "police.lead",
        ]
        assert await agencies.clients("health") == []
        assert len(await agencies.clients()) == 3
