"""The token endpoint: who gets a token, and the one uniform answer to everybody else."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import ClientResponse

from gateway.bootstrap import Gateway
from sandbox.keys import signing_key
from tests.unit.gateway.api.caller import TOKEN, Caller, keys_of, wrong
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import URL, entries


@pytest.fixture
async def caller(api: Api, clock: Callable[[], datetime]) -> Caller:
    """A client that has a nonce already."""
    made = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    await made.ask_token()
    assert made.nonce
    return made


async def refused(response: ClientResponse, status: int, error: str) -> None:
    assert response.status == status, await response.text()
    assert await response.json() == {"error": error}
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_proof_without_a_nonce_is_sent_back_for_one_and_then_a_token_is_granted(
    api: Api, clock: Callable[[], datetime]
) -> None:
    caller = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    first = await caller.ask_token()
    await refused(first, 400, "use_dpop_nonce")
    assert first.headers["DPoP-Nonce"]
    granted = await caller.ask_token()
    body = await granted.json()
    assert (granted.status, body["token_type"], body["expires_in"]) == (200, "DPoP", 300)
    assert body["scope"].split() == sorted(caller.keys.grants)
    assert granted.headers["Cache-Control"] == "no-store"
    assert granted.headers["DPoP-Nonce"]


async def test_an_assertion_that_only_fetched_a_nonce_may_be_sent_again(
    api: Api, clock: Callable[[], datetime]
) -> None:
    caller = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    form = caller.form()
    await refused(await caller.ask_token(form), 400, "use_dpop_nonce")
    assert (await caller.ask_token(form)).status == 200


async def test_an_assertion_buys_one_token(caller: Caller) -> None:
    form = caller.form()
    assert (await caller.ask_token(form)).status == 200
    await refused(await caller.ask_token(form), 401, "invalid_client")


async def test_an_assertion_sent_twice_at_once_buys_one_token(caller: Caller) -> None:
    form = caller.form()
    answers = await asyncio.gather(*(caller.ask_token(form) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_proof_is_taken_once(caller: Caller) -> None:
    proof = caller.proof("POST", TOKEN)
    assert (await caller.ask_token(proof=proof)).status == 200
    await refused(await caller.ask_token(proof=proof), 401, "invalid_client")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": URL},
        {"aud": "https://another.example/oauth2/token"},
        {"sub": "police.lead"},
        {"iss": "health.gp", "sub": "health.gp"},
        {"iss": "nobody.here", "sub": "nobody.here"},
        {"jti": None},
        {"exp": None},
        {"iss": None},
        {"iss": 7},
    ],
    ids=str,
)
async def test_an_assertion_that_does_not_hold_buys_nothing(caller: Caller, changed: dict[str, object]) -> None:
    form = caller.form(client_assertion=caller.assertion(**changed))
    await refused(await caller.ask_token(form), 401, "invalid_client")


@pytest.mark.parametrize("seconds", [-600, 600])
async def test_an_assertion_of_another_time_buys_nothing(caller: Caller, seconds: int) -> None:
    issued = int(caller.now().timestamp()) + seconds
    form = caller.form(client_assertion=caller.assertion(iat=issued, nbf=issued, exp=issued + 120))
    await refused(await caller.ask_token(form), 401, "invalid_client")


async def test_an_assertion_that_lives_too_long_buys_nothing(caller: Caller) -> None:
    issued = int(caller.now().timestamp())
    form = caller.form(client_assertion=caller.assertion(exp=issued + 3600))
    await refused(await caller.ask_token(form), 401, "invalid_client")


async def test_another_key_under_the_right_kid_buys_nothing(caller: Caller) -> None:
    forger = replace(caller, keys=replace(caller.keys, authentication=signing_key(str(caller.keys.authentication.kid))))
    await refused(await caller.ask_token(forger.form()), 401, "invalid_client")


async def test_another_clients_dpop_key_buys_nothing(caller: Caller) -> None:
    stolen = wrong(caller.proof("POST", TOKEN), key=keys_of("police.lead").dpop)
    await refused(await caller.ask_token(proof=stolen), 401, "invalid_client")


@pytest.mark.parametrize("changed", [{"method": "GET"}, {"url": URL + "/oauth2/other"}, {"url": "https://x.example"}])
async def test_a_proof_for_something_else_buys_nothing(caller: Caller, changed: dict[str, object]) -> None:
    proof = wrong(caller.proof("POST", TOKEN), **changed)
    await refused(await caller.ask_token(proof=proof), 401, "invalid_client")


async def test_a_nonce_that_is_not_ours_is_answered_with_one_that_is(caller: Caller) -> None:
    stale, caller.nonce = caller.nonce, secrets.token_urlsafe(24)
    await refused(await caller.ask_token(), 400, "use_dpop_nonce")
    assert caller.nonce != stale
    assert (await caller.ask_token()).status == 200


async def test_a_nonce_grows_old(caller: Caller, clock: Clock) -> None:
    clock.pass_by(timedelta(minutes=6))
    await refused(await caller.ask_token(), 400, "use_dpop_nonce")
    assert (await caller.ask_token()).status == 200


async def test_what_failed_is_told_to_nobody_and_counted_for_the_log(caller: Caller, gateway: Gateway) -> None:
    answers = [
        await caller.ask_token(caller.form(client_assertion="a.b.c")),
        await caller.ask_token(caller.form(client_assertion=caller.assertion(aud=URL))),
        await caller.ask_token(proof=wrong(caller.proof("POST", TOKEN), method="GET")),
    ]
    assert len({(answer.status, await answer.text()) for answer in answers}) == 1
    await gateway.refusals.flush(everything=True)
    told = [entry["detail"] for entry in await entries(gateway, "caller.refused")]
    assert sum(one["count"] for one in told) == 3
    assert {one["door"] for one in told} == {"oauth2.token"}
    assert len({one["reason"] for one in told}) == 3


async def test_an_agency_that_was_suspended_gets_nothing(caller: Caller, gateway: Gateway) -> None:
    await gateway.agencies.suspend("police", caller.now())
    await refused(await caller.ask_token(), 401, "invalid_client")


@pytest.mark.parametrize(
    "changed, error",
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:something:else"}, "invalid_request"),
    ],
)
async def test_another_way_to_ask_is_answered_as_oauth_does(
    caller: Caller, changed: dict[str, str], error: str
) -> None:
    await refused(await caller.ask_token(caller.form(**changed)), 400, error)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"grant_type", b"grant_type=client_credentials&grant_type=client_credentials", b"a=b&" * 30],
    ids=["empty", "no ASCII", "no value", "a field twice", "too many fields"],
)
async def test_a_form_that_is_none_is_refused(api: Api, body: bytes) -> None:
    response = await api.post(TOKEN, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    await refused(response, 400, "unsupported_grant_type")


async def test_a_form_that_is_too_long_is_refused(caller: Caller) -> None:
    await refused(await caller.ask_token(caller.form(padding="x" * 20_000)), 400, "unsupported_grant_type")


async def test_a_form_that_comes_in_pieces_is_read_whole(caller: Caller, api: Api) -> None:
    text = urlencode(caller.form()).encode()

    async def pieces() -> object:
        for start in range(0, len(text), 200):
            yield text[start : start + 200]
            await asyncio.sleep(0.005)

    headers = {
        "DPoP": caller.proof("POST", TOKEN).text(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    response = await api.post(TOKEN, data=pieces(), headers=headers)
    assert response.status == 200, await response.text()


async def test_two_proofs_are_no_proof(caller: Caller, api: Api) -> None:
    headers = [("DPoP", caller.proof("POST", TOKEN).text()), ("DPoP", caller.proof("POST", TOKEN).text())]
    await refused(await api.post(TOKEN, data=caller.form(), headers=headers), 401, "invalid_client")
