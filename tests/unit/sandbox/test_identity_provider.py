from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from crypto import tokens
from crypto.jwk import parse_public_jwks
from sandbox import base64url
from sandbox.hub import free_ports
from sandbox.identity_provider import IdentityProvider, User, user
from sandbox.person import CLIENT, REDIRECT, Person

AUDIENCE = "https://hub.example"
MANAGER = user("m.one", "Manager", roles=("mash-managers",), agency="council")


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider(audience=AUDIENCE, users=(MANAGER,), clients={CLIENT: REDIRECT})
    await provider.start(free_ports(1)[0])
    yield provider
    await provider.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def asked(verifier: str = "v" * 43, **changes: str) -> dict[str, str]:
    return {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "scope": "openid", "state": "s",
        "nonce": "n", "code_challenge": base64url.digest(verifier.encode()), "code_challenge_method": "S256",
    } | changes  # fmt: skip


async def code(provider: IdentityProvider, session: aiohttp.ClientSession, **changes: str) -> str:
    form = asked() | {"username": MANAGER.name, "password": MANAGER.password} | changes
    async with session.post(f"{provider.issuer}/authorize", data=form, allow_redirects=False) as response:
        assert response.status == 302
        return parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]


async def redeem(provider: IdentityProvider, session: aiohttp.ClientSession, given: str, **changes: str) -> int:
    form = {
        "grant_type": "authorization_code", "code": given, "redirect_uri": REDIRECT, "client_id": CLIENT,
        "code_verifier": "v" * 43,
    } | changes  # fmt: skip
    async with session.post(f"{provider.issuer}/token", data=form) as response:
        return response.status


async def test_a_person_signs_in_and_the_hub_reads_who_they_are(
    provider: IdentityProvider, session: aiohttp.ClientSession
) -> None:
    person = Person(session, MANAGER, issuer=provider.issuer, hub_url=AUDIENCE)
    await person.sign_in()
    async with session.get(f"{provider.issuer}/jwks.json") as response:
        keys = parse_public_jwks(await response.json(), use="sig")
    claims = tokens.verify_claims(
        person._token, keys, typ="at+jwt", iss=provider.issuer, aud=AUDIENCE, now=datetime.now(UTC),
        required=("sub", "iat", "jti"),
    )  # fmt: skip
    assert claims.all["roles"] == ["mash-managers"]
    assert (claims.sub, claims.all["agency"]) == ("m.one", "council")


async def test_a_wrong_password_signs_nobody_in(provider: IdentityProvider, session: aiohttp.ClientSession) -> None:
    stranger = User(name=MANAGER.name, password="wrong", title="", roles=(), agency="")
    with pytest.raises(Exception, match="401"):
        await Person(session, stranger, issuer=provider.issuer, hub_url=AUDIENCE).sign_in()


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://127.0.0.1/elsewhere"},
        {"client_id": "nobody"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"scope": "profile"},
    ],
)
async def test_a_request_that_is_not_the_registered_clients_is_redirected_nowhere(
    provider: IdentityProvider, session: aiohttp.ClientSession, change: dict[str, str]
) -> None:
    query = urlencode(asked(**change))
    async with session.get(f"{provider.issuer}/authorize?{query}", allow_redirects=False) as response:
        assert response.status == 400
    form = asked(**change) | {"username": MANAGER.name, "password": MANAGER.password}
    async with session.post(f"{provider.issuer}/authorize", data=form, allow_redirects=False) as response:
        assert response.status == 400


async def test_a_code_is_good_once(provider: IdentityProvider, session: aiohttp.ClientSession) -> None:
    given = await code(provider, session)
    assert await redeem(provider, session, given) == 200
    assert await redeem(provider, session, given) == 400


@pytest.mark.parametrize(
    "change", [{"code_verifier": "w" * 43}, {"redirect_uri": "http://127.0.0.1/x"}, {"client_id": "nobody"}]
)
async def test_a_code_is_good_for_who_asked_for_it_alone(
    provider: IdentityProvider, session: aiohttp.ClientSession, change: dict[str, str]
) -> None:
    given = await code(provider, session)
    assert await redeem(provider, session, given, **change) == 400
    assert await redeem(provider, session, given) == 400


async def test_what_is_carried_through_the_form_is_escaped(
    provider: IdentityProvider, session: aiohttp.ClientSession
) -> None:
    query = urlencode(asked(state='"><script>'))
    async with session.get(f"{provider.issuer}/authorize?{query}") as response:
        assert "<script>" not in await response.text()
