"""A sign-in provider that is slow, away, or says strange things; and strangers who make the hub ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from crypto import tokens
from crypto.canonical import JsonInput
from crypto.jwk import SigningKey, generate_signing_key
from gateway.people import NotSignedIn, People
from gateway.world import World
from schemas.errors import Unavailable
from schemas.hub import PeopleSection
from schemas.vocabulary import Role

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY, STRANGER = generate_signing_key(), generate_signing_key()


class Provider:
    """A provider of one key that counts how often it is asked; ``hold`` keeps it from answering."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken = False
        self.hold = asyncio.Event()
        self.hold.set()
        self.issuer = ""

    async def discovery(self, _request: web.Request) -> web.Response:
        self.asked += 1
        await self.hold.wait()
        if self.broken:
            return web.Response(status=500)
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"})

    async def jwks(self, request: web.Request) -> web.StreamResponse:
        """In two pieces, as a network may cut it."""
        body = web.json_response({"keys": [KEY.public().jwk()]}).body
        assert isinstance(body, bytes)
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        await answer.write(body[:40])
        await asyncio.sleep(0.1)
        await answer.write(body[40:])
        return answer


@asynccontextmanager
async def people() -> AsyncIterator[tuple[People, Provider, list[datetime]]]:
    provider, time = Provider(), [NOW]
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.discovery)
    app.router.add_get("/jwks", provider.jwks)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    section = PeopleSection(issuer=provider.issuer, audience="hub", roles={"m": Role.SOCIAL_WORK_MANAGER})
    async with aiohttp.ClientSession() as session:
        yield People(section, World(now=lambda: time[0]), session, timedelta(seconds=30)), provider, time
    provider.hold.set()
    await runner.cleanup()


def token(provider: Provider, key: SigningKey = KEY, subject: str = "somebody") -> str:
    claims: dict[str, JsonInput] = {
        "iss": provider.issuer,
        "aud": "hub",
        "sub": subject,
        "iat": tokens.numeric_date(NOW),
        "exp": tokens.numeric_date(NOW) + 3600,
        "jti": "one",
        "roles": ["m"],
    }
    return tokens.mint(claims, key, typ="at+jwt")


async def test_keys_that_come_in_pieces_are_read_whole() -> None:
    async with people() as (desk, provider, _):
        assert (await desk.identify(token(provider))).subject == "somebody"


async def test_a_stranger_who_makes_the_hub_ask_holds_nobody_else_up() -> None:
    async with people() as (desk, provider, time):
        await desk.identify(token(provider))
        time[0] += timedelta(seconds=10)
        provider.hold.clear()
        stranger = asyncio.create_task(desk.identify(token(provider, STRANGER)))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(1):
            await desk.identify(token(provider))
        provider.hold.set()
        with pytest.raises(NotSignedIn):
            await stranger


async def test_a_provider_that_fails_is_not_asked_again_at_once() -> None:
    async with people() as (desk, provider, time):
        provider.broken = True
        for _ in range(5):
            with pytest.raises(Unavailable):
                await desk.identify(token(provider, STRANGER))
        assert provider.asked == 1
        provider.broken = False
        time[0] += timedelta(seconds=6)
        assert (await desk.identify(token(provider))).subject == "somebody"


@pytest.mark.parametrize("subject", ["two words", "Zoë", "", "x" * 256, "line\nbreak"])
async def test_a_subject_that_the_log_could_not_name_is_not_signed_in(subject: str) -> None:
    async with people() as (desk, provider, _):
        with pytest.raises(NotSignedIn):
            await desk.identify(token(provider, subject=subject))
