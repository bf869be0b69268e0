"""Opening what was called back, under a key that was replaced, or while the reader loses its standing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateway.log import Log
from gateway.log.placing import Placed
from gateway.store.direct import Statements
from gateway.store.records import LogRecord
from gateway.store.tables.envelopes import envelopes
from sandbox.door import Reply
from sandbox.failures import NotTrusted
from sandbox.keys import signing_key
from tests.gateway import borough
from tests.gateway.natives import child, notice
from tests.gateway.town import Town

TEAM = "council.assessment-team"
embedded = pytest.mark.parametrize("both", ["embedded"], indirect=True)


async def revoke(town: Town, envelope: str, who: str = "security") -> None:
    answer = await town.person(who).call("POST", f"/v1/envelopes/{envelope}/revoke", {"reason": "a breach"})
    answer.expect("a revocation", 204)


async def reissue(town: Town, envelope: str, who: str = "manager") -> Reply:
    return await town.person(who).call("POST", f"/v1/envelopes/{envelope}/reissue", {})


@embedded
async def test_what_was_called_back_is_not_cut_anew(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    await revoke(town, delivery.envelope)
    answer = await reissue(town, delivery.envelope)
    assert (answer.status, answer.code) == (410, "envelope.revoked")


@embedded
async def test_an_envelope_is_cut_anew_once_so_that_two_never_open(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    assert (await reissue(town, delivery.envelope)).status == 201
    assert (await reissue(town, delivery.envelope)).status == 410
    assert (await town.client(TEAM).redeem(delivery)).status == 410


@embedded
async def test_only_the_manager_of_the_case_has_an_envelope_cut_anew(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    answer = await reissue(town, delivery.envelope, "other_manager")
    assert (answer.status, answer.code) == (403, "referral.not_assigned")


@embedded
async def test_a_key_that_was_replaced_opens_nothing_any_more(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    keys = borough.keys_of("council")
    clients = dict(keys.clients)
    clients[TEAM] = replace(clients[TEAM], dpop=signing_key(f"{TEAM}.dpop.2"))
    renewed = replace(keys, clients=clients).enrolment_file(borough.HUB, town.clock())
    await town.gateway.agencies.enrol(renewed, town.clock())
    answer = await town.client(TEAM).redeem(delivery)
    assert (answer.status, answer.code) == (404, "envelope.unknown")
    last = (await town.events(referral=case.id))[-1]
    assert (last["event"], last["detail"]["code"]) == ("envelope.opening_refused", "client.key")


@embedded
async def test_a_suspended_agencys_attempt_is_refused_and_in_the_log(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    await town.gateway.agencies.suspend("council", town.clock())
    assert (await town.client(TEAM).redeem(delivery)).status == 404
    last = (await town.events(referral=case.id))[-1]
    assert (last["event"], last["detail"]["code"]) == ("envelope.opening_refused", "client.standing")


async def test_an_agency_is_suspended_before_an_opening_or_after_it_and_never_within(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    place, suspended = Log.place, list[asyncio.Task[None]]()

    async def meanwhile(log: Log, work: Statements, drafts: Sequence[LogRecord]) -> Placed:
        if not suspended:
            suspended.append(asyncio.create_task(town.gateway.agencies.suspend("council", town.clock())))
            await asyncio.sleep(0.5)
            assert not suspended[0].done()
        return await place(log, work, drafts)

    monkeypatch.setattr(Log, "place", meanwhile)
    assert (await town.client(TEAM).redeem(delivery)).status == 200
    await suspended[0]
    events = [one["event"] for one in await town.events()]
    assert events.index("agency.suspended") > len(events) - 1 - events[::-1].index("envelope.opened")
    # From then on not even an honest retry is answered.
    assert (await town.client(TEAM).redeem(delivery)).status == 404


@embedded
async def test_an_envelope_whose_policy_was_exchanged_in_the_database_is_refused_and_in_the_log(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    async with town.gateway.store._connections.work.begin() as connection:
        same = envelopes.c.id == delivery.envelope
        await connection.execute(update(envelopes).where(same).values(wrapped_key=b"\0" * 61))
    assert (await town.client(TEAM).redeem(delivery)).status == 400
    last = (await town.events(referral=case.id))[-1]
    assert (last["event"], last["detail"]["code"]) == ("envelope.opening_refused", "binding.mismatch")


async def swap_bodies(town: Town, *names: str) -> None:
    """As somebody who may write into the database: each of the two gets the other's body, and its digest with it."""
    async with town.gateway.store._connections.work.begin() as connection:
        columns = select(envelopes.c.body, envelopes.c.body_digest)
        held = [(await connection.execute(columns.where(envelopes.c.id == name))).one() for name in names]
        for name, (body, digest) in zip(names, reversed(held), strict=True):
            same = envelopes.c.id == name
            await connection.execute(update(envelopes).where(same).values(body=body, body_digest=digest))


@embedded
async def test_bodies_swapped_between_two_envelopes_open_nothing(town: Town) -> None:
    for number in (1, 2):
        case = await town.referral(notice(child(number)))
        await town.disclosed(case)
        _ = await town.product(case)
    team = town.client(TEAM)
    one, other = deliveries = [waiting for waiting in await team.pending() if waiting.kind == "product"]
    # In the database: the token names the body that it was cut for.
    await swap_bodies(town, one.envelope, other.envelope)
    for delivery in deliveries:
        assert ((await team.redeem(delivery)).status, (await team.redeem(delivery)).code) == (404, "envelope.unknown")
    await swap_bodies(town, one.envelope, other.envelope)
    # On the way: the reader sees that the key is another's, before it opens anything with it.
    with pytest.raises(NotTrusted, match="another key"):
        await team.open(replace(one, body=other.body))
    assert (await team.open(one)).content["kind"] == "product"


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_many_who_open_at_once_do_not_use_up_the_connections_that_they_wait_for(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client(TEAM)
    await team.door.call("GET", "/v1/mailbox")
    before = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(team.redeem(delivery) for _ in range(40)))
    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    assert asyncio.get_running_loop().time() - before < 10
    opened = [one for one in await town.event_names(referral=case.id) if one == "envelope.opened"]
    assert len(opened) == 3  # the request by its lead, the disclosure by the manager's system, and this


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_an_envelope_that_is_opened_in_its_last_moment_does_not_expire_as_well(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    place, rounds = Log.place, list[asyncio.Task[None]]()

    async def meanwhile(log: Log, work: Statements, drafts: Sequence[LogRecord]) -> Placed:
        if not rounds:
            town.clock.pass_by(timedelta(hours=73))
            rounds.append(asyncio.create_task(town.gateway.watch.round()))
            await asyncio.sleep(1.0)
        return await place(log, work, drafts)

    monkeypatch.setattr(Log, "place", meanwhile)
    assert (await town.client(TEAM).redeem(delivery)).status == 200
    await asyncio.gather(*rounds)
    names = await town.event_names(referral=case.id)
    assert "envelope.expired" not in names
    async with town.gateway.store.reading() as work:
        record = await work.envelopes.get(delivery.envelope)
    assert (record.state, record.release is not None) == ("released", True)
