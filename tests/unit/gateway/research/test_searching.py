"""Patterns found behind concerns that came in: with their evidence, once, and still after rotations and erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crypto.keys import Purpose
from gateway.bootstrap import Gateway
from gateway.store.records import ItemRecord
from gateway.store.tables.research import trace_places, traces
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.research.telling import adult, alerts, child, tell
from tests.unit.gateway.whole import entries

FLAT = "12 Ash Street"


async def masked(gateway: Gateway, clock: Clock) -> list[ItemRecord]:
    """Four small concerns about two siblings from two agencies, a month apart, one mother named with each."""
    told = []
    for number, agency in ((0, "police"), (1, "health"), (0, "health"), (1, "police")):
        told.append(await tell(gateway, agency, child(number), adults=(adult(0),)))
        clock.pass_by(timedelta(days=30))
    return told


async def test_low_concerns_about_siblings_raise_one_alert_with_its_evidence_soon_after(
    gateway: Gateway, clock: Clock
) -> None:
    told = await masked(gateway, clock)
    assert await alerts(gateway, *told) == {}
    assert await gateway.searching.round(clock()) == 4
    found = await alerts(gateway, *told)
    alert = found["masked"]
    assert (alert.count, list(alert.evidence)) == (4, [one.message_id for one in told])
    assert alert.referral_id == told[-1].referral_id
    said = [one["detail"] for one in await entries(gateway, "alert.raised") if one["detail"]["kind"] == "masked"]
    assert said == [{"kind": "masked", "count": 4, "evidence": list(alert.evidence)}]
    assert b"notifications" not in alert.sealed


async def test_each_concern_is_looked_at_once_and_what_was_alerted_is_not_alerted_with_every_message_more(
    gateway: Gateway, clock: Clock
) -> None:
    told = await masked(gateway, clock)
    assert await gateway.searching.round(clock()) == 4
    assert await gateway.searching.round(clock()) == 0
    told.append(await tell(gateway, "health", child(0), adults=(adult(0),)))
    await gateway.watch.round()
    assert (await alerts(gateway, *told))["masked"].count == 4


async def test_an_adult_alleged_in_one_family_and_named_in_another(gateway: Gateway, clock: Clock) -> None:
    first = await tell(gateway, "police", child(0), adults=(adult(0), adult(1, alleged=True)), grade="amber")
    clock.pass_by(timedelta(days=200))
    second = await tell(gateway, "health", child(1), adults=(adult(1),))
    await gateway.watch.round()
    alert = (await alerts(gateway, first, second))["alleged_in_families"]
    assert list(alert.evidence) == [first.message_id, second.message_id]


async def three_at_the_flat(gateway: Gateway) -> list[ItemRecord]:
    return [
        await tell(gateway, "police", child(0, line=FLAT)),
        await tell(gateway, "police", child(1), scene=f"{FLAT}, ZZ1 1AB"),
        await tell(gateway, "police", child(2), scene=f"{FLAT.upper()}, zz1 1ab"),
    ]


async def test_children_of_three_families_at_one_place_which_is_kept_as_a_keyed_hash_alone(
    gateway: Gateway, clock: Clock
) -> None:
    told = await three_at_the_flat(gateway)
    await gateway.searching.round(clock())
    assert (await alerts(gateway, *told))["place"].count == 3
    async with gateway.store.reading() as work:
        hashes = [one for (one,) in await work._transaction.rows(select(trace_places.c.hash))]
    assert len({one for one in hashes if one.startswith("v1:")}) == 2  # the flat, and its postcode
    assert not any("ash" in one.lower().partition(":")[2][:12] for one in hashes)


async def test_a_place_is_found_while_its_hashes_are_made_anew_and_after(gateway: Gateway, clock: Clock) -> None:
    told = [await tell(gateway, "police", child(number, line=FLAT)) for number in (0, 1)]
    await gateway.searching.round(clock())
    await gateway.keys.rotate(Purpose.LOOKUP, clock())
    clock.pass_by(timedelta(seconds=10))
    await gateway.keys.promote_due(clock())
    told.append(await tell(gateway, "police", child(2, line=FLAT)))
    await gateway.searching.round(clock())
    assert (await alerts(gateway, *told))["place"].count == 3
    await gateway.watch.round()
    async with gateway.store.reading() as work:
        hashes = {one[:3] for (one,) in await work._transaction.rows(select(trace_places.c.hash))}
    assert hashes == {"v2:"}


async def test_a_family_that_hides_leaves_no_place(gateway: Gateway, clock: Clock) -> None:
    hidden = child(0, line=FLAT)
    hidden = hidden.model_copy(
        update={"addresses": tuple(one.model_copy(update={"confidential": True}) for one in hidden.addresses)}
    )
    await tell(gateway, "police", hidden)
    await gateway.searching.round(clock())
    async with gateway.store.reading() as work:
        assert await work._transaction.rows(select(trace_places.c.hash)) == []


async def test_what_fails_in_between_is_looked_at_again(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await masked(gateway, clock)
    kept = type(gateway.searching)._raise

    async def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(gateway.searching), "_raise", fails)
    with pytest.raises(RuntimeError):
        await gateway.searching.round(clock())
    monkeypatch.setattr(type(gateway.searching), "_raise", kept)
    assert await gateway.searching.round(clock()) == 4
    assert "masked" in await alerts(gateway, *told)


async def test_what_is_no_concern_leaves_no_trace_and_what_is_erased_leaves_none(
    gateway: Gateway, clock: Clock
) -> None:
    told = await tell(gateway, "police", child(0, line=FLAT))
    await gateway.searching.round(clock())
    async with gateway.store.work() as work:
        await work.erasures.forget(str(told.referral_id), [told.message_id])
        await work.commit()
    async with gateway.store.reading() as work:
        assert await work._transaction.rows(select(traces.c.item_id)) == []
        assert await work._transaction.rows(select(trace_places.c.hash)) == []
