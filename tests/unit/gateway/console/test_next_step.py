"""The one next lawful step, as each viewer is told it."""

from __future__ import annotations

from gateway.bootstrap import Gateway
from gateway.console.next_step import NextStep, next_step
from routing.permissions import allowed_roles
from tests.unit.gateway import case
from tests.unit.gateway.whole import person


async def step(gateway: Gateway, referral: str, name: str = "manager") -> NextStep:
    caller = person(name)
    view = await gateway.viewing.referral(caller, referral)
    return next_step(
        view, me=caller.subject, may=lambda action: bool(caller.roles & allowed_roles(action)), path="/case"
    )


async def test_a_manager_is_led_from_the_rating_to_the_close(gateway: Gateway) -> None:
    referral = await case.opened(gateway)
    assert (await step(gateway, referral)).href == "/case/rate"
    await case.rated(gateway, referral)
    assert (await step(gateway, referral)).href == "/case/ask"
    request = await case.asked(gateway, referral)
    waiting = await step(gateway, referral)
    assert (waiting.href, waiting.said.startswith("Waiting for 1 of 1")) == ("", True)
    assert ("Decide", "/case/decide") in waiting.others
    await gateway.asking.withdraw(person("manager"), request)
    assert (await step(gateway, referral)).href == "/case/decide"
    await case.decided(gateway, referral)
    assert (await step(gateway, referral)).href == "/case/release"
    await case.product(gateway, referral)
    assert (await step(gateway, referral)).href == "/case/feedback"
    await gateway.deciding.feed_back(person("manager"), referral, "")
    assert (await step(gateway, referral)).href == ""
    assert ("Close", "/case/close") in (await step(gateway, referral)).others


async def test_another_manager_is_led_to_take_it_over_and_others_to_wait(gateway: Gateway) -> None:
    referral = await case.opened(gateway)
    assert (await step(gateway, referral, "screener")).others == (("Record screening", "/case/screening"),)
    await case.rated(gateway, referral)
    assert (await step(gateway, referral, "other_manager")).href == "/case/take-over"
    coordinator = await step(gateway, referral, "coordinator")
    assert (coordinator.href, coordinator.others) == ("", ())
