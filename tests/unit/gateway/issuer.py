"""A sign-in provider over real HTTP that a test may spoil: discovery, keys, and access tokens of any content."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox import jose
from sandbox.keys import public_jwk, signing_key

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
LIFE_SECONDS = 600
Spoiled = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Issuer:
    """Publishes ``keys``; signs with the last of them. ``spoiled`` answers a path in its own way."""

    def __init__(self) -> None:
        self.url = ""
        self.keys = [signing_key("issuer.1")]
        self.asked: Counter[str] = Counter()
        self.spoiled: dict[str, Spoiled] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        if request.path in self.spoiled:
            return await self.spoiled[request.path](request)
        if request.path == DISCOVERY:
            return web.json_response({"issuer": self.url, "jwks_uri": self.url + KEYS})
        return web.json_response({"keys": [public_jwk(key) for key in self.keys]})

    def token(self, now: datetime, *, typ: str = "at+jwt", **claims: Any) -> str:  # noqa: ANN401 - claims of any type
        """An access token as RFC 9068 has it; what is given replaces a claim, and None leaves it out."""
        issued = jose.seconds(now)
        made: dict[str, Any] = {
            "iss": self.url,
            "sub": "s-1",
            "aud": "hub",
            "iat": issued,
            "exp": issued + LIFE_SECONDS,
            "jti": f"token-{issued}",
        }
        made |= claims
        kept = {name: value for name, value in made.items() if value is not None}
        return jose.sign(jose.compact_json(kept), self.keys[-1], typ=typ)


@asynccontextmanager
async def listening() -> AsyncIterator[Issuer]:
    """A provider that listens until the block ends."""
    issuer = Issuer()
    app = web.Application()
    app.router.add_get("/{path:.*}", issuer.answer)
    server = TestServer(app)
    await server.start_server()
    issuer.url = str(server.make_url("")).rstrip("/")
    try:
        yield issuer
    finally:
        await server.close()
