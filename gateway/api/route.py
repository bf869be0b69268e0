"""A route of the API as a row: what it takes, what it answers, who may call it. A row without a rule is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from crypto import canonical
from gateway.api.callers import Caller, ClientCaller, Grant
from gateway.bootstrap import Gateway
from gateway.people import PersonCaller
from gateway.store.records import ClientRow
from routing.permissions import Action
from schemas.base import Frozen, place_of
from schemas.errors import Refused, Rejected, TooLarge

B = TypeVar("B", bound=Frozen)
_DEPTH = 12
BODY_SECONDS = 120.0
"""How long one body may take to arrive."""


class Open(StrEnum):
    """Why a route asks for no caller: it is public, or it checks a credential of its own kind."""

    PUBLIC = "public"
    CLIENT_ASSERTION = "client_assertion"
    MESSAGE_TOKEN = "message_token"  # noqa: S105 - a name, not a secret
    FEED = "feed"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call, after its caller was identified and authorised. ``routes`` are all rows, for the document of them."""

    request: web.Request
    gateway: Gateway
    caller: Caller | None
    routes: tuple[Route, ...]

    def name(self, key: str = "id") -> str:
        """A part of the path."""
        return self.request.match_info[key]

    async def body(self, limit: int) -> bytes:
        """The body, up to ``limit`` bytes.

        Raises:
            TooLarge: it is longer.
        """
        return await read(self.request, limit)

    async def json(self, model: type[B]) -> B:
        """The body as this model.

        Raises:
            Rejected: it is not; ``at`` names the first field that is wrong. TooLarge: over the hub's limit.
        """
        taken = await self.body(self.gateway.hub.limits.json_bytes)
        # Strict first (one object, no member twice, bounded depth), because the model's own reader is lenient there.
        canonical.loads_object(taken, size=len(taken) + 1, depth=_DEPTH)
        try:
            return model.model_validate_json(taken)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise Rejected("body.invalid", first["msg"], at=place_of(error)) from None

    @property
    def person(self) -> PersonCaller:
        """The caller of a route that only people reach.

        Raises:
            Refused: an agency's system called.
        """
        if not isinstance(self.caller, PersonCaller):
            raise Refused("permission.denied", "this is for people who are signed in")
        return self.caller

    @property
    def client(self) -> ClientRow:
        """The caller of a route that only agencies' systems reach.

        Raises:
            Refused: a person called.
        """
        if not isinstance(self.caller, ClientCaller):
            raise Refused("grant.missing", "this is for agencies' systems")
        return self.caller.client


Handler = Callable[[Asked], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A row. Exactly one of ``open`` and (``grants`` or ``actions``) says who may call."""

    method: str
    path: str
    handler: Handler
    summary: str
    open: Open | None = None
    grants: frozenset[Grant] = frozenset()
    actions: frozenset[Action] = frozenset()
    body: type[BaseModel] | None = None
    body_type: str = "application/json"
    answer: type[BaseModel] | None = None
    answer_type: str = "application/json"
    status: int = 200

    def __post_init__(self) -> None:
        if (self.open is None) == (not self.grants and not self.actions):
            raise ValueError(f"{self.method} {self.path}: say who may call it, one way")


async def read(request: web.Request, limit: int) -> bytes:
    """A request's body as it was sent, up to ``limit`` bytes, without taking in more than that.

    Raises:
        TooLarge: it is longer. Rejected: it is under a content coding: what is kept and signed are the bytes sent.
        HTTPRequestTimeout: it does not come. HTTPBadRequest: it breaks off.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Rejected("body.coding", "send the bytes themselves, under no content coding", at="Content-Encoding")
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge("message.too_large", "send less at once")
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(64 * 1024):
                taken += chunk
                if len(taken) > limit:
                    raise TooLarge("message.too_large", "send less at once")
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None
    return bytes(taken)


def answer(model: BaseModel, status: int = 200) -> web.Response:
    """A model as JSON that no cache keeps."""
    return web.Response(
        status=status,
        body=model.model_dump_json().encode(),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def nothing() -> web.Response:
    """204."""
    return web.Response(status=204)
