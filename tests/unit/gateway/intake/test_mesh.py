"""Notifications out of a MESH mailbox, against NHS England's own sandbox and from its own client."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from gateway.bootstrap import Gateway
from gateway.intake.intake import BYTES_PLACE, Answered, Feed
from gateway.intake.mesh import AWAY_ALARM, LEASE, LEFT_ALARM, MeshIntake
from gateway.intake.mesh_mailbox import MeshMailbox
from gateway.serving import serving
from gateway.settings import MeshSecrets
from gateway.store.records import FeedCounts
from schemas.errors import Unauthenticated, Unavailable
from tests.gateway.borough import LIMIT, Document
from tests.gateway.faults import killed_after_commit, store_away
from tests.gateway.mesh_server import OURS, PASSWORD, SHARED_KEY, STRANGER, MeshServer, mesh_server
from tests.gateway.natives import child, notice, registration
from tests.gateway.town import until
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import document, entries

POLICE, HEALTH = "POLICE_NOTICE_1", "REGISTRATION_1"
EVERY = timedelta(minutes=5)


@pytest.fixture(scope="module")
def listening() -> Iterator[MeshServer]:
    with mesh_server() as server:
        yield server


@pytest.fixture
def server(listening: MeshServer) -> MeshServer:
    listening.reset()
    return listening


@pytest.fixture
def hub_file(issuer: Issuer, server: MeshServer) -> Document:
    made = document(issuer.url)
    made["mesh"] = {"url": server.url, "mailbox": OURS}
    made["http"]["port"] = 0
    del made["mllp"]
    mesh = {"authentication": "mesh"}
    made["feeds"] += [
        {"name": "mesh-police", "agency": "police", "adapter": "police.ppn", "workflows": [POLICE]} | mesh,
        {"name": "mesh-health", "agency": "health", "adapter": "nhs.hl7v2", "workflows": [HEALTH]} | mesh,
        {"name": "mesh-known", "agency": "police", "adapter": "police.ppn"}
        | mesh
        | {"workflows": ["KNOWN_SENDERS_1"], "senders": [STRANGER]},
    ]
    return made


@asynccontextmanager
async def polling(
    gateway: Gateway, server: MeshServer, *, password: str = PASSWORD, worker: str = "one"
) -> AsyncIterator[MeshIntake]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield MeshIntake(
            world=gateway.world,
            store=gateway.store,
            log=gateway.log,
            intake=gateway.intake,
            mailbox=MeshMailbox(
                url=server.url,
                mailbox=OURS,
                password=password,
                shared_key=SHARED_KEY,
                session=session,
                world=gateway.world,
                seconds=20,
            ),
            feeds=[feed for feed in gateway.feeds.values() if feed.section.authentication == "mesh"],
            limit=LIMIT,
            every=EVERY,
            worker=worker,
        )


@pytest.fixture
async def mesh(gateway: Gateway, server: MeshServer) -> AsyncIterator[MeshIntake]:
    async with polling(gateway, server) as made:
        yield made


async def counts(gateway: Gateway, feed: str) -> FeedCounts:
    async with gateway.store.reading() as work:
        return await work.messages.counts(feed)


async def alarms(gateway: Gateway) -> dict[str, str]:
    """The alarms that stand, by subject, with the reason that the log gives."""
    raised = {one["detail"]["alarm"]: one["detail"]["reason"] for one in await entries(gateway, "alarm.raised")}
    async with gateway.store.reading() as work:
        return {one.subject: raised[one.id] for one in await work.alarms.standing()}


async def test_a_message_is_taken_by_its_workflows_feed_and_acknowledged(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake
) -> None:
    await server.send(notice(), POLICE)
    await server.send(registration(), HEALTH)
    assert await mesh.round() == 2
    assert await server.inbox() == []
    assert (await counts(gateway, "mesh-police")).referral == 1
    assert (await counts(gateway, "mesh-health")).accepted == 1
    (accepted, _) = await entries(gateway, "message.accepted")
    assert accepted["actor"] == "mesh:X26ABC2"


async def test_a_gateway_that_serves_polls_by_itself(gateway: Gateway, server: MeshServer) -> None:
    await server.send(notice(), POLICE)
    secrets = MeshSecrets(password=PASSWORD, shared_key=SHARED_KEY)

    async def taken() -> bool:
        return not await server.inbox()

    async with serving(replace(gateway, settings=replace(gateway.settings, mesh=secrets))):
        await until(taken)
    assert (await counts(gateway, "mesh-police")).accepted == 1


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("chunk", [None, 700])
async def test_what_arrives_is_what_was_sent_however_it_was_cut_and_pressed(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, *, compress: bool, chunk: int | None
) -> None:
    sent = notice()
    assert len(sent) > 1_400
    await server.send(sent, POLICE, compress=compress, chunk=chunk)
    assert await mesh.round() == 1
    (accepted,) = await entries(gateway, "message.accepted")
    async with gateway.store.reading() as work:
        kept = await work.messages.get(accepted["subject"])
        opened = await gateway.vault.open(work, kept.scope, kept.sealed, aad=f"{BYTES_PLACE}.{kept.id}")
    assert opened == sent


async def test_a_message_that_was_stored_and_not_acknowledged_is_answered_once(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, clock: Clock
) -> None:
    await server.send(notice(), POLICE)
    with killed_after_commit("messages"), pytest.raises(Unavailable):
        await mesh.round()
    assert len(await server.inbox()) == 1  # stored, and MESH was not told
    clock.pass_by(EVERY)
    assert await mesh.round() == 1
    assert await server.inbox() == []
    found = await counts(gateway, "mesh-police")
    assert (found.accepted, found.duplicate, found.referral) == (1, 1, 1)


async def test_what_the_store_can_not_take_stays_in_the_mailbox(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.send(notice(), POLICE)
    receive = gateway.intake.receive

    async def away(feed: Feed, payload: bytes, client: str | None, **more: object) -> Answered:
        with store_away():
            return await receive(feed, payload, client, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(gateway.intake, "receive", away)
        with pytest.raises(Unavailable):
            await mesh.round()
    assert len(await server.inbox()) == 1
    assert (await counts(gateway, "mesh-police")).received == 0
    clock.pass_by(EVERY)
    assert await mesh.round() == 1
    assert await server.inbox() == []


async def test_what_no_feed_takes_stays_with_an_alarm_and_goes_when_somebody_else_took_it(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, clock: Clock
) -> None:
    unknown = await server.send(b"not for this hub", "BIRTHNOTIFICATION_1")
    stranger = await server.send(notice(child(1)), "KNOWN_SENDERS_1")
    await server.send(notice(child(2)), "KNOWN_SENDERS_1", sender=STRANGER)
    assert await mesh.round() == 1
    assert await server.inbox() == [unknown, stranger]
    assert await alarms(gateway) == {unknown: "mesh.unknown_workflow", stranger: "mesh.unknown_sender"}
    with server.client(OURS) as client:
        await asyncio.to_thread(client.acknowledge_message, unknown)
    clock.pass_by(EVERY)
    assert await mesh.round() == 0
    assert await alarms(gateway) == {stranger: "mesh.unknown_sender"}


async def test_a_report_is_no_notification(gateway: Gateway, server: MeshServer, mesh: MeshIntake) -> None:
    server.report()
    assert await mesh.round() == 0
    assert list((await alarms(gateway)).values()) == ["mesh.report"]


async def test_what_would_grow_beyond_the_limit_is_kept_as_it_came_and_keeps_no_other_waiting(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake
) -> None:
    await server.send(bytes(200 * LIMIT), POLICE, compress=True)
    await server.send(b"garbled" * 9, POLICE)
    await server.send(notice(), POLICE)
    assert await mesh.round() == 3
    found = await counts(gateway, "mesh-police")
    assert (found.accepted, found.quarantined, found.reconciled) == (1, 2, True)
    async with gateway.store.reading() as work:
        listed = await work.messages.quarantined()
        (name,) = [one.id for one in listed if one.reason_code == "message.too_large"]
        bomb = await work.messages.get(name)
        opened = await gateway.vault.open(work, bomb.scope, bomb.sealed, aad=f"{BYTES_PLACE}.{bomb.id}")
    assert gzip.decompress(opened) == bytes(200 * LIMIT)


async def test_what_is_too_large_to_be_kept_stays_in_the_mailbox_with_an_alarm(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake
) -> None:
    large = await server.send(os.urandom(LIMIT + 1), POLICE)
    cut = await server.send(os.urandom(LIMIT + 1), POLICE, chunk=LIMIT // 2)
    await server.send(notice(), POLICE)
    assert await mesh.round() == 1
    assert await alarms(gateway) == {large: "message.too_large", cut: "message.too_large"}


async def test_many_messages_are_taken_over_several_pages(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.intake.mesh_mailbox.PAGE", 10)
    for number in range(1, 24):
        await server.send(registration(child(number)), HEALTH)
    assert await mesh.round() == 23
    assert (await counts(gateway, "mesh-health")).accepted == 23
    assert await server.inbox() == []


async def test_one_process_polls_at_a_time_and_the_mailbox_once_in_a_while(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, clock: Clock
) -> None:
    async with polling(gateway, server, worker="two") as other:
        assert await mesh.round() == 0
        await server.send(notice(), POLICE)
        assert await mesh.round() == 0  # not yet
        assert await other.round() == 0
        clock.pass_by(EVERY)
        assert sorted(await asyncio.gather(mesh.round(), other.round())) == [0, 1]
        # A process that died in its round is followed by another.
        async with gateway.store.work() as work:
            assert await work.rounds.claim("mesh", "dead", now=clock() + EVERY, until=clock() + EVERY + LEASE)
            await work.commit()
        await server.send(notice(child(1)), POLICE)
        clock.pass_by(EVERY)
        assert await other.round() == 0
        clock.pass_by(LEASE)
        assert await other.round() == 1


async def test_a_server_that_does_not_know_us_is_an_alarm_until_it_does(
    gateway: Gateway, server: MeshServer, clock: Clock
) -> None:
    async with polling(gateway, server, password="wrong") as wrong:
        for _ in range(3):
            with pytest.raises(Unauthenticated):
                await wrong.round()
            clock.pass_by(timedelta(hours=1))
        async with gateway.store.reading() as work:
            assert [(one.kind, one.subject) for one in await work.alarms.standing()] == [(AWAY_ALARM, OURS)]
        wrong.mailbox._password = PASSWORD
        assert await wrong.round() == 0
        assert await alarms(gateway) == {}


async def test_a_message_that_fails_again_and_again_keeps_no_other_waiting(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = notice(child(1))
    receive = gateway.intake.receive

    async def failing(feed: Feed, payload: bytes, client: str | None, **more: object) -> Answered:
        if payload == poison:
            raise ZeroDivisionError
        return await receive(feed, payload, client, **more)  # type: ignore[arg-type]

    name = await server.send(poison, POLICE)
    with monkeypatch.context() as patch:
        patch.setattr(gateway.intake, "receive", failing)
        for number in range(2, 5):
            await server.send(notice(child(number)), POLICE)
            assert await mesh.round() == 1
            clock.pass_by(timedelta(hours=1))
        assert await alarms(gateway) == {name: "bug.ZeroDivisionError"}
    assert await mesh.round() == 1
    assert await alarms(gateway) == {}


async def test_nothing_of_a_message_reaches_the_log_but_its_mesh_id(
    gateway: Gateway, server: MeshServer, mesh: MeshIntake
) -> None:
    await server.send(notice(), POLICE)
    await server.send(notice(), "UNKNOWN 1 Quillfeather")
    await mesh.round()
    assert "Quillfeather" not in json.dumps(await entries(gateway))
    assert LEFT_ALARM in json.dumps(await entries(gateway))
