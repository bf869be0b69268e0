"""A configuration applied by command reaches every gateway that serves, without a restart, and back again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.hub import free_ports
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import child, notice
from tests.gateway.town import Town, until

HOUR = timedelta(hours=1)
SECONDS = 6.0


def installed(made: borough.Document) -> None:
    """Without the feed whose adapter lives in these tests: a process of its own can't find that."""
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]


def slower(made: borough.Document) -> None:
    """Another time for red, a rating more, and a recipient more."""
    installed(made)
    made["ratings"][0] |= {"hours": 6.0, "reply_hours": 3.0}
    made["ratings"].append({"rating": "blue", "hours": 200.0, "reply_hours": 100.0})
    made["escalation"] = {"chain": ["head of service"]}


def written(town: Town, change: borough.Change) -> Path:
    made = town.ground.document()
    change(made)
    path = town.ground.directory / "new.toml"
    path.write_text(borough.text(made), encoding="utf-8")
    return path


async def reached(hours: float, *towns: Town) -> None:
    """Wait until each of them goes by this time for red."""

    async def all_of_them() -> bool:
        return all(town.gateway.hub.ratings[0].hours == hours for town in towns)

    async with asyncio.timeout(SECONDS):
        await until(all_of_them)


async def test_two_gateways_take_up_what_a_command_applies_and_rolls_back(start: Starter) -> None:
    async with start(installed) as town, start(installed, enrol=False, listen=free_ports(1)[0]) as other:
        first = await town.referral(notice())
        await first.rate("red", 4, "A reason")
        (asked,) = await first.ask({"health": ("health_history",)}, "What do you know?")
        promised = (await first.shown())["due_at"]
        for command in (["stage", str(written(town, slower))], ["apply"]):
            ran = await town.stage.hub.run("config", *command)
            assert ran.code == 0, ran
        await reached(6.0, town, other)
        # What was promised stands; what is rated from now on goes by the new clock.
        assert (await first.shown())["due_at"] == promised
        await first.rate("red", 4, "The same reason")
        shown = await first.shown()
        assert (shown["due_at"], shown["requests"][0]["due_at"]) == (promised, asked["due_at"])
        second = await town.referral(notice(child(5)))
        received = datetime.fromisoformat((await second.shown())["received_at"])
        await second.rate("red", 4, "A reason")
        assert datetime.fromisoformat((await second.shown())["due_at"]) == received + 6 * HOUR
        await second.rate("blue", 1, "A rating that the scheme has now")
        # A scheme without a rating that somebody bears does not come back.
        refused = await town.stage.hub.run("config", "rollback")
        assert refused.code != 0
        await second.rate("green", 1, "A rating that both schemes have")
        assert (await town.stage.hub.run("config", "rollback")).code == 0
        await reached(4.0, town, other)
        assert (await first.shown())["due_at"] == promised
        told = [one["detail"]["origin"] for one in await town.events() if one["event"] == "hub.configured"]
        assert told == ["file", "file", "applied", "rolled_back"]
        assert (await town.gateway.log.verify()).verified


async def test_a_recipient_that_is_new_is_reached_without_a_restart(start: Starter) -> None:
    """Its queue is there before anything is sent to it."""

    def without(made: borough.Document) -> None:
        installed(made)
        council = next(one for one in made["agencies"] if one["id"] == "council")
        council["recipients"] = [one for one in council["recipients"] if one["name"] != "assessment-team"]

    async with start(without, enrol=False) as town:
        for command in (["stage", str(written(town, installed))], ["apply"]):
            assert (await town.stage.hub.run("config", *command)).code == 0

        async def taken_up() -> bool:
            council = next(one for one in town.gateway.hub.agencies if one.id == "council")
            return any(one.name == "assessment-team" for one in council.recipients)

        async with asyncio.timeout(SECONDS):
            await until(taken_up)
        for agency in borough.AGENCIES:
            enrolment = borough.keys_of(agency).enrolment_file(borough.HUB, town.clock())
            await town.gateway.agencies.enrol(enrolment, town.clock())
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        assert (await town.client("council.assessment-team").open(delivery)).content["kind"] == "product"
