"""An agency's next keys: taken from the agency alone, proved, once; and what was in flight when they came."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sandbox import base64url, jose
from sandbox.agency import ENVELOPE, RELEASE, Client
from sandbox.door import Reply
from sandbox.failures import HubRefused
from sandbox.keys import AgencyKeys, ClientKeys, encryption_key, signing_key
from tests.gateway import borough
from tests.gateway.natives import notice
from tests.gateway.systems import system
from tests.gateway.town import Town

TEAM = "council.assessment-team"
TYP = "mash-succession+jws"
embedded = pytest.mark.parametrize("both", ["embedded"], indirect=True)


def soon(town: Town, seconds: int = 5) -> datetime:
    """A little later than the enrolment, within what clocks may differ by."""
    return town.clock() + timedelta(seconds=seconds)


def renewed(keys: AgencyKeys, client_id: str = TEAM) -> AgencyKeys:
    """The agency with a new signing key, and new keys of every kind for one client."""
    old = keys.clients[client_id]
    new = replace(
        old,
        authentication=signing_key(f"{client_id}.authentication.2"),
        dpop=signing_key(f"{client_id}.dpop.2"),
        encryption=encryption_key(f"{client_id}.encryption.2"),
    )
    signing = signing_key(f"{keys.agency}.signing.2")
    return replace(keys, signing=signing, clients={**keys.clients, client_id: new})


async def ask(town: Town, data: bytes, client: str = TEAM) -> Reply:
    door = town.client(client).door
    return await door.call("POST", "/v1/agency/keys", body=data, media_type="application/jose+json")


@embedded
async def test_what_was_in_flight_opens_after_every_key_was_replaced(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    keys = borough.keys_of("council")
    new = renewed(keys)
    answer = await ask(town, keys.succession(borough.HUB, soon(town), new))
    assert answer.status == 200, answer.body
    told = json.loads(answer.body)
    assert (told["signing_keys"], told["retired"]) == (["council.signing.2"], ["council.signing.1"])
    assert told["clients"] == [TEAM]
    # Sealed for the old DPoP key, so proved by it; the release is sealed to the new encryption key.
    fresh = new.clients[TEAM]
    between = client_with(town, new, replace(fresh, dpop=keys.clients[TEAM].dpop))
    reply = (await between.redeem(delivery)).expect("an opening", 200)
    released = jose.json_object(jose.open_with(reply.body.decode("ascii"), fresh.encryption, cty=RELEASE))
    assert released["envelope"] == delivery.envelope
    body = jose.open_direct(delivery.body, base64url.decode(released["key"]), kid=delivery.envelope, cty=ENVELOPE)
    assert await town.stage.hub_keys.verify(body.decode("ascii"), typ=ENVELOPE)
    event = next(one for one in await town.events() if one["event"] == "agency.keys_changed")
    assert (event["actor"], event["subject"]) == (TEAM, "council")
    assert event["detail"]["retired"] == ["council.signing.1"]


def client_with(town: Town, keys: AgencyKeys, own: ClientKeys) -> Client:
    """A system of the agency that holds these keys."""
    stage = town.client(TEAM)
    return system(town.url, own, keys, town.stage.hub_keys, stage.door.session, None, town.ground.prefix)


@embedded
async def test_the_old_keys_get_no_token_and_the_former_key_opens_no_longer_than_tokens_live(town: Town) -> None:
    keys = borough.keys_of("council")
    new = renewed(keys)
    (await ask(town, keys.succession(borough.HUB, soon(town), new))).expect("new keys", 200)
    old_door, new_door = (client_with(town, keys, one.clients[TEAM]).door for one in (keys, new))
    assert (await new_door.call("GET", "/v1/mailbox")).status == 200
    with pytest.raises(HubRefused, match="401"):
        await old_door.call("GET", "/v1/mailbox")
    async with town.gateway.store.reading() as work:
        row = await work.agencies.find_client(TEAM)
    assert row is not None
    assert row.former_until is not None
    assert timedelta(hours=71) < row.former_until - town.clock() <= timedelta(hours=72)


Spoil = Callable[[Town, AgencyKeys], bytes]


def form_of(town: Town, new: AgencyKeys, *, seconds: int = 5) -> dict[str, object]:
    return {"aud": borough.HUB, "iat": jose.seconds(soon(town, seconds)), **new.enrolment()}


def signed(form: dict[str, object], *keys: AgencyKeys, typ: str = TYP) -> bytes:
    private = {key.kid: key for one in keys for key in one.private()}
    return jose.cosigned(jose.compact_json(form), private.values(), typ=typ)


def more_grants(town: Town, keys: AgencyKeys) -> bytes:
    new = renewed(keys)
    form = form_of(town, new)
    form["clients"][0]["grants"] = ["mailbox", "open", "disclose", "notify"]  # type: ignore[index]
    return signed(form, replace(keys, clients={}), new)


def one_client_less(town: Town, keys: AgencyKeys) -> bytes:
    new = replace(keys, clients={name: one for name, one in keys.clients.items() if name == TEAM})
    return signed(form_of(town, new), new)


def without_the_old_key(town: Town, keys: AgencyKeys) -> bytes:
    new = renewed(keys)
    return signed(form_of(town, new), new)


def without_a_proof(town: Town, keys: AgencyKeys) -> bytes:
    new = renewed(keys)
    return signed(form_of(town, new), replace(new, clients={}, signing=new.signing), replace(keys, clients={}))


def as_an_enrolment(town: Town, keys: AgencyKeys) -> bytes:
    new = renewed(keys)
    return signed(form_of(town, new), replace(keys, clients={}), new, typ="mash-enrolment+jws")


def too_old(town: Town, keys: AgencyKeys) -> bytes:
    return signed(form_of(town, renewed(keys), seconds=-3600), keys, renewed(keys))


def without_a_signing_key(town: Town, keys: AgencyKeys) -> bytes:
    return signed({**form_of(town, keys), "signing_keys": []}, keys)


SPOILT: dict[str, tuple[Spoil, int, str]] = {
    "more grants": (more_grants, 409, "agency.officers"),
    "one client less": (one_client_less, 409, "agency.officers"),
    "no signature by a key in force": (without_the_old_key, 422, "agency.not_in_force"),
    "no proof that a new key is held": (without_a_proof, 422, "agency.proof"),
    "signed as an enrolment": (as_an_enrolment, 422, "agency.proof"),
    "an hour old": (too_old, 422, "agency.not_fresh"),
    "no signing key at all": (without_a_signing_key, 409, "agency.no_key"),
}


@embedded
async def test_what_is_not_the_agencys_own_is_refused_and_changes_nothing(town: Town) -> None:
    keys = borough.keys_of("council")
    before = await town.gateway.agencies.listing()
    for what, (spoil, status, code) in SPOILT.items():
        answer = await ask(town, spoil(town, keys))
        assert (answer.status, answer.code) == (status, code), what
    # Another agency's request, brought by a client of the council.
    health = borough.keys_of("health")
    answer = await ask(town, health.succession(borough.HUB, soon(town), renewed(health, "health.lead")))
    assert (answer.status, answer.code) == (422, "agency.proof")
    assert await town.gateway.agencies.listing() == before


@embedded
async def test_a_request_is_good_once_and_a_replaced_key_does_not_come_back(town: Town) -> None:
    keys = borough.keys_of("council")
    start = town.clock()

    def at(seconds: int) -> datetime:
        return start + timedelta(seconds=seconds)

    new = replace(keys, signing=signing_key("council.signing.2"))
    first = keys.succession(borough.HUB, at(15), new)
    assert (await ask(town, first)).status == 200
    again = await ask(town, first)
    assert (again.status, again.code) == (422, "agency.proof")
    back = await ask(town, new.succession(borough.HUB, at(18), keys))
    assert (back.status, back.code) == (409, "agency.retired")
    # The officers' older file does not bring it back either.
    later = replace(new, signing=signing_key("council.signing.3"))
    assert (await ask(town, new.succession(borough.HUB, at(19), later))).status == 200
    stale = await ask(town, later.succession(borough.HUB, at(17), replace(later, signing=signing_key("x.4"))))
    assert (stale.status, stale.code) == (409, "agency.older")


@embedded
async def test_a_suspended_agency_changes_no_key(town: Town) -> None:
    keys = borough.keys_of("council")
    await (client := town.client(TEAM)).door.call("GET", "/v1/mailbox")
    await town.gateway.agencies.suspend("council", town.clock())
    body = keys.succession(borough.HUB, soon(town), renewed(keys))
    with pytest.raises(HubRefused, match="401"):
        await client.door.call("POST", "/v1/agency/keys", body=body, media_type="application/jose+json")
