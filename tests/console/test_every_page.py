"""Every page in every state: accessible, readable at any size, under the policy, with a title of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

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
_FOCUSED = """() => { const one = document.activeElement, box = one.getBoundingClientRect()
    const all = document.querySelectorAll('*')
    const x = Math.max(0, box.x - 5), y = Math.max(0, box.y - 5)
    return [one.outerHTML.slice(0, 80), [...all].indexOf(one), [x, y, box.width + 10, box.height + 10]] }"""
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


async def test_whatever_has_the_focus_is_seen_to_have_it_and_comes_in_the_order_of_the_page(
    chrome: Browser, town: Town, places: Places
) -> None:
    unseen, order = [], []
    async with visiting(chrome, town, "manager") as visitor:
        for path in ("/console/referrals", f"/console/referrals/{places.gathering}/decide"):
            await visitor.goto(path)
            for _ in range(14):
                await visitor.page.keyboard.press("Tab")
                html, place, box = await visitor.ask(_FOCUSED)
                order.append(place)
                clip = {"x": box[0], "y": box[1], "width": box[2], "height": box[3]}
                with_focus = await visitor.page.screenshot(clip=clip)  # type: ignore[arg-type]
                await visitor.ask("() => { window.focused = document.activeElement; window.focused.blur() }")
                without = await visitor.page.screenshot(clip=clip)  # type: ignore[arg-type]
                await visitor.ask("() => window.focused.focus({preventScroll: true})")
                unseen += [f"{path}: {html}"] if with_focus == without else []
            assert order == sorted(order)
            order.clear()
    assert unseen == []


async def test_a_rating_is_told_by_word_and_shape_where_colours_are_taken_away(
    chrome: Browser, town: Town, places: Places
) -> None:
    async with visiting(chrome, town, "manager") as visitor:
        await visitor.page.emulate_media(forced_colors="active")
        shapes = {}
        for path in (f"/console/referrals/{places.gathering}", f"/console/referrals/{places.fresh}"):
            await visitor.goto(path)
            tag = visitor.page.locator(".mash-case .mash-rating")
            shapes[await tag.inner_text()] = await tag.locator("svg").screenshot()
    assert set(shapes) == {"Amber", "Not rated"}
    first, second = shapes.values()
    assert first != second


async def test_before_the_time_is_up_the_page_warns_keeps_what_was_typed_and_lets_one_stay(
    chrome: Browser, town: Town, places: Places
) -> None:
    async with Visitor(chrome=chrome, town=town) as visitor:
        await visitor.page.clock.install()
        await visitor.sign_in(to=f"/console/referrals/{places.gathering}/decide")
        await visitor.write("rationale", "Half a sentence")
        warning = visitor.page.get_by_role("alertdialog")
        assert not await warning.is_visible()
        town.clock.pass_by(timedelta(minutes=18, seconds=30))
        await visitor.page.clock.run_for(18 * 60_000 + 30_000)
        await warning.wait_for()
        assert await visitor.ask("() => document.activeElement.textContent") == "Stay signed in"
        assert await visitor.axe() == []
        await visitor.button("Stay signed in")
        await visitor.page.clock.run_for(1_000)
        await warning.wait_for(state="hidden")
        await visitor.page.reload()
        assert await visitor.page.input_value("#rationale") == "Half a sentence"
