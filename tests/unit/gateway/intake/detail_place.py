"""Where details stand: a real HTTP server on this host that answers as a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET = "a-secret-of-these-tests"
DETAIL: dict[str, Any] = {"notes": "a velvet lighthouse was drawn on the wall", "riskColour": "Red"}


async def found(_: web.Request) -> web.StreamResponse:
    """The detail."""
    return web.json_response(DETAIL)


@dataclass(kw_only=True)
class Place:
    """The server, what it answers, and what it was asked."""

    base: str = ""
    answer: Answer = found
    asked: list[web.Request] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def url(self, path: str = "/detail/1") -> str:
        """The address of a detail."""
        return self.base + path

    async def token(self, request: web.Request) -> web.StreamResponse:
        """A token for the client's secret; another one each time."""
        form = await request.post()
        if form["grant_type"] != "client_credentials" or request.headers["Authorization"] != (
            "Basic aHViOmEtc2VjcmV0LW9mLXRoZXNlLXRlc3Rz"
        ):
            return web.Response(status=401)
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return web.json_response({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 300})


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer that is always the same."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return answer


@asynccontextmanager
async def listening() -> AsyncIterator[Place]:
    """The server, until the block ends."""
    place = Place()

    async def every(request: web.Request) -> web.StreamResponse:
        place.asked.append(request)
        return await place.answer(request)

    app = web.Application()
    app.router.add_post("/token", place.token)
    app.router.add_route("*", "/{path:.*}", every)
    async with TestServer(app) as server:
        place.base = f"http://127.0.0.1:{server.port}"
        yield place


def event(url: str, crn: str = "X123456", **more: object) -> bytes:
    """A thin event about somebody on probation, which points to its detail."""
    return json.dumps(
        {
            "eventType": "probation-case.registration.added",
            "version": 1,
            "description": "A registration has been added",
            "detailUrl": url,
            "occurredAt": "2026-11-02T09:00:00.123456789Z",
            "additionalInformation": {"registerTypeCode": "RCCO", "registrationId": "2500000001"},
            "personReference": {"identifiers": [{"type": "CRN", "value": crn}]},
            **more,
        }
    ).encode()
