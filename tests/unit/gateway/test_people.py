"""People: their tokens are verified with the provider's keys, and asking the provider is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from gateway.people import NotSignedIn, People
from gateway.world import World
from sandbox.keys import public_jwk, signing_key
from schemas.errors import Unavailable
from schemas.hub import PeopleSection
from schemas.vocabulary import Role
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import issuer
from tests.unit.gateway.issuer import DISCOVERY, KEYS, Issuer

__all__ = ["issuer"]

ROLES = {"manager": Role.SOCIAL_WORK_MANAGER, "auditor": Role.AUDITOR}


@pytest.fixture
async def people(issuer: Issuer, clock: Callable[[], datetime]) -> AsyncIterator[People]:
    section = PeopleSection(issuer=issuer.url, audience="hub", roles=ROLES)
    async with aiohttp.ClientSession() as session:
        yield People(section, World(now=clock), session, timedelta(seconds=30))


async def reason(people: People, token: str) -> str:
    with pytest.raises(NotSignedIn) as refused:
        await people.identify(token)
    assert (refused.value.code, str(refused.value)) == ("sign_in.invalid", "sign_in.invalid: sign in again")
    assert refused.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return refused.value.reason


async def test_a_token_says_who_it_is_in_the_hubs_own_words(people: People, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(clock(), sub="s-7", roles=["manager", "chess club", 7], agency="council")
    caller = await people.identify(token)
    assert (caller.subject, caller.roles, caller.agency) == ("s-7", frozenset({Role.SOCIAL_WORK_MANAGER}), "council")
    assert caller.actor == "person:s-7"


async def test_one_role_may_stand_without_a_list(people: People, issuer: Issuer, clock: Clock) -> None:
    caller = await people.identify(issuer.token(clock(), roles="auditor", agency=7))
    assert (caller.roles, caller.agency) == (frozenset({Role.AUDITOR}), "")


@pytest.mark.parametrize("typ", ["application/at+jwt"])
async def test_both_spellings_of_the_type_are_taken(people: People, issuer: Issuer, clock: Clock, typ: str) -> None:
    assert (await people.identify(issuer.token(clock(), typ=typ, roles="auditor"))).roles == {Role.AUDITOR}


@pytest.mark.parametrize("roles", [None, [], ["chess club"], "chess club", 7, {"manager": True}], ids=str)
async def test_who_has_no_role_here_is_not_signed_in(
    people: People, issuer: Issuer, clock: Clock, roles: object
) -> None:
    assert await reason(people, issuer.token(clock(), roles=roles)) == "token.roles"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"sub": None},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"aud": None},
        {"typ": "JWT"},
        {"typ": "id+jwt"},
    ],
    ids=str,
)
async def test_a_token_that_does_not_hold_is_nobodys(
    people: People, issuer: Issuer, clock: Clock, changed: dict[str, object]
) -> None:
    assert await reason(people, issuer.token(clock(), roles="auditor", **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * 20_000, "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_nobodys_and_asks_the_provider_nothing_of_it(people: People, text: str) -> None:
    assert await reason(people, text)


async def test_a_token_grows_old(people: People, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(clock(), roles="auditor")
    clock.pass_by(timedelta(seconds=629))
    assert (await people.identify(token)).roles == {Role.AUDITOR}
    clock.pass_by(timedelta(seconds=2))
    assert await reason(people, token)


async def test_a_key_of_the_same_kid_that_is_not_the_providers_signs_nothing(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    await people.identify(issuer.token(clock(), roles="auditor"))
    published = list(issuer.keys)
    issuer.keys = [signing_key("issuer.1")]
    forged = issuer.token(clock(), roles="auditor")
    issuer.keys = published
    assert await reason(people, forged)


async def test_the_keys_are_fetched_once_however_many_ask_at_once(people: People, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(clock(), roles="auditor")
    await asyncio.gather(*(people.identify(token) for _ in range(10)))
    assert issuer.asked == {DISCOVERY: 1, KEYS: 1}


async def test_the_keys_are_fetched_anew_after_a_while(people: People, issuer: Issuer, clock: Clock) -> None:
    await people.identify(issuer.token(clock(), roles="auditor"))
    clock.pass_by(timedelta(minutes=4))
    await people.identify(issuer.token(clock(), roles="auditor"))
    assert issuer.asked[KEYS] == 1
    clock.pass_by(timedelta(minutes=2))
    await people.identify(issuer.token(clock(), roles="auditor"))
    assert issuer.asked[KEYS] == 2


async def test_a_key_that_was_taken_away_signs_nothing_once_the_keys_are_fetched_anew(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    old = issuer.token(clock(), roles="auditor", exp=int(clock().timestamp()) + 3600)
    await people.identify(old)
    issuer.keys = [signing_key("issuer.2")]
    clock.pass_by(timedelta(minutes=6))
    assert await reason(people, old)


async def test_a_fresh_key_of_the_provider_is_fetched_when_it_is_first_seen(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    await people.identify(issuer.token(clock(), roles="auditor"))
    issuer.keys.append(signing_key("issuer.2"))
    clock.pass_by(timedelta(seconds=6))
    assert (await people.identify(issuer.token(clock(), roles="auditor"))).roles == {Role.AUDITOR}
    assert issuer.asked[KEYS] == 2


async def test_made_up_kids_make_the_hub_ask_at_most_once_in_five_seconds(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    await people.identify(issuer.token(clock(), roles="auditor"))
    published = list(issuer.keys)
    for number in range(20):
        issuer.keys = [signing_key(f"made.up.{number}")]
        token = issuer.token(clock(), roles="auditor")
        issuer.keys = published
        clock.pass_by(timedelta(seconds=1))
        assert await reason(people, token)
    assert 1 < issuer.asked[KEYS] <= 1 + 20 // 5


def answering(response: Callable[[], web.StreamResponse]) -> Callable[[web.Request], object]:
    async def answer(_: web.Request) -> web.StreamResponse:
        return response()

    return answer


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize(
    "response",
    [
        lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
        lambda: web.Response(status=500),
        lambda: web.Response(status=404),
        lambda: web.Response(body=b"no JSON"),
        lambda: web.json_response([]),
        lambda: web.json_response({}),
        lambda: web.Response(body=b'{"issuer": "x", "issuer": "y", "keys": [], "keys": []}'),
        lambda: web.Response(body=b'{"keys": [], "padding": "' + b"x" * 300_000 + b'"}'),
        lambda: web.Response(body=b'{"keys": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
    ],
    ids=["redirect", "fault", "missing", "no JSON", "a list", "empty", "members twice", "oversized", "too deep"],
)
async def test_a_provider_that_answers_otherwise_is_as_good_as_away(
    people: People, issuer: Issuer, clock: Clock, path: str, response: Callable[[], web.StreamResponse]
) -> None:
    issuer.spoiled[path] = answering(response)  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await people.identify(issuer.token(clock(), roles="auditor"))
    assert issuer.asked["/elsewhere"] == 0


async def test_a_provider_that_speaks_for_another_issuer_is_not_heard(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    other = {"issuer": "https://another.example", "jwks_uri": issuer.url + KEYS}
    issuer.spoiled[DISCOVERY] = answering(lambda: web.json_response(other))  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await people.identify(issuer.token(clock(), roles="auditor"))
    assert issuer.asked[KEYS] == 0


async def test_a_private_key_among_the_providers_is_not_taken(people: People, issuer: Issuer, clock: Clock) -> None:
    leaked = {"keys": [dict(issuer.keys[0].as_dict(private=True))]}
    issuer.spoiled[KEYS] = answering(lambda: web.json_response(leaked))  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await people.identify(issuer.token(clock(), roles="auditor"))


async def test_an_answer_that_comes_in_pieces_is_read_whole(people: People, issuer: Issuer, clock: Clock) -> None:
    async def pieces(request: web.Request) -> web.StreamResponse:
        body = web.json_response({"keys": [public_jwk(key) for key in issuer.keys]}).body
        assert isinstance(body, bytes)
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(body), 40):
            await response.write(body[start : start + 40])
            await asyncio.sleep(0.01)
        return response

    issuer.spoiled[KEYS] = pieces
    assert (await people.identify(issuer.token(clock(), roles="auditor"))).roles == {Role.AUDITOR}


async def test_a_provider_that_is_away_is_asked_again_a_little_later(
    people: People, issuer: Issuer, clock: Clock
) -> None:
    issuer.spoiled[KEYS] = answering(lambda: web.Response(status=500))  # type: ignore[assignment]
    token = issuer.token(clock(), roles="auditor")
    with pytest.raises(Unavailable):
        await people.identify(token)
    issuer.spoiled.clear()
    clock.pass_by(timedelta(seconds=6))
    assert (await people.identify(token)).roles == {Role.AUDITOR}
