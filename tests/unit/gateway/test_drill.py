"""A drill finds everything well where it is, names what is not, and leaves the hub as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import update

from crypto.keys import KeyState, Purpose
from gateway.bootstrap import Gateway
from gateway.drill.copying import Copy, _scratch, copied
from gateway.drill.inventory import take_inventory
from gateway.drill.rehearsal import rehearse
from gateway.drill.report import page
from gateway.keys.policy import ROTATED
from gateway.store.tables.envelopes import envelopes
from gateway.store.tables.messages import messages
from schemas.errors import Rejected
from tests.unit.gateway.case import asked, decided, opened, product, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries

__all__ = ["gateway", "hub_file", "issuer"]


@pytest.fixture
async def worked(gateway: Gateway) -> str:
    """A case with a request in flight and a product, and a message that waits in quarantine; the product's envelope."""
    referral = await opened(gateway)
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    await decided(gateway, referral, acknowledged=[request])
    await gateway.intake.receive(gateway.feeds["police-ppn"], b"<not-xml", "police.desk")
    return (await product(gateway, referral))[1]


@asynccontextmanager
async def a_copy(gateway: Gateway) -> AsyncIterator[Copy]:
    async with copied(gateway.settings, gateway.world, {}) as copy:
        yield copy


@pytest.mark.usefixtures("worked")
async def test_everything_holds_through_every_rotation_and_loss_and_the_hub_is_as_it_was(
    gateway: Gateway, clock: Clock
) -> None:
    rows, log = gateway.keys.rows, await entries(gateway)
    told: list[str] = []
    async with a_copy(gateway) as copy:
        found = await rehearse(copy, told.append)
    assert found.held, found.document()
    assert [(step.name, step.purpose) for step in found.steps] == [
        *(("rotation", purpose) for purpose in ROTATED),
        *(("compromise", purpose) for purpose in ROTATED),
    ]
    assert min(found.before.looked_at[kind] for kind in ("messages", "persons", "requests", "envelopes")) > 0
    assert found.traffic > len(ROTATED)
    lost = {step.purpose: step for step in found.steps if step.name == "compromise"}
    assert lost[Purpose.SIGNING].to_make_anew == 3, "a request and two envelopes"
    assert lost[Purpose.SEALING].to_make_anew == lost[Purpose.AT_REST].to_make_anew == 0
    assert lost[Purpose.AT_REST].touched > 0
    assert "Everything held" in page(found, hub="demo", now=clock())
    assert len(told) == 1 + 2 * len(ROTATED)
    await gateway.keys.refresh()
    assert gateway.keys.rows == rows
    assert await entries(gateway) == log


async def test_an_envelope_that_was_changed_is_named(gateway: Gateway, worked: str, clock: Clock) -> None:
    async with gateway.store.work() as work:
        changed = update(envelopes).where(envelopes.c.id == worked).values(binding=b"0" * 32)
        await work._transaction.execute(changed)
        await work.commit()
    async with a_copy(gateway) as copy:
        found = await rehearse(copy, lambda _: None, purposes=())
    assert not found.held
    assert found.before.failed == {worked: "binding.mismatch"}
    assert worked in page(found, hub="demo", now=clock())


@pytest.mark.usefixtures("worked")
async def test_a_lookup_key_that_is_still_needed_may_not_retire(gateway: Gateway) -> None:
    async with gateway.store.work() as work:
        await work._transaction.execute(update(messages).values(feed="gone"))
        await work.commit()
    async with a_copy(gateway) as copy:
        found = await rehearse(copy, lambda _: None, purposes=(Purpose.LOOKUP,))
    assert [(step.name, step.failed) for step in found.steps] == [
        ("rotation", ()),
        ("compromise", ("keys.lookup.needed",)),
    ]
    assert not found.held


@pytest.mark.usefixtures("worked")
async def test_what_a_key_is_still_needed_for_is_found_when_it_is_gone(gateway: Gateway) -> None:
    async with a_copy(gateway) as copy:
        keys = copy.here.keys
        await keys.rotate(Purpose.AT_REST, copy.clock(), compromise=True)
        async with copy.here.store.work() as work:
            row = await work.keys.get("at_rest.1")
            await work.keys.save(replace(row, state=KeyState.REVOKED))
            await work.commit()
        copy.here.vault._cache.clear()
        found = await take_inventory(copy.here)
    assert len(found.failed) == sum(found.looked_at[kind] for kind in ("messages", "persons", "requests", "envelopes"))


async def test_on_postgresql_a_database_to_rehearse_in_must_be_named(gateway: Gateway) -> None:
    url = "postgresql://hub@127.0.0.1:1/hub"
    own = replace(gateway.settings, database_url=url)
    for environ in ({}, {"MASH_DRILL_DATABASE_URL": url}):
        with pytest.raises(Rejected) as caught:
            _scratch(own, environ)
        assert caught.value.code == "drill.scratch"
