"""The HTTP application over a whole gateway, called through a test client."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from gateway.api.app import make_app
from gateway.bootstrap import Gateway
from tests.unit.gateway.fixtures import gateway, hub_file, issuer

__all__ = ["api", "gateway", "hub_file", "issuer"]

Api = TestClient[web.Request, web.Application]


@pytest.fixture
async def api(aiohttp_client: AiohttpClient, gateway: Gateway) -> Api:
    return await aiohttp_client(make_app(gateway))
