"""Agencies: enrolled, enrolled anew, suspended, and what each means to whoever checks a call."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crypto.jwk import DecryptionKey, SigningKey, generate_sealing_key, generate_signing_key
from gateway.agencies import Agencies, Standing
from gateway.configuration import Configuration
from gateway.log import Event, Log
from gateway.store import Store
from schemas.errors import Conflict, Unknown
from schemas.hub import AgencySection, Hub, HubSection, Listen, PeopleSection, RecipientSection
from schemas.vocabulary import Role, Sector
from tests.unit.gateway.enrolling import signed, stamped

Form = dict[str, Any]
PRIVATE: dict[str, SigningKey | DecryptionKey] = {}
"""Every private key that a form was made with, by kid."""
SEALING: list[DecryptionKey] = []


@pytest.fixture
def agencies(store: Store, log: Log) -> Agencies:
    recipients = (RecipientSection(name="lead", role=Role.PROFESSIONAL_LEAD),)
    hub = Hub(
        hub=HubSection(id="demo", name="Demo", public_url="https://hub.example"),
        http=Listen(port=8080),
        people=PeopleSection(issuer="https://id.example", audience="demo", roles={}),
        ratings=(),
        agencies=(
            AgencySection(id="police", name="Police", sector=Sector.POLICE, recipients=recipients),
            AgencySection(id="health", name="Health", sector=Sector.HEALTH, recipients=recipients),
        ),
        feeds=(),
    )
    return Agencies(store, Configuration(hub, ""), log)


def public() -> dict[str, str]:
    key = generate_signing_key()
    PRIVATE[key.kid] = key
    return key.public().jwk()


def client(name: str, **more: object) -> Form:
    if not SEALING:
        SEALING.append(generate_sealing_key())
        PRIVATE[SEALING[0].kid] = SEALING[0]
    return {
        "client_id": name,
        "recipient": "lead",
        "grants": ["open", "mailbox"],
        "authentication_key": public(),
        "dpop_key": public(),
        "encryption_key": SEALING[0].public().jwk(),
        **more,
    }


def form(agency: str = "police", *, keys: int = 1, clients: list[Form] | None = None) -> Form:
    return {
        "agency": agency,
        "signing_keys": [public() for _ in range(keys)],
        "clients": [client(f"{agency}.lead")] if clients is None else clients,
    }


def private_of(form: Form) -> list[SigningKey | DecryptionKey]:
    jwks = list(form["signing_keys"])
    for one in form["clients"]:
        jwks += [one["authentication_key"], one["dpop_key"], one["encryption_key"]]
    return [PRIVATE[kid] for kid in {jwk["kid"]: None for jwk in jwks}]


def written(form: Form, at: datetime) -> bytes:
    return signed(stamped(form, at), private_of(form))


async def test_an_enrolled_client_stands_with_what_it_enrolled(agencies: Agencies, store: Store, now: datetime) -> None:
    mine = form()
    await agencies.enrol(written(mine, now), now)
    row = await agencies.standing("police.lead")
    assert row is not None
    assert (row.recipient, row.role, row.channel) == ("lead", "professional_lead", "amqp")
    assert row.dpop_jkt == mine["clients"][0]["dpop_key"]["kid"]
    assert json.loads(row.authentication_jwk)["kid"] == mine["clients"][0]["authentication_key"]["kid"]
    async with store.reading() as work:
        assert await agencies.recipient(work, "police", "lead") == row
        assert list(await agencies.signing_keys(work, "police")) == [mine["signing_keys"][0]["kid"]]


async def test_who_did_not_enrol_stands_nowhere(agencies: Agencies, store: Store) -> None:
    assert await agencies.standing("police.lead") is None
    async with store.reading() as work:
        assert await agencies.recipient(work, "police", "lead") is None
        assert await agencies.signing_keys(work, "police") == {}
        with pytest.raises(Unknown):
            await agencies.published_keys(work, "police")


async def test_enrolling_anew_replaces_keys_but_old_signatures_still_verify(
    agencies: Agencies, store: Store, now: datetime
) -> None:
    old, new = form(), form(clients=[])
    await agencies.enrol(written(old, now), now)
    await agencies.enrol(written(new, now + timedelta(days=1)), now + timedelta(days=1))
    old_kid, new_kid = (each["signing_keys"][0]["kid"] for each in (old, new))
    async with store.reading() as work:
        assert set(await agencies.signing_keys(work, "police")) == {new_kid}
        assert set(await agencies.published_keys(work, "police")) == {old_kid, new_kid}
    assert await agencies.standing("police.lead") is None
    (police, _) = await agencies.listing()
    assert [row.state for row in police.clients] == [Standing.WITHDRAWN]
    assert police.agency is not None
    assert police.agency.enrolled_at == now


async def test_the_same_file_again_changes_nothing(agencies: Agencies, now: datetime) -> None:
    mine = written(form(), now)
    await agencies.enrol(mine, now)
    before = await agencies.listing()
    await agencies.enrol(mine, now + timedelta(days=1))
    assert await agencies.listing() == before


async def test_an_older_file_does_not_bring_old_keys_back(agencies: Agencies, now: datetime) -> None:
    old, new = form(), form()
    await agencies.enrol(written(new, now + timedelta(minutes=1)), now + timedelta(minutes=2))
    with pytest.raises(Conflict) as caught:
        await agencies.enrol(written(old, now), now + timedelta(minutes=3))
    assert caught.value.code == "agency.older"


async def test_a_kid_never_comes_to_mean_another_key(agencies: Agencies, now: datetime) -> None:
    old, new = form(), form()
    own = PRIVATE[new["signing_keys"][0]["kid"]]
    new["signing_keys"][0]["kid"] = old["signing_keys"][0]["kid"]
    await agencies.enrol(written(old, now), now)
    others = [key for key in private_of(new) if key.kid != new["signing_keys"][0]["kid"]]
    renamed = signed(stamped(new, now), [replace(own, kid=new["signing_keys"][0]["kid"]), *others])
    with pytest.raises(Conflict) as caught:
        await agencies.enrol(renamed, now)
    assert caught.value.code == "agency.kid"


async def test_two_agencies_do_not_share_a_user_of_the_broker(agencies: Agencies, now: datetime) -> None:
    await agencies.enrol(written(form(clients=[client("police.lead", amqp_user="lead")]), now), now)
    with pytest.raises(Conflict):
        await agencies.enrol(written(form("health", clients=[client("health.lead", amqp_user="lead")]), now), now)
    assert await agencies.standing("health.lead") is None


async def test_a_suspended_agency_calls_signs_and_enrols_no_more(
    agencies: Agencies, store: Store, now: datetime
) -> None:
    mine = written(form(clients=[client("police.lead", amqp_user="police-lead")]), now)
    await agencies.enrol(mine, now)
    async with store.reading() as work:
        assert await agencies.amqp_client(work, "police-lead") is not None
    await agencies.suspend("police", now)
    assert await agencies.standing("police.lead") is None
    async with store.reading() as work:
        assert await agencies.recipient(work, "police", "lead") is None
        assert await agencies.amqp_client(work, "police-lead") is None
        assert await agencies.signing_keys(work, "police") == {}
        assert len(await agencies.published_keys(work, "police")) == 1
    for again in (agencies.enrol(mine, now), agencies.suspend("police", now)):
        with pytest.raises(Conflict):
            await again


async def test_who_did_not_enrol_cannot_be_suspended(agencies: Agencies, now: datetime) -> None:
    with pytest.raises(Unknown):
        await agencies.suspend("police", now)


async def test_enrolment_and_suspension_are_in_the_log_with_whose_act_it_was(
    agencies: Agencies, store: Store, now: datetime
) -> None:
    mine = form(keys=2)
    await agencies.enrol(written(mine, now), now, actor="officer-1")
    await agencies.suspend("police", now, actor="officer-2")
    async with store.reading() as work:
        told = [entry for entry in await work.log.unsequenced(1000) if entry.subject == "police"]
    by_event = {entry.event: entry for entry in told}
    assert by_event[Event.AGENCY_SUSPENDED].actor == "officer-2"
    assert by_event[Event.AGENCY_ENROLLED].actor == "officer-1"
    detail = json.loads(by_event[Event.AGENCY_ENROLLED].entry)["detail"]
    assert detail == {"keys": [key["kid"] for key in mine["signing_keys"]], "clients": ["police.lead"]}


async def test_the_list_names_those_who_did_not_enrol_too(agencies: Agencies, now: datetime) -> None:
    await agencies.enrol(written(form(), now), now)
    police, health = await agencies.listing()
    assert police.agency is not None
    assert (health.id, health.agency, health.keys, health.clients) == ("health", None, (), ())
