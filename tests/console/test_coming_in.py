"""Coming in without a system: a referrer's own form, and a call that somebody takes down."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.visitor import Visitor
from tests.gateway.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORRY = "The children are often alone at night."


async def newest(town: Town) -> dict[str, Any]:
    """The referral that came in last, as its manager is shown it."""
    listed = (await town.manager.get("/v1/referrals"))["referrals"]
    shown: dict[str, Any] = await town.manager.get(f"/v1/referrals/{listed[-1]['id']}")
    return shown


async def count(town: Town) -> int:
    return len((await town.manager.get("/v1/referrals"))["referrals"])


@pytest.mark.parametrize("name,agency", [("referrer", "police"), ("coordinator", "council")])
async def test_what_is_filled_in_comes_through_the_front_door_once(
    plain_visitor: Visitor, town: Town, name: str, agency: str
) -> None:
    before = await count(town)
    await plain_visitor.sign_in(name, to="/console/notify")
    await plain_visitor.write("worry", f"{WORRY} <b>{name}</b>")
    await plain_visitor.tick("Neglect")
    await plain_visitor.write("child1_given", f"Form{name}")
    await plain_visitor.write("child1_family", "Fictitious")
    await plain_visitor.write("child1_birth_year", "2018")
    await plain_visitor.write("referrer_role", "Neighbour")
    await plain_visitor.button("Check what you wrote")
    assert f"{WORRY} <b>{name}</b>" in await plain_visitor.text()
    await plain_visitor.button("Send it to the hub")
    assert "The hub has it" in await plain_visitor.text()
    await plain_visitor.page.go_back()
    assert await count(town) == before + 1
    shown = await newest(town)
    (told,) = shown["notifications"]
    assert (told["agency"], told["categories"]) == (agency, ["neglect"])
    assert told["narrative"] == f"{WORRY} <b>{name}</b>"
    (child,) = shown["subjects"]
    assert (child["names"][0]["given"], child["birth_date"]) == ([f"Form{name}"], "2018")


async def test_a_form_without_a_worry_is_shown_again_with_everything_else(visitor: Visitor, town: Town) -> None:
    before = await count(town)
    await visitor.sign_in("coordinator", to="/console/notify")
    await visitor.write("child1_given", "Somebody")
    await visitor.write("child1_birth_day", "the third")
    await visitor.button("Check what you wrote")
    listed = await visitor.page.locator(".govuk-error-summary a").all_inner_texts()
    assert len(listed) == 3
    assert await visitor.page.input_value("#child1_given") == "Somebody"
    assert await visitor.axe() == []
    assert await count(town) == before


async def test_an_agency_without_a_feed_for_forms_is_told_whom_to_ask(visitor: Visitor) -> None:
    await visitor.sign_in("health_lead", to="/console/notify")
    assert "takes no forms from your agency" in await visitor.text()
