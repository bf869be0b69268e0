"""Invariant 3: state, outbox and log commit together; the relay sends only what was committed, and counts confirms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from aio_pika.abc import AbstractQueue

from gateway.delivery.relay import LEASE
from sandbox.scenarios.stage import Case
from tests.gateway import answers
from tests.gateway.faults import killed_before_commit
from tests.gateway.kept import rows
from tests.gateway.natives import notice
from tests.gateway.town import Town, part, until

pytestmark = [pytest.mark.invariant(3), pytest.mark.usefixtures("impatient")]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a case: what it does, the table that it writes its state to, and what it tells the log."""

    name: str
    table: str
    event: str
    do: Callable[[Town, Case], Awaitable[int]]
    sends: bool = False


async def _rate(town: Town, case: Case) -> int:
    body = {"rating": "amber", "threshold": 2, "reasons": ["A reason"], "cites": [], "relax_reason": None}
    return (await town.manager.call("POST", f"/v1/referrals/{case.id}/ratings", body)).status


async def _ask(town: Town, case: Case) -> int:
    body = case.request_body({"health": ("health_history", "health_mental")}, "What do you know?")
    return (await town.manager.call("POST", f"/v1/referrals/{case.id}/requests", body)).status


async def _decide(town: Town, case: Case) -> int:
    shown = await _shown(town, case)
    body = {
        "outcomes": ["section_17_assessment"],
        "rationale": "A rationale",
        "evidence": shown,
        "missing_acknowledged": [],
    }
    return (await town.manager.call("POST", f"/v1/referrals/{case.id}/decisions", body)).status


async def _send(town: Town, case: Case) -> int:
    return (await town.send_product(case, part(case, "history"))).status


async def _tell(town: Town, case: Case) -> int:
    return (await town.manager.call("POST", f"/v1/referrals/{case.id}/feedback", {"text": ""})).status


async def _answer(town: Town, case: Case) -> int:
    """The lead's answer, made once: the same bytes go again after the fault."""
    given = case.given[0]
    reply = await town.client("health.lead").send_answer(given.request, given.sealed)
    if reply.status == 201:
        case.given[0] = replace(given, disclosure=reply.json()["id"])
    return reply.status


async def _shown(town: Town, case: Case) -> list[str]:
    async with town.gateway.store.reading() as work:
        return [one.id for one in await work.disclosures.of_referral(case.id)]


RATE = Step(name="rating", table="ratings", event="rating.given", do=_rate)
ASK = Step(name="request", table="requests", event="request.sent", do=_ask, sends=True)
ANSWER = Step(name="answer", table="disclosures", event="disclosure.received", do=_answer, sends=True)
DECIDE = Step(name="decision", table="decisions", event="decision.made", do=_decide)
SEND = Step(name="product", table="products", event="product.made", do=_send, sends=True)
TELL = Step(name="feedback", table="feedbacks", event="feedback.sent", do=_tell, sends=True)


async def fails_whole_then_succeeds_whole(town: Town, case: Case, step: Step) -> None:
    """While the commit fails nothing at all is kept; afterwards the state, what is to be sent and the entry are."""
    await town.sent()
    before = await rows(town.gateway)
    with killed_before_commit(step.table, times=99) as struck:
        assert await step.do(town, case) == 503
    assert struck.times > 0
    assert any("log_entries" in tables for tables in struck.tables)
    assert await rows(town.gateway) == before, step.name
    assert await step.do(town, case) in {201, 204}
    after = await rows(town.gateway)
    assert len(after[step.table]) > len(before[step.table])
    assert (await town.event_names(referral=case.id)).count(step.event) == 1
    assert (len(after["envelopes"]) > len(before["envelopes"])) == step.sends


async def test_invariant_03_a_kill_before_the_commit_leaves_neither_state_nor_outbox_nor_log(town: Town) -> None:
    case = await town.referral(notice())
    await case.shown()
    await fails_whole_then_succeeds_whole(town, case, RATE)
    await fails_whole_then_succeeds_whole(town, case, ASK)
    asked = await case.asked("health", (await case.shown())["requests"][0]["id"])
    case.given.append(await answers.answer(town, asked))
    await fails_whole_then_succeeds_whole(town, case, ANSWER)
    await fails_whole_then_succeeds_whole(town, case, DECIDE)
    await fails_whole_then_succeeds_whole(town, case, SEND)
    await fails_whole_then_succeeds_whole(town, case, TELL)


async def waiting_product(town: Town) -> tuple[Case, str]:
    """A case whose product was sent; the product's envelope."""
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    made = (await town.send_product(case, part(case, "history"))).expect("a product", 201).json()
    return case, str(made["envelope"])


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_invariant_03_the_relay_sends_only_what_was_committed(town: Town) -> None:
    tap = await tapped(town)
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    await town.sent()
    while await tap.get(fail=False, no_ack=True) is not None:
        pass
    with killed_before_commit("products", times=99):
        assert (await town.send_product(case, part(case, "history"))).status == 503
        await asyncio.sleep(0.5)
    assert await tap.get(fail=False) is None
    made = (await town.send_product(case, part(case, "history"))).expect("a product", 201).json()
    assert (await town.first_of(tap)).message_id == made["envelope"]


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_invariant_03_a_publish_counts_when_the_broker_has_routed_and_confirmed_it(town: Town) -> None:
    channel, name = await town.channel(), f"{town.ground.prefix}recipient.council.assessment-team.inbox"
    await channel.queue_delete(name)
    case, envelope = await waiting_product(town)
    await asyncio.sleep(0.5)
    async with town.gateway.store.reading() as work:
        assert await work.outbox.pending() == 1
    delivered = [one["subject"] for one in await town.events() if one["event"] == "envelope.delivered"]
    assert envelope not in delivered
    assert (await case.shown())["products"][0]["delivered_at"] is None
    # The queue comes back: the next attempt brings it there.
    exchange = await channel.get_exchange(f"{town.ground.prefix}mash.out", ensure=False)
    queue = await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
    await queue.bind(exchange, "recipient.council.assessment-team.inbox")
    town.clock.pass_by(timedelta(minutes=6))
    assert (await town.client("council.assessment-team").next("product")).envelope == envelope
    await town.sent()
    delivered = [one["subject"] for one in await town.events() if one["event"] == "envelope.delivered"]
    assert delivered.count(envelope) == 1


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_invariant_03_a_relay_killed_after_a_publish_sends_again_under_the_same_id(town: Town) -> None:
    tap = await tapped(town)
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    await town.sent()
    while await tap.get(fail=False, no_ack=True) is not None:
        pass
    made = (await town.send_product(case, part(case, "history"))).expect("a product", 201).json()
    with killed_before_commit("products") as struck:  # the relay's own news of the delivery
        first = await town.first_of(tap)
        await until(lambda: asyncio.sleep(0, bool(struck.times)))
    town.clock.pass_by(LEASE + timedelta(seconds=1))
    again = await town.first_of(tap)
    assert first.message_id == again.message_id == made["envelope"]
    assert first.body == again.body
    team = town.client("council.assessment-team")
    deliveries = [await team.next("product")]
    opened = await team.open(deliveries[0])
    assert opened.envelope == made["envelope"]
    names = [one["event"] for one in await town.events() if one["subject"] == opened.envelope]
    assert names.count("envelope.opened") == names.count("envelope.delivered") == 1


async def tapped(town: Town) -> AbstractQueue:
    """A queue that gets a copy of everything that leaves the hub."""
    channel = await town.channel()
    tap = await channel.declare_queue(exclusive=True)
    await tap.bind(await channel.get_exchange(f"{town.ground.prefix}mash.out", ensure=False), "#")
    return tap
