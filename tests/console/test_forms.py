"""Forms under bad conditions: sent twice, too late, forged, from two windows, with whatever can be pasted."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest
import pytest_asyncio

from sandbox.scenarios.stage import Case
from tests.console.visitor import Visitor
from tests.gateway.natives import child, notice
from tests.gateway.town import Town, fresh_reference

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEBREW = "\u05e9\u05dc\u05d5\u05dd"
TEXT = f"First line.\nSecond line with <b>markup</b> & 'quotes', \u202eright to left\u202c, e\u0301 and {HEBREW}."
NUMBERS = itertools.count(2_001)
LONG = "An entry of ten thousand letters. " * 294


@pytest_asyncio.fixture(loop_scope="module")
async def case(town: Town) -> Case:
    """A referral of this test's own, rated by the manager."""
    made = await town.referral(notice(child(next(NUMBERS)), reference=fresh_reference()))
    await made.rate("amber", 2, "A reason")
    return made


async def at_the_check_page(visitor: Visitor, case: Case, reasons: str = "Another reason") -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}/rate")
    await visitor.choose("Red")
    await visitor.write("reasons", reasons)
    await visitor.button("Continue")


async def ratings(case: Case) -> list[str]:
    return [one["rating"] for one in (await case.shown())["ratings"]]


@pytest.mark.parametrize("apart", [0.15, 0.4, 1.3])
async def test_two_submits_have_one_effect(plain_visitor: Visitor, case: Case, apart: float) -> None:
    await at_the_check_page(plain_visitor, case)
    button = plain_visitor.page.get_by_role("button", name="Rate red")
    box = await button.bounding_box()
    assert box is not None
    # By the mouse itself: the second press meets whatever is there by then.
    spot = (box["x"] + 5, box["y"] + 5)
    await plain_visitor.page.mouse.click(*spot)
    await asyncio.sleep(apart)
    await plain_visitor.page.mouse.click(*spot)
    await plain_visitor.page.get_by_text("Rated red.").wait_for()
    assert await ratings(case) == ["amber", "red"]


async def test_the_same_form_sent_again_by_going_back_has_no_second_effect(visitor: Visitor, case: Case) -> None:
    await at_the_check_page(visitor, case)
    await visitor.button("Rate red")
    await visitor.back()
    # The page is made anew: its form is gone, and so is what it would have sent.
    assert "check" not in visitor.path
    assert await ratings(case) == ["amber", "red"]


async def test_what_was_typed_survives_the_end_of_the_sitting_and_is_not_sent(
    plain_visitor: Visitor, case: Case, town: Town
) -> None:
    await plain_visitor.sign_in(to=f"/console/referrals/{case.id}/rate")
    await plain_visitor.choose("Red")
    await plain_visitor.write("reasons", TEXT)
    town.clock.pass_by(timedelta(minutes=25))
    await plain_visitor.button("Continue")
    assert "What you typed is kept" in await plain_visitor.text()
    await plain_visitor.button("Sign in")
    await plain_visitor.provide()
    assert plain_visitor.path == f"/console/referrals/{case.id}/rate"
    assert await plain_visitor.page.input_value("#reasons") == TEXT
    assert await plain_visitor.page.get_by_role("radio", name="Red").is_checked()
    assert await ratings(case) == ["amber"]


async def test_typing_is_kept_by_itself_and_survives_a_reload(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}/rate")
    async with visitor.page.expect_response("**/console/drafts") as kept:
        await visitor.write("reasons", TEXT)
    assert (await kept.value).status == 200
    await visitor.page.reload()
    assert await visitor.page.input_value("#reasons") == TEXT
    assert "It was not sent" in await visitor.text()


async def test_a_forged_token_is_refused_with_the_text_kept(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}/rate")
    await visitor.choose("Red")
    await visitor.write("reasons", TEXT)
    await visitor.ask("() => { document.querySelector('main [name=form_token]').value = 'a'.repeat(66) }")
    await visitor.ask("() => { document.querySelector('form[data-keep] [name=form_token]').value = 'a'.repeat(66) }")
    await visitor.button("Continue")
    assert "out of date" in await visitor.text()
    assert await visitor.page.input_value("#reasons") == TEXT
    await visitor.button("Continue")
    assert visitor.path.endswith("/rate/check")


async def test_what_is_pasted_is_shown_as_it_was_pasted(visitor: Visitor, case: Case) -> None:
    await at_the_check_page(visitor, case, TEXT)
    assert await visitor.page.locator(".govuk-summary-list .mash-words").first.inner_text() == TEXT
    assert await visitor.page.locator("main b").count() == 0
    await visitor.button("Rate red")
    assert (await case.shown())["ratings"][-1]["reasons"] == [TEXT]


async def test_ten_thousand_letters_are_taken(visitor: Visitor, case: Case) -> None:
    await at_the_check_page(visitor, case, LONG)
    await visitor.button("Rate red")
    assert (await case.shown())["ratings"][-1]["reasons"] == [LONG.strip()]


async def test_a_case_that_changed_meanwhile_is_shown_side_by_side_and_not_written_over(
    visitor: Visitor, case: Case
) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}/rate")
    await visitor.choose("Green")
    await visitor.write("reasons", TEXT)
    await case.rate("red", 3, "From another window")
    await visitor.button("Continue")
    told = await visitor.page.locator("#changed").inner_text()
    assert "amber" in told
    assert "red" in told
    assert await visitor.page.input_value("#reasons") == TEXT
    await visitor.button("Continue")
    assert visitor.path.endswith("/rate/check")


async def test_two_windows_confirm_what_was_checked_and_nothing_else(visitor: Visitor, case: Case) -> None:
    await at_the_check_page(visitor, case)
    second = await visitor.context.new_page()
    await second.goto(f"{visitor.town.url}/console/referrals/{case.id}/rate")
    await second.get_by_role("radio", name="Green").check()
    await second.get_by_role("button", name="Continue").click()
    await second.close()
    await visitor.button("Rate red")
    assert "You changed this in another window" in await visitor.text()
    assert await ratings(case) == ["amber"]


async def test_after_signing_out_going_back_shows_the_sign_in(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}")
    assert case.id in visitor.path
    await visitor.button("Sign out")
    await visitor.back()
    await visitor.page.wait_for_url("**/console/sign-in**")
    assert await visitor.heading() == "Sign in"


async def test_going_back_keeps_filter_order_and_page(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to="/console/referrals")
    await visitor.page.select_option("#show", "mine")
    await visitor.page.select_option("#order", "rating")
    await visitor.button("Apply")
    before = visitor.path
    assert "show=mine" in before
    await visitor.press(visitor.page.locator(f"a[href='/console/referrals/{case.id}']"))
    await visitor.back()
    assert visitor.path == before
    assert await visitor.page.input_value("#show") == "mine"


async def test_changes_are_told_and_nothing_moves_by_itself(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to="/console/referrals?order=received")
    before = await visitor.page.locator("tbody").inner_text()
    await case.rate("red", 3, "A reason to look again")
    told = visitor.page.locator("[data-said] a")
    await told.wait_for()
    assert await told.inner_text() == "1 change - show"
    assert await visitor.page.locator("tbody").inner_text() == before
    await told.click()
    assert await visitor.page.locator("tbody").inner_text() != before


async def test_names_are_covered_by_one_key_and_stay_so(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}")
    name = visitor.page.locator(".mash-case .mash-private").first
    seen = "(one) => getComputedStyle(one).color"
    before = await name.evaluate(seen)
    await visitor.page.keyboard.press("F8")
    assert await name.evaluate(seen) != before
    await visitor.goto(f"/console/referrals/{case.id}/people")
    assert await visitor.page.locator("html.mash-covered").count() == 1
    await visitor.page.keyboard.press("F8")
    assert await visitor.page.locator("html.mash-covered").count() == 0


async def test_a_print_is_marked_and_says_who_printed_it_and_when(visitor: Visitor, case: Case) -> None:
    await visitor.sign_in(to=f"/console/referrals/{case.id}")
    await visitor.page.emulate_media(media="print")
    assert await visitor.page.get_by_text("OFFICIAL-SENSITIVE").first.is_visible()
    assert "Shown to T. Manager (t.manager) at" in await visitor.text()
    assert not await visitor.page.get_by_role("link", name="Help").is_visible()
