"""Somebody at a browser: signs in as people do, counts what they press, and notices what the browser complains of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page

from tests.gateway import borough
from tests.gateway.town import Town

AXE = Path(__file__).parent / "axe-core-4.14.1" / "axe.min.js"
SECONDS = 15_000
_TRIES = 20
# What a browser says of every answer that is no success; the tests say themselves which those are.
_STATUS = "Failed to load resource: the server responded with a status of"
_FIND = """() => axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations.map(
    (one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ')).join(', ')))"""


@dataclass(kw_only=True)
class Visitor:
    """A browser of one's own. ``presses`` are the clicks and keys so far, typing left out."""

    chrome: Browser
    town: Town
    scripts: bool = True
    width: int = 1280
    presses: int = 0
    complaints: list[str] = field(default_factory=list)
    _context: BrowserContext | None = None
    _page: Page | None = None

    async def __aenter__(self) -> Self:
        self._context = await self.chrome.new_context(
            java_script_enabled=self.scripts, viewport={"width": self.width, "height": 900}
        )
        self._context.set_default_timeout(SECONDS)
        self._page = await self._context.new_page()
        self._page.on("console", self._heard)
        self._page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._context is not None:
            await self._context.close()
        if kind is None:
            assert self.complaints == []

    @property
    def page(self) -> Page:
        """The page that is open."""
        if self._page is None:
            raise AssertionError("enter the visitor first")
        return self._page

    @property
    def context(self) -> BrowserContext:
        """The browser's own memory."""
        if self._context is None:
            raise AssertionError("enter the visitor first")
        return self._context

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.page.url.removeprefix(self.town.url)

    async def goto(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self.town.url + path)

    async def sign_in(self, name: str = "manager", *, to: str = "/console") -> None:
        """Come from nowhere to this address, and go through the provider's own page."""
        await self.goto(to)
        await self.press(self.page.get_by_role("button", name="Sign in"))
        await self.provide(name)

    async def provide(self, name: str = "manager") -> None:
        """Fill in the provider's page."""
        user = dict(zip(borough.PEOPLE, self.town.ground.provider.users.values(), strict=True))[name]
        await self.page.fill("#username", user.name)
        await self.page.fill("#password", user.password)
        await self.press(self.page.get_by_role("button", name="Sign in"))

    async def press(self, what: Locator) -> None:
        """Click, and count it."""
        self.presses += 1
        await what.click()

    async def button(self, name: str) -> None:
        """Press a button, or a link that looks like one."""
        await self.press(self.page.get_by_role("button", name=name, exact=True))

    async def link(self, name: str) -> None:
        """Follow a link."""
        await self.press(self.page.get_by_role("link", name=name))

    async def choose(self, name: str) -> None:
        """Choose a radio."""
        self.presses += 1
        await self.page.get_by_role("radio", name=name).check()

    async def tick(self, name: str) -> None:
        """Tick a box."""
        self.presses += 1
        await self.page.get_by_role("checkbox", name=name).check()

    async def write(self, field_id: str, text: str) -> None:
        """Type, which is not counted."""
        await self.page.fill(f"#{field_id}", text)

    async def back(self) -> None:
        """Go back, once the page before has come to rest: a browser that swaps pages can't be asked meanwhile."""
        for _ in range(_TRIES):
            await self.page.wait_for_load_state()
            try:
                await self.page.go_back()
            except Error as error:
                if "Not attached" not in error.message:
                    raise
                await asyncio.sleep(0.2)
            else:
                return
        raise AssertionError("the browser does not go back")

    async def text(self) -> str:
        """What the page says."""
        return await self.page.inner_text("body")

    async def heading(self) -> str:
        """The page's heading."""
        return await self.page.inner_text("h1")

    async def axe(self) -> Sequence[str]:
        """What axe-core has against the page as it stands: rules and elements."""
        # By the browser's own door for tools, since the policy of the page lets no such script in.
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = await self.page.evaluate(_FIND)
        return found

    async def ask(self, script: str, *given: Any) -> Any:  # noqa: ANN401 - whatever the script answers
        """What a script finds on the page."""
        return await self.page.evaluate(script, *given)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS):
            self.complaints.append(message.text)
