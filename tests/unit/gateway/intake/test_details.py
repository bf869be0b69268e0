"""Thin events are completed beside everything else, from one place alone, and whatever happens there they stand."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import timedelta

import pytest
from aiohttp import web

from adapters.probation.event import DomainEvent
from gateway.bootstrap import Gateway
from gateway.intake.detail_call import DetailCall
from gateway.intake.details import MOST_ATTEMPTS, PARKED_ALARM, Details, ask_again
from gateway.intake.intake import Answered
from gateway.store.records import DetailRecord, DetailState
from schemas.errors import Rejected, Unavailable, Unknown
from schemas.hub import DetailSection
from tests.gateway.borough import Document
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.intake.detail_place import SECRET, Answer, Place, event, found, listening, says
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import document, entries

FEED = "probation-thin"
DAY = timedelta(days=1)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with listening() as made:
        yield made


@pytest.fixture
def hub_file(issuer: Issuer, place: Place) -> Document:
    made = document(issuer.url)
    detail = {"url": f"{place.base}/detail", "network": "loopback", "seconds": 2.0, "bytes": 4096}
    made["feeds"] += [{"name": FEED, "agency": "police", "adapter": "probation.event", "detail": detail}]
    return made


@asynccontextmanager
async def asking(gateway: Gateway, section: DetailSection | None = None, worker: str = "one") -> AsyncIterator[Details]:
    feed = gateway.feeds[FEED]
    assert feed.section.detail is not None
    call = DetailCall(section or feed.section.detail, SECRET, gateway.world)
    yield Details(
        world=gateway.world,
        store=gateway.store,
        vault=gateway.vault,
        log=gateway.log,
        intake=gateway.intake,
        feeds=gateway.feeds,
        calls={FEED: call},
        worker=worker,
    )
    await call.close()


@pytest.fixture
async def details(gateway: Gateway) -> AsyncIterator[Details]:
    async with asking(gateway) as made:
        yield made


class Dying(Details):
    """One that dies before it could note that the detail came in."""

    async def _done(self, record: DetailRecord, completed_by: str) -> None:  # noqa: ARG002 - as the other
        raise Unavailable("store.connection", "the fault of a test")


def dying(details: Details) -> Dying:
    return Dying(**{one.name: getattr(details, one.name) for one in fields(details)})


async def sent(gateway: Gateway, payload: bytes) -> Answered:
    answered = await gateway.intake.receive(gateway.feeds[FEED], payload, "police.desk")
    assert answered.answer.status == 202
    return answered


async def state(gateway: Gateway, answered: Answered) -> DetailRecord:
    async with gateway.store.reading() as work:
        record = await work.details.get(answered.message_id)
    assert record is not None
    return record


async def referrals(gateway: Gateway) -> list[str]:
    return [one["referral"] for one in await entries(gateway, "referral.created")]


async def test_the_event_and_its_detail_are_one_referral(gateway: Gateway, place: Place, details: Details) -> None:
    first = await sent(gateway, event(place.url()))
    assert place.asked == []  # nothing was asked before the answer
    assert await details.once() == 1
    assert [one.headers["Authorization"] for one in place.asked] == [f"Bearer {SECRET}"]
    record = await state(gateway, first)
    assert record.state == DetailState.DONE
    (referral,) = await referrals(gateway)
    async with gateway.store.reading() as work:
        items = await work.messages.items_of_referral(referral)
        persons = await work.referrals.persons(referral)
    assert sorted(one.message_id for one in items) == sorted([first.message_id, str(record.completed_by)])
    assert len(persons) == 1
    (said,) = await entries(gateway, "message.completed")
    assert (said["subject"], said["detail"]["by"]) == (first.message_id, record.completed_by)
    assert await details.once() == 0  # the detail is not asked for its own


async def test_what_the_detail_says_is_mapped_and_where_it_came_from_is_listed(
    gateway: Gateway, place: Place, details: Details
) -> None:
    answered = await sent(gateway, event(place.url()))
    await details.once()
    record = await state(gateway, answered)
    async with gateway.store.reading() as work:
        message = await work.messages.get(str(record.completed_by))
        payload = await gateway.vault.open(work, message.scope, message.sealed, aad=f"messages.sealed.{message.id}")
    feed = gateway.feeds[FEED]
    (item,) = feed.adapter.read(payload, feed.context).items
    assert item.notification.incident is not None
    assert "velvet lighthouse" in item.notification.incident.narrative
    assert ("/detailUrl", place.url()) in {(one.pointer, one.value) for one in item.unmapped}


async def test_without_a_detail_url_nothing_is_asked(gateway: Gateway, details: Details) -> None:
    answered = await sent(gateway, event(""))
    assert await details.once() == 0
    async with gateway.store.reading() as work:
        assert await work.details.get(answered.message_id) is None


FOR_GOOD: dict[str, tuple[str, Answer, str]] = {
    "another host": ("https://elsewhere.example/detail/1", found, "detail.host"),
    "another port": ("http://127.0.0.1:9/detail/1", found, "detail.host"),
    "another scheme": ("https://127.0.0.1:{port}/detail/1", found, "detail.host"),
    "another name of the host": ("http://localhost:{port}/detail/1", found, "detail.host"),
    "user data": ("http://127.0.0.1:{port}@elsewhere.example/detail/1", found, "detail.url"),
    "another path": ("http://127.0.0.1:{port}/details/1", found, "detail.path"),
    "a path that climbs": ("http://127.0.0.1:{port}/detail/../admin", found, "detail.path"),
    "a path that climbs hidden": ("http://127.0.0.1:{port}/detail/%252e%252e/admin", found, "detail.path"),
    "a backslash": ("http://127.0.0.1:{port}/detail\\..\\admin", found, "detail.url"),
    "no address": ("velvet lighthouse", found, "detail.url"),
    "a file": ("file:///etc/hostname", found, "detail.url"),
    "a redirect": ("http://127.0.0.1:{port}/detail/1", says(302, Location="/detail/2"), "detail.redirect"),
    "a huge body": ("http://127.0.0.1:{port}/detail/1", says(200, bytes(5_000)), "detail.too_large"),
    "a pressed body": (
        "http://127.0.0.1:{port}/detail/1",
        says(200, gzip.compress(b"{}"), **{"Content-Encoding": "gzip"}),
        "detail.encoding",
    ),
    "no JSON": ("http://127.0.0.1:{port}/detail/1", says(200, b"<html>"), "probation.event.json"),
}


@pytest.mark.parametrize("case", FOR_GOOD)
async def test_what_will_not_be_had_is_set_aside_at_once_and_visibly(
    gateway: Gateway, place: Place, details: Details, clock: Clock, case: str
) -> None:
    url, place.answer, code = FOR_GOOD[case]
    answered = await sent(gateway, event(url.format(port=place.base.rpartition(":")[2])))
    await details.once()
    record = await state(gateway, answered)
    assert (record.state, record.reason) == (DetailState.PARKED, code)
    assert len(place.asked) == (1 if place.answer is not found else 0)
    async with gateway.store.reading() as work:
        assert [(one.kind, one.subject) for one in await work.alarms.standing()] == [
            (PARKED_ALARM, answered.message_id)
        ]
    assert [one["detail"]["reason"] for one in await entries(gateway, "message.detail_parked")] == [code]
    clock.pass_by(DAY)
    assert await details.once() == 0
    assert len(await referrals(gateway)) == 1  # the event stands, whatever became of its detail


async def slow(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


LATER: dict[str, tuple[Answer, str]] = {
    "slow": (slow, "detail.slow"),
    "401": (says(401), "detail.credential"),
    "403": (says(403), "detail.credential"),
    "404": (says(404), "detail.unknown"),
    "500": (says(500), "detail.away"),
}


@pytest.mark.parametrize("case", LATER)
async def test_what_may_be_had_later_is_tried_again(
    gateway: Gateway, place: Place, details: Details, clock: Clock, case: str
) -> None:
    place.answer, code = LATER[case]
    answered = await sent(gateway, event(place.url()))
    await details.once()
    record = await state(gateway, answered)
    assert (record.state, record.reason, record.attempts) == (DetailState.WAITING, code, 1)
    assert await details.once() == 0  # not yet
    place.answer = found
    clock.pass_by(timedelta(minutes=1))
    assert await details.once() == 1
    assert (await state(gateway, answered)).state == DetailState.DONE
    assert len(await referrals(gateway)) == 1


async def test_what_is_never_had_is_set_aside_in_the_end_and_asked_again_when_somebody_says_so(
    gateway: Gateway, place: Place, details: Details, clock: Clock
) -> None:
    place.answer = says(404)
    answered = await sent(gateway, event(place.url()))
    with pytest.raises(Unknown):
        await ask_again(gateway.store, gateway.log, gateway.world, answered.message_id, actor="operator")
    rounds = 0
    while (await state(gateway, answered)).state == DetailState.WAITING:
        await details.once()
        clock.pass_by(timedelta(hours=1))
        rounds += 1
    assert rounds == MOST_ATTEMPTS == len(place.asked)
    place.answer = found
    await ask_again(gateway.store, gateway.log, gateway.world, answered.message_id, actor="operator")
    async with gateway.store.reading() as work:
        assert await work.alarms.standing() == []
    assert await details.once() == 1
    assert (await state(gateway, answered)).state == DetailState.DONE


async def test_a_detail_that_the_hub_itself_stumbles_over_is_set_aside_visibly_and_not_asked_for_for_ever(
    gateway: Gateway, place: Place, details: Details, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.base
    answered = await sent(gateway, event(place.url()))

    async def stumbles(*_: object, **__: object) -> Answered:
        raise KeyError("a name that must not be told")

    monkeypatch.setattr(details.intake, "receive", stumbles)
    assert await details.once() == 1
    async with gateway.store.reading() as work:
        (parked,) = await work.details.parked()
        assert (parked.message_id, parked.reason) == (answered.message_id, "detail.bug.KeyError")
        assert PARKED_ALARM in [one.kind for one in await work.alarms.standing()]


async def test_a_process_that_died_between_the_detail_and_its_note_leaves_one_detail(
    gateway: Gateway, place: Place, details: Details, clock: Clock
) -> None:
    answered = await sent(gateway, event(place.url()))
    with pytest.raises(Unavailable):
        await dying(details).once()
    assert (await state(gateway, answered)).state == DetailState.WAITING
    assert await details.once() == 0  # a dead worker's claim holds for a while
    clock.pass_by(timedelta(minutes=10))
    async with asking(gateway, worker="two") as other:
        assert await other.once() == 1
    assert (await state(gateway, answered)).state == DetailState.DONE
    async with gateway.store.reading() as work:
        counts = await work.messages.counts(FEED)
    assert (counts.accepted, counts.duplicate, counts.referral) == (2, 1, 2)
    assert len(await referrals(gateway)) == 1


async def test_two_processes_never_ask_for_the_same(gateway: Gateway, place: Place, details: Details) -> None:
    for number in range(5):
        await sent(gateway, event(place.url(f"/detail/{number}"), crn=f"X12345{number}"))
    async with asking(gateway, worker="two") as other:
        done = await asyncio.gather(details.once(), other.once())
    assert sum(done) == 5
    assert sorted(one.path for one in place.asked) == [f"/detail/{number}" for number in range(5)]


async def test_a_name_that_leads_to_another_network_is_not_called(gateway: Gateway, place: Place) -> None:
    for network in ("public", "private"):
        for host in ("127.0.0.1", "localhost"):
            base = f"{place.base}/detail".replace("127.0.0.1", host)
            async with asking(gateway, DetailSection(url=base, network=network)) as details:
                answered = await sent(gateway, event(f"{base}/{network}/{host}"))
                await details.once()
            assert (await state(gateway, answered)).reason == "detail.address"
    assert place.asked == []


async def test_a_token_is_had_for_the_clients_secret_kept_and_replaced_when_it_holds_no_more(
    gateway: Gateway, place: Place, clock: Clock
) -> None:
    section = DetailSection(
        url=f"{place.base}/detail",
        network="loopback",
        authentication="client-credentials",
        token_url=f"{place.base}/token",
        client="hub",
    )
    async with asking(gateway, section) as details:
        for number in range(2):
            await sent(gateway, event(place.url(), crn=f"X22345{number}"))
            await details.once()
        assert [one.headers["Authorization"] for one in place.asked] == ["Bearer token-1"] * 2
        place.answer = says(401)
        answered = await sent(gateway, event(place.url(), crn="X323456"))
        await details.once()
        place.answer = found
        clock.pass_by(timedelta(minutes=1))
        await details.once()
        assert (await state(gateway, answered)).state == DetailState.DONE
        assert place.asked[-1].headers["Authorization"] == "Bearer token-2"


async def test_no_address_of_a_detail_stands_in_the_log_or_in_the_clear(
    gateway: Gateway, place: Place, details: Details
) -> None:
    answered = await sent(gateway, event(place.url("/detail/X123456")))
    await details.once()
    assert "X123456" not in json.dumps(await entries(gateway))
    assert "X123456" not in repr(await state(gateway, answered))


async def test_an_event_that_was_mended_is_completed_too_and_once(
    gateway: Gateway, place: Place, details: Details, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise Rejected("probation.event.broken")

    feed = gateway.feeds[FEED]
    with monkeypatch.context() as patch:
        patch.setattr(DomainEvent, "read", broken)
        first = await gateway.intake.receive(feed, event(place.url()), "police.desk")
    assert await details.once() == 0
    await gateway.replay.one(feed, first.message_id, actor="operator", dry_run=True)
    assert await details.once() == 0
    await gateway.replay.one(feed, first.message_id, actor="operator", dry_run=False)
    with monkeypatch.context() as patch:
        patch.setattr(DomainEvent, "read", broken)
        assert await details.once() == 1
    record = await state(gateway, first)
    assert record.state == DetailState.DONE
    second = str(record.completed_by)
    await gateway.replay.one(feed, second, actor="operator", dry_run=False)
    clock.pass_by(DAY)
    assert await details.once() == 0  # what completes is not completed
    assert len(place.asked) == 1
