"""The amber-to-red story at the console, from sign-in to release, by a browser with scripts and by one without."""

from __future__ import annotations

import pytest

from sandbox.disclosure import Reply
from sandbox.scenarios.stage import Case
from tests.console.cast import COUNCIL, GANGS, HELD_BACK, POLICE
from tests.console.visitor import Visitor
from tests.gateway.natives import child, notice
from tests.gateway.town import Town, fresh_reference

pytestmark = pytest.mark.asyncio(loop_scope="module")
SUMMARY = "Three children, and a stepfather known for drugs."


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_from_sign_in_to_release_in_at_most_25_presses(
    visitor: Visitor, plain_visitor: Visitor, town: Town, scripts: bool
) -> None:
    who = visitor if scripts else plain_visitor
    case = await town.referral(notice(child(61 if scripts else 62), reference=fresh_reference()))
    await who.sign_in()
    await rate_amber_and_ask(who, case)
    await let_answer(case)
    await add_the_siblings(who)
    await rate_red_and_decide(who)
    await release(who)
    assert who.presses <= 25, who.presses
    shown = await case.shown()
    assert (shown["rating"], shown["state"]) == ("red", "product_sent")
    team = town.client("council.assessment-team")
    sent = str((await team.open(await team.next("product"))).content)
    assert SUMMARY in sent
    # And back to the referrer.
    await who.button("Tell the referrer")
    await who.button("Tell the referrer")
    assert "The referrer is told." in await who.text()


async def rate_amber_and_ask(who: Visitor, case: Case) -> None:
    """The case is among the most urgent; whom to ask is as proposed."""
    await who.press(who.page.locator(f"a[href='/console/referrals/{case.id}']").first)
    await who.button("Rate")
    await who.choose("Amber")
    await who.choose("3: targeted")
    await who.write("reasons", "He is 17.\n\nLittle is known yet.")
    await who.button("Continue")
    await who.button("Rate amber")
    await who.write("purpose", "To decide whether these children need protection")
    await who.choose("Children Act 2004, section 10")
    await who.write("necessity", "The referrer knows little")
    await who.button("Sign and send the requests")


async def let_answer(case: Case) -> None:
    """What the manager did is what the API tells of; then the leads answer."""
    shown = await case.shown()
    assert shown["rating"] == "amber"
    assert [rating["reasons"] for rating in shown["ratings"]] == [["He is 17.", "Little is known yet."]]
    requests = {one["agency"]: one["id"] for one in shown["requests"]}
    assert set(requests) == {"police", "health", "council"}
    await case.answer("police", requests["police"], POLICE)
    await case.answer("council", requests["council"], COUNCIL)
    await case.answer("health", requests["health"], Reply(decision="nothing_held"))


async def add_the_siblings(who: Visitor) -> None:
    """The council named them: they become subjects."""
    await who.link("Disclosures")
    await who.link("council of the tests")
    assert "Two younger children live there." in await who.text()
    await who.button("Add these 2 children to the case")
    assert "Maisie Pike" in await who.text()


async def rate_red_and_decide(who: Visitor) -> None:
    """The rating moves; the decision follows."""
    await who.link("Summary")
    await who.link("Rate again")
    await who.choose("Red")
    await who.write("reasons", "Two younger siblings live in the household.")
    await who.button("Continue")
    assert "Amber" in await who.text()
    await who.button("Rate red")
    await who.button("Decide")
    await who.tick("Section 47 enquiry")
    await who.write("rationale", "The siblings are at risk.")
    await who.button("Record the decision")


async def release(who: Visitor) -> None:
    """What the team will see is what policy lets it."""
    await who.write("summary", SUMMARY)
    await who.button("See what the team will see")
    seen = await who.text()
    assert GANGS in seen
    assert HELD_BACK not in seen
    assert "police of the tests holds something here that was not released to it" in seen
    await who.button("Release it")
    assert "Released, version 1." in await who.text()
