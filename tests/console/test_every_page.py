"""Every page in every state: accessible, readable at any size, under the policy, with a title of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.places import Places, prepared
from tests.console.visitor import Visitor
from tests.gateway.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
NARROW = 320
_OVERFLOW = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
_SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter((one) => one.offsetParent && one.type !== 'hidden' && !one.closest('p, li, td, th, dd, .govuk-skip-link'))
    .map((one) => [one.outerHTML.slice(0, 80), (one.labels?.[0] || one).getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
_ORDER = """() => { const all = [...document.querySelectorAll('*')]
    return all.filter((one) => one.tabIndex > 0).map((one) => one.outerHTML.slice(0, 80)) }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def places(town: Town) -> Places:
    return await prepared(town)


@asynccontextmanager
async def visiting(chrome: Browser, town: Town, name: str, **how: object) -> AsyncIterator[Visitor]:
    """Somebody who is signed in."""
    async with Visitor(chrome=chrome, town=town, **how) as visitor:  # type: ignore[arg-type]
        await visitor.sign_in(name)
        yield visitor


async def test_axe_finds_nothing_on_any_page_and_none_is_too_wide_or_too_small_to_press(
    chrome: Browser, town: Town, places: Places
) -> None:
    found: dict[str, list[str]] = {}
    for name, paths in places.pages.items():
        async with visiting(chrome, town, name) as visitor:
            for path in paths:
                await visitor.page.set_viewport_size({"width": 1280, "height": 900})
                await visitor.goto(path)
                rules = list(await visitor.axe())
                await visitor.page.set_viewport_size({"width": NARROW, "height": 600})
                scrolled, shown = await visitor.ask(_OVERFLOW)
                rules += [f"{scrolled} wide on {shown}"] if scrolled != shown else []
                rules += [f"too small: {html}" for html in await visitor.ask(_SMALL)]
                rules += [f"out of order: {html}" for html in await visitor.ask(_ORDER)]
                found[path] = rules
    assert {path: rules for path, rules in found.items() if rules} == {}
    assert len(found) > 25


async def test_axe_finds_nothing_before_sign_in_and_where_something_is_wrong(
    chrome: Browser, town: Town, places: Places
) -> None:
    found = {}
    async with Visitor(chrome=chrome, town=town) as visitor:
        for path in ("/console/sign-in", "/console/signed-out", "/console/nothing", "/console/signed-in?state=x"):
            await visitor.goto(path)
            found[path] = await visitor.axe()
    async with visiting(chrome, town, "manager") as visitor:
        for path, button in (
            (f"/console/referrals/{places.fresh}/rate", "Continue"),
            (f"/console/referrals/{places.gathering}/decide", "Record the decision"),
            (f"/console/referrals/{places.gathering}/people/add", "Add them"),
            (f"/console/referrals/{places.decided}/release", "See what the team will see"),
        ):
            await visitor.goto(path)
            await visitor.button(button)
            assert (await visitor.page.title()).startswith("Error: ")
            assert await visitor.ask("() => document.activeElement.className") == "govuk-error-summary"
            found[f"{path} with errors"] = await visitor.axe()
            target = await visitor.page.locator(".govuk-error-summary a").first.get_attribute("href")
            await visitor.page.locator(".govuk-error-summary a").first.click()
            assert await visitor.ask("() => '#' + document.activeElement.id") == target
        await visitor.goto("/console/referrals/ref_" + "0" * 26)
        found["not found"] = await visitor.axe()
    assert {path: rules for path, rules in found.items() if rules} == {}


async def test_every_page_opens_cold_without_scripts_says_what_it_is_and_names_nobody(
    chrome: Browser, town: Town, places: Places
) -> None:
    titles: dict[str, str] = {}
    for name, paths in places.pages.items():
        async with Visitor(chrome=chrome, town=town, scripts=False) as visitor:
            await visitor.sign_in(name, to=paths[0])
            for path in paths:
                response = await visitor.page.goto(town.url + path)
                assert response is not None
                assert response.status == (403 if name == "analyst" and path.endswith("referrals") else 200), path
                assert await visitor.page.locator("h1").count() == 1, path
                titles[path.partition("?")[0]] = await visitor.page.title()
    assert len(set(titles.values())) == len(titles), sorted(titles.values())
    assert not [title for title in titles.values() if "Given" in title or "Family" in title]


async def test_the_stacked_tables_of_a_small_screen_are_still_tables(
    chrome: Browser, town: Town, places: Places
) -> None:
    async with visiting(chrome, town, "manager", width=NARROW) as visitor:
        await visitor.goto(f"/console/referrals/{places.gathering}/requests")
        told = await visitor.page.locator("table").aria_snapshot()
    assert told.count("row ") >= 3 or told.count("- row") >= 3, told
    assert "columnheader" in told
    assert "cell" in told
