"""Invariant 9: both clocks run from the first receipt; a re-rating gives min(old due, now + period), unless relaxed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sandbox.scenarios.stage import Case
from tests.gateway import borough
from tests.gateway.mending import Mending
from tests.gateway.natives import notice
from tests.gateway.town import Town

pytestmark = pytest.mark.invariant(9)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A time of the wire."""
    return datetime.fromisoformat(text)


async def wait(town: Town, time: timedelta) -> None:
    """Let time pass; the manager signs in again, because a sign-in does not last for ever."""
    town.clock.pass_by(time)
    await town.manager.sign_in()


async def due(case: Case) -> datetime:
    """When the case is due."""
    return at((await case.shown())["due_at"])


async def test_invariant_09_the_rating_sets_the_length_and_the_receipt_the_start(town: Town) -> None:
    case = await town.referral(notice())
    received = at((await case.shown())["received_at"])
    await wait(town, 3 * HOUR)
    await case.rate("amber", 2, "A reason")
    shown = await case.shown()
    assert at(shown["received_at"]) == received
    assert at(shown["due_at"]) == received + timedelta(hours=borough.HOURS["amber"])


async def test_invariant_09_a_joined_notification_moves_no_clock(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    before = await case.shown()
    await wait(town, 5 * HOUR)
    joined = await town.referral(notice())
    assert joined.id == case.id
    after = await case.shown()
    assert len(after["notifications"]) == 2
    assert [after[name] for name in ("received_at", "due_at", "feedback_due_at")] == [
        before[name] for name in ("received_at", "due_at", "feedback_due_at")
    ]


async def test_invariant_09_a_graver_rating_brings_the_due_time_forward_and_a_milder_one_leaves_it(town: Town) -> None:
    case = await town.referral(notice())
    received = at((await case.shown())["received_at"])
    await case.rate("green", 1, "A reason")
    assert await due(case) == received + timedelta(hours=borough.HOURS["green"])
    await wait(town, 2 * HOUR)
    await case.rate("red", 4, "A graver reason")
    red = await due(case)
    assert timedelta(0) <= town.clock() + timedelta(hours=borough.HOURS["red"]) - red < timedelta(minutes=1)
    await wait(town, HOUR)
    for rating in ("red", "amber", "green"):
        await case.rate(rating, 2, "Another reason")
        assert await due(case) == red, rating
    # A re-rating late in the old period never gives more time than the old one.
    assert at((await case.shown())["received_at"]) == received


async def test_invariant_09_a_graver_rating_late_leaves_the_earlier_due_time(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    amber = await due(case)
    await wait(town, 22 * HOUR)
    await case.rate("red", 4, "A graver reason")
    assert await due(case) == amber


async def test_invariant_09_only_a_recorded_reason_gives_more_time(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("red", 4, "A reason")
    red = await due(case)
    body = {"rating": "amber", "threshold": 2, "reasons": ["A reason"], "cites": [], "relax_reason": "  "}
    await town.manager.call("POST", f"/v1/referrals/{case.id}/ratings", body)
    assert await due(case) == red
    relaxed = await town.manager.post(
        f"/v1/referrals/{case.id}/ratings", body | {"relax_reason": "the family is safe with relatives"}
    )
    assert at(relaxed["due_at"]) == await due(case) > red
    events = [one["event"] for one in await town.events(referral=case.id)]
    assert events.count("rating.relaxed") == 1
    assert [row["relaxed"] for row in (await case.shown())["ratings"]][-1] is True


async def test_invariant_09_open_requests_move_forward_with_the_rating_and_never_back(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history",)}, "What do you know?")
    first = at(made[0]["due_at"])
    await case.rate("red", 4, "A graver reason")
    second = at((await case.shown())["requests"][0]["due_at"])
    assert second < first
    await case.rate("amber", 2, "A milder reason")
    assert at((await case.shown())["requests"][0]["due_at"]) == second


async def test_invariant_09_the_unrated_have_an_alarm_of_their_own_until_they_are_rated(town: Town) -> None:
    case = await town.referral(notice())
    await wait(town, borough.UNRATED_ALARM - timedelta(minutes=1))
    await town.gateway.watch.round()
    assert (await case.shown())["alarms"] == []
    await wait(town, timedelta(minutes=2))
    for _ in range(2):
        await town.gateway.watch.round()
    assert [alarm["kind"] for alarm in (await case.shown())["alarms"]] == ["unrated"]
    assert (await town.event_names(referral=case.id)).count("alarm.raised") == 1
    await case.rate("amber", 2, "A reason")
    assert (await case.shown())["alarms"] == []


async def test_invariant_09_what_was_mended_late_has_been_running_since_its_first_receipt(
    town: Town, mending: Mending
) -> None:
    mending.broken = True
    reply = await town.notify(notice(), feed="police-mend")
    received = town.clock()
    mending.broken = False
    await wait(town, 7 * HOUR)
    name = reply.headers["Mash-Message-Id"]
    await town.person("engineer").post(f"/v1/messages/{name}/replay", {})
    async with town.gateway.store.reading() as work:
        referral = (await work.messages.items(name))[0].referral_id
    case = town.case(str(referral))
    assert abs(at((await case.shown())["received_at"]) - received) < timedelta(minutes=1)
    await case.rate("red", 4, "A reason")
    assert await due(case) < town.clock()


async def test_invariant_09_reopening_keeps_the_first_receipt_and_runs_from_what_reopened_it(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    await town.decided(case)
    await town.manager.post(f"/v1/referrals/{case.id}/feedback", {"text": ""})
    await town.manager.post(f"/v1/referrals/{case.id}/close", {"reason": "done"})
    before = await case.shown()
    assert before["state"] == "closed"
    await wait(town, timedelta(days=3))
    assert (await town.referral(notice())).id == case.id
    reopened, after = town.clock(), await case.shown()
    assert (after["rating"], after["received_at"]) == (None, before["received_at"])
    assert at(after["feedback_due_at"]) > at(before["feedback_due_at"])
    # From here on it is as with any other: the rating sets the length, and time that passes gives nothing more.
    await wait(town, 2 * HOUR)
    await case.rate("amber", 2, "A reason")
    assert abs(await due(case) - reopened - timedelta(hours=borough.HOURS["amber"])) < timedelta(minutes=1)
    assert (await case.shown())["received_at"] == before["received_at"]
