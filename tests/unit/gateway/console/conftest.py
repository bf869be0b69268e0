"""The console over a whole gateway, called as a browser calls it but without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from gateway.api.app import make_app
from gateway.bootstrap import Gateway
from gateway.console.form import TOKEN_FIELD
from gateway.console.parts import Console
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import person

__all__ = ["console", "gateway", "hub_file", "issuer", "visitor"]

COOKIE = "mash-console"
_TOKEN = re.compile(rf'name="{TOKEN_FIELD}" value="([^"]+)"')


@pytest.fixture
def console(gateway: Gateway) -> Console:
    assert gateway.console is not None
    return gateway.console


@dataclass(kw_only=True)
class Visitor:
    """Somebody at a browser of their own; redirects are shown and not followed."""

    client: TestClient[web.Request, web.Application]
    console: Console
    held: str = ""

    async def sign_in(self, name: str) -> str:
        """Sit down as somebody of the borough, as after the provider's word."""
        self.held = await self.console.sittings.begin(person(name), name.capitalize())
        return self.held

    async def get(self, path: str, **options: Any) -> ClientResponse:  # noqa: ANN401 - aiohttp's own
        return await self.client.get(path, allow_redirects=False, cookies=self._cookies, **options)

    async def post(self, path: str, fields: Any, **options: Any) -> ClientResponse:  # noqa: ANN401 - aiohttp's own
        return await self.client.post(path, data=fields, allow_redirects=False, cookies=self._cookies, **options)

    async def token(self, path: str, *, to: str = "") -> str:
        """The token that the page at ``path`` has for its form, or for the form that is sent to ``to``."""
        text = await (await self.get(path)).text()
        forms = text.split("<form")
        wanted = next(one for one in forms if f'action="{to or path}"' in one)
        found = _TOKEN.search(wanted)
        assert found is not None
        return found.group(1)

    @property
    def _cookies(self) -> dict[str, str]:
        return {COOKIE: self.held} if self.held else {}


@pytest.fixture
async def visitor(aiohttp_client: AiohttpClient, gateway: Gateway, console: Console) -> Callable[[], Visitor]:
    client = await aiohttp_client(make_app(gateway))
    return lambda: Visitor(client=client, console=console)
