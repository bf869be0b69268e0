"""Two who change one thing at once, held apart so that each time the same one comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from gateway.casework.asking import AskingDesk
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import ReferralRecord, RequestRecord
from gateway.store.repositories.requests import Requests
from sandbox.door import Reply
from sandbox.inbox import Delivery
from tests.gateway import answers
from tests.gateway.natives import notice
from tests.gateway.town import Town

servers = pytest.mark.parametrize("both", ["servers"], indirect=True)
embedded = pytest.mark.parametrize("both", ["embedded"], indirect=True)


@servers
async def test_a_request_that_is_answered_while_it_falls_overdue_stays_answered(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    given = await answers.answer(town, await case.asked("health", made[0]["id"]))
    due_before = Requests.due_before

    async def meanwhile(requests: Requests, now: datetime) -> list[RequestRecord]:
        found = await due_before(requests, now)
        await answers.send(town, given)
        return found

    monkeypatch.setattr(Requests, "due_before", meanwhile)
    town.clock.pass_by(timedelta(hours=7))
    await town.client("health.lead").door.call("GET", "/v1/mailbox")
    await town.gateway.watch.round()
    async with town.gateway.store.reading() as work:
        assert (await work.requests.get(made[0]["id"])).state == "answered"


def opening_meanwhile(
    town: Town, delivery: Delivery, opened: list[asyncio.Task[Reply]]
) -> Callable[[], Awaitable[None]]:
    async def begin() -> None:
        if not opened:
            opened.append(asyncio.create_task(town.client("health.lead").redeem(delivery)))
            await asyncio.sleep(1.5)

    return begin


@servers
@pytest.mark.usefixtures("impatient")
async def test_who_opens_a_request_while_it_is_withdrawn_waits_and_learns_that_it_is_gone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    lead = town.client("health.lead")
    delivery = await lead.next("request")
    await lead.door.call("GET", "/v1/mailbox")
    opened: list[asyncio.Task[Reply]] = []
    begin, mine = opening_meanwhile(town, delivery, opened), AskingDesk._mine

    async def meanwhile(
        desk: AskingDesk, work: Work, caller: PersonCaller, name: str
    ) -> tuple[RequestRecord, ReferralRecord]:
        found = await mine(desk, work, caller, name)
        await begin()
        return found

    monkeypatch.setattr(AskingDesk, "_mine", meanwhile)
    answer = await town.manager.call("POST", f"/v1/requests/{made[0]['id']}/withdrawal", {})
    assert answer.status == 204
    assert (await opened[0]).status == 410


@servers
@pytest.mark.usefixtures("impatient")
async def test_a_rating_that_redates_a_request_is_not_hindered_by_who_opens_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    lead = town.client("health.lead")
    delivery = await lead.next("request")
    await lead.door.call("GET", "/v1/mailbox")
    opened: list[asyncio.Task[Reply]] = []
    begin, requested = opening_meanwhile(town, delivery, opened), Requests.save

    async def meanwhile(requests: Requests, record: RequestRecord) -> RequestRecord:
        saved = await requested(requests, record)
        await begin()
        return saved

    monkeypatch.setattr(Requests, "save", meanwhile)
    rated = await case.rate("red", 4, "Worse than it seemed")
    assert len(rated["redated"]) == 1
    assert (await opened[0]).status == 410
    async with town.gateway.store.reading() as work:
        assert (await work.envelopes.get(delivery.envelope)).state == "replaced"


@embedded
async def test_envelopes_that_open_no_more_do_not_hide_the_next_one(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    team = town.client("council.assessment-team")
    sent = [(await town.send_product(case)).expect("a product", 201).json()["envelope"] for _ in range(3)]
    for envelope in sent[:2]:
        path = f"/v1/envelopes/{envelope}/revoke"
        (await town.manager.call("POST", path, {"reason": "a mistake"})).expect("a revocation", 204)
    page = (await team.door.call("GET", "/v1/mailbox?limit=2")).json()["messages"]
    assert [one["id"] for one in page] == sent[2:]


@embedded
async def test_an_acknowledgement_that_is_repeated_says_nothing_new(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client("council.assessment-team")
    for _ in range(3):
        assert (await team.door.call("POST", f"/v1/mailbox/{delivery.envelope}/ack")).status == 204
    told = [one for one in await town.events(referral=case.id) if one["event"] == "envelope.delivered"]
    assert [one["subject"] for one in told].count(delivery.envelope) == 1


@embedded
async def test_a_step_of_the_watch_that_fails_for_ever_holds_no_other_up(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Requests, "due_before", broken)
    town.clock.pass_by(timedelta(hours=73))
    with pytest.raises(RuntimeError):
        await town.gateway.watch.round()
    async with town.gateway.store.reading() as work:
        assert (await work.envelopes.get(delivery.envelope)).state == "expired"
