"""Proof of possession on every call with an access token: for this call, by this key, once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from aiohttp import ClientResponse

from gateway.bootstrap import Gateway
from tests.gateway import borough
from tests.unit.gateway.api.caller import Caller, keys_of, wrong
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import URL, entries

PATH = "/v1/mailbox"


@pytest.fixture
async def caller(api: Api, clock: Callable[[], datetime]) -> Caller:
    made = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    await made.sign_in()
    return made


async def uniform(response: ClientResponse) -> None:
    """The one answer to every credential that does not hold."""
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == 'DPoP error="invalid_token"'
    assert (await response.json())["code"] == "credential.invalid"


async def test_a_token_with_its_proof_opens_the_route_and_brings_a_newer_nonce(caller: Caller) -> None:
    before = caller.nonce
    assert (await caller.call("GET", PATH)).status == 200
    assert caller.nonce != before


async def test_the_query_is_no_part_of_what_is_proved(caller: Caller) -> None:
    assert (await caller.call("GET", PATH + "?limit=1")).status == 200


async def test_a_missing_or_strange_nonce_is_answered_with_a_nonce(caller: Caller) -> None:
    good = caller.nonce
    for nonce in ("", secrets.token_urlsafe(24)):
        proof = wrong(caller.proof("GET", PATH, token=caller.token), nonce=nonce)
        response = await caller.call("GET", PATH, proof=proof)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'DPoP error="use_dpop_nonce", algs="ES256"'
        assert response.headers["DPoP-Nonce"] not in {"", good}
    assert (await caller.call("GET", PATH)).status == 200


async def test_a_proof_is_taken_once_even_if_it_comes_several_times_at_once(caller: Caller) -> None:
    proof = caller.proof("GET", PATH, token=caller.token)
    answers = await asyncio.gather(*(caller.call("GET", PATH, proof=proof) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "POST"},
        {"url": URL + "/v1/referrals"},
        {"url": "https://another.example" + PATH},
        {"token": "another.token.altogether"},
        {"token": ""},
        {"key": keys_of("police.lead").dpop},
        {"jti": ""},
    ],
    ids=["method", "path", "host", "token", "no token", "key", "no id"],
)
async def test_a_proof_for_something_else_opens_nothing(caller: Caller, changed: dict[str, object]) -> None:
    await uniform(await caller.call("GET", PATH, proof=wrong(caller.proof("GET", PATH, token=caller.token), **changed)))


@pytest.mark.parametrize("seconds", [-200, 120])
async def test_a_proof_of_another_time_opens_nothing(caller: Caller, seconds: int) -> None:
    moved = caller.now() + timedelta(seconds=seconds)
    await uniform(await caller.call("GET", PATH, proof=wrong(caller.proof("GET", PATH, token=caller.token), now=moved)))


async def test_a_token_opens_nothing_in_the_hands_of_another_client(
    api: Api, caller: Caller, clock: Callable[[], datetime]
) -> None:
    thief = Caller(api=api, now=clock, keys=keys_of("police.lead"), nonce=caller.nonce)
    await uniform(await thief.call("GET", PATH, token=caller.token))


async def test_a_token_is_no_bearer_token(caller: Caller, api: Api) -> None:
    response = await api.get(PATH, headers={"Authorization": f"Bearer {caller.token}"})
    assert response.status == 401


async def test_a_token_grows_old(caller: Caller, clock: Clock) -> None:
    clock.pass_by(timedelta(seconds=299))
    assert (await caller.call("GET", PATH)).status == 200
    clock.pass_by(timedelta(seconds=60))
    await uniform(await caller.call("GET", PATH))


async def test_a_suspended_agencys_token_ends_at_once(caller: Caller, gateway: Gateway) -> None:
    await gateway.agencies.suspend("police", caller.now())
    await uniform(await caller.call("GET", PATH))


async def test_after_a_new_enrolment_the_key_that_was_left_out_opens_nothing(caller: Caller, gateway: Gateway) -> None:
    police = borough.keys_of("police")
    desk = replace(police.clients["police.desk"], dpop=keys_of("police.lead").dpop)
    renewed = replace(police, clients={**police.clients, "police.desk": desk})
    await gateway.agencies.enrol(renewed.enrolment_file(borough.HUB, caller.now()), caller.now())
    await uniform(await caller.call("GET", PATH))


async def test_reasons_are_told_to_the_log_alone(caller: Caller, gateway: Gateway) -> None:
    for changed in ({"method": "POST"}, {"token": "x"}, {"key": keys_of("health.gp").dpop}):
        proof = wrong(caller.proof("GET", PATH, token=caller.token), **changed)
        await uniform(await caller.call("GET", PATH, proof=proof))
    await gateway.refusals.flush(everything=True)
    reasons = {entry["detail"]["reason"] for entry in await entries(gateway, "caller.refused")}
    assert reasons >= {"dpop.htm", "dpop.ath", "dpop.jkt"}
