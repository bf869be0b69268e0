"""A gateway that serves and a browser that visits it, one of each for a module's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from adapters import registry
from tests.console.visitor import Visitor
from tests.gateway import borough
from tests.gateway import ground as grounds
from tests.gateway import town as towns
from tests.gateway.clock import Clock
from tests.gateway.town import Town
from tests.services import chromium
from tests.services.process import ServiceFailed


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """Debian's browser; a test that needs it fails where there is none, and says what to do."""
    try:
        return chromium.executable()
    except ServiceFailed as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def module_patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, module_patch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A gateway that serves with its console, for all tests of a module."""
    directory: Path = tmp_path_factory.mktemp("town")
    clock = Clock()
    clock.rule(module_patch)
    module_patch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{directory / 'hub.sqlite3'}"
        place = await stack.enter_async_context(grounds.ground(directory, clock, database_url=url))
        yield await stack.enter_async_context(towns.town(place))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome(chromium_program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_program, args=chromium.arguments())
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(chrome: Browser, town: Town) -> AsyncIterator[Visitor]:
    """Somebody at a browser of their own, with scripts; nothing that it ran into may have gone against the policy."""
    async with Visitor(chrome=chrome, town=town) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def plain_visitor(chrome: Browser, town: Town) -> AsyncIterator[Visitor]:
    """The same at a browser that runs no scripts."""
    async with Visitor(chrome=chrome, town=town, scripts=False) as made:
        yield made
