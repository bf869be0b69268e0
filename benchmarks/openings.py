"""Envelopes opened over HTTP: a token and its proof in, the sealed content key and its log proof out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence

import aiohttp

from benchmarks.bounds.opening import bound
from benchmarks.intake import hub
from benchmarks.load import concern
from benchmarks.measuring import RUNS, Figure, Row, per_second
from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.casework.asking import Wanted, Why
from gateway.people import PersonCaller
from sandbox.agency import Client
from sandbox.door import Door
from sandbox.hub import Hub
from sandbox.hub_keys import HubKeys
from sandbox.inbox import Delivery, MailboxInbox
from sandbox.keys import AgencyKeys, agency_keys, client_keys
from sandbox.transcript import Transcript
from schemas.vocabulary import DataCategory, LegalGround, Rating, Role

_EACH_RUN = 12
_FEED = "nhs-mllp"


async def rows() -> list[Row]:
    """One reader who opens one envelope after another, as fast as the hub lets it."""
    lead = client_keys("health", "lead", recipient=True, grants=("mailbox", "open", "disclose"))
    keys = agency_keys("health", [lead])
    async with hub(None) as place:
        await _prepare(place, keys, _EACH_RUN * (RUNS + 1))
        await place.start()
        with bound(place.directory) as alone:
            async with aiohttp.ClientSession() as session:
                door = Door(session, place.place.url, lead, Transcript())
                reader = Client(lead, keys, door, HubKeys(session, place.place.url), MailboxInbox(door))
                waiting = await _waiting(reader)
                least, taken = per_second(alone.open), list[float]()
                await _opened(reader, waiting[:_EACH_RUN])  # not counted
                bounds = []
                for run in range(1, RUNS + 1):
                    bounds.append(least())
                    taken.append(await _opened(reader, waiting[run * _EACH_RUN : (run + 1) * _EACH_RUN]))
    return [
        Row(
            name="envelope opened over HTTP, SQLite, 1 reader",
            unit="openings/s",
            figure=Figure(runs=tuple(taken)),
            bound=Figure(runs=tuple(bounds)),
            bound_name="two signatures verified, two commits, one checkpoint signed, one RSA seal; no HTTP",
        )
    ]


async def _prepare(place: Hub, keys: AgencyKeys, envelopes: int) -> None:
    """Enrol the reader, and have a manager ask it about so many referrals: an envelope for each."""
    loaded = settings.load(place.config, {**os.environ, **place.environment()})
    async with bootstrap(loaded) as gateway:
        await gateway.agencies.enrol(json.dumps(keys.enrolment()).encode(), gateway.world.now())
        for number in range(envelopes):
            await _asked(gateway, number)


async def _asked(gateway: Gateway, number: int) -> None:
    manager = PersonCaller(subject="bench", roles=frozenset({Role.SOCIAL_WORK_MANAGER}), agency="council")
    answered = await gateway.intake.receive(gateway.feeds[_FEED], concern(number, "O"), None)
    async with gateway.store.reading() as work:
        referral = str((await work.messages.items(answered.message_id))[0].referral_id)
    await gateway.rating.rate(
        manager, referral, rating=Rating.AMBER, threshold=2, reasons=["A reason"], cites=[], relax_reason=None
    )
    await gateway.asking.ask(
        manager,
        referral,
        [Wanted(agency="health", categories=(DataCategory.HEALTH_HISTORY,), questions=("What do you know?",))],
        persons=None,
        why=Why(
            purpose="To decide whether this child needs protection",
            legal_ground=LegalGround.CHILDREN_ACT_2004_S10,
            necessity="The referrer knows little",
        ),
    )


async def _waiting(reader: Client) -> Sequence[Delivery]:
    found: list[Delivery] = []
    while fresh := await reader.inbox.take():
        for delivery in fresh:
            found.append(delivery)
            await delivery.settle()
    return found


async def _opened(reader: Client, deliveries: Sequence[Delivery]) -> float:
    assert len(deliveries) == _EACH_RUN
    began = time.perf_counter()
    for delivery in deliveries:
        (await reader.redeem(delivery)).expect("an opening", 200)
    return len(deliveries) / (time.perf_counter() - began)
