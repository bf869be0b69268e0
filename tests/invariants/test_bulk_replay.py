"""Invariant 1 for many at once: what was quarantined is replayed by two people, over HTTP and by command."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hub import Hub
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.kept import rows
from tests.gateway.mending import Mending
from tests.gateway.natives import CANARIES, child, notice
from tests.gateway.town import Town

pytestmark = pytest.mark.invariant(1)
FEED = "police-mend"
REPLAYS = "/v1/quarantine/replays"


async def quarantined(town: Town, mending: Mending, number: int = 3) -> list[str]:
    """Notices that came while their adapter was broken, and could be read now."""
    mending.broken = True
    names = []
    for count in range(number):
        reply = await town.notify(notice(child(count)), feed=FEED)
        assert reply.status == 422
        names.append(reply.headers["Mash-Message-Id"])
    mending.broken = False
    return names


async def test_two_engineers_replay_what_waits_of_a_feed(town: Town, mending: Mending) -> None:
    names = await quarantined(town, mending)
    first, second = town.person("engineer"), town.person("other_engineer")
    before = await rows(town.gateway)
    preview = await first.post("/v1/quarantine/previews", {"feed": FEED})
    assert preview["count"] == 3
    assert {one["fate"] for one in preview["messages"]} == {"accepted"}
    assert {one["was_code"] for one in preview["messages"]} == {"tests.mending.broken"}
    assert "children[0].names[0].family" in preview["messages"][0]["seen"][0]["fields"]
    assert (await rows(town.gateway)) == before, "a dry run changes nothing"

    proposed = await first.post(REPLAYS, {"feed": FEED})
    path = f"{REPLAYS}/{proposed['id']}"
    early = await first.call("POST", f"{path}/runs", {})
    assert (early.status, early.code) == (409, "replay.not_approved")
    alone = await first.call("POST", f"{path}/approval", {"digest": proposed["digest"]})
    assert (alone.status, alone.code) == (403, "replay.same_person")
    whole = await second.get(path)
    assert [one["message"] for one in whole["messages"]] == names
    blind = await second.call("POST", f"{path}/approval", {"digest": "another"})
    assert (blind.status, blind.code) == (409, "replay.digest")
    approved = await second.post(f"{path}/approval", {"digest": proposed["digest"]})
    assert approved["approved_by"] != approved["proposed_by"]
    done = await first.post(f"{path}/runs", {})
    assert (done["waiting"], done["outcomes"]) == (0, {"accepted": 3})
    assert (await first.post(f"{path}/runs", {})) == done

    row = await town.counts(FEED)
    assert (row["received"], row["accepted"], row["quarantined"], row["reconciled"]) == (3, 3, 0, True)
    told = [one for one in await town.events() if one["event"] == "message.replayed"]
    assert {one["subject"] for one in told} == set(names)
    assert {one["detail"]["approved_by"] for one in told} == {approved["approved_by"]}
    assert (await first.get(REPLAYS))["replays"] == [done]
    for engineer in (first, second):
        assert [word for word in CANARIES if engineer.transcript.holds(word)] == []


async def test_nobody_but_an_engineer_comes_near_it(town: Town, mending: Mending) -> None:
    await quarantined(town, mending, 1)
    for name in ("manager", "auditor", "administrator", "security"):
        for path in ("/v1/quarantine/previews", REPLAYS):
            assert (await town.person(name).call("POST", path, {"feed": FEED})).status == 403, name


async def test_an_engineer_comes_near_the_feeds_that_the_hub_s_file_gives_them_and_no_others(
    start: Starter, mending: Mending
) -> None:
    def of_health(made: borough.Document) -> None:
        made["people"]["engineers"] = {"council": ["health"]}

    def of_police(made: borough.Document) -> None:
        made["people"]["engineers"] = {"council": ["police"]}

    async with start(of_health) as town:
        (name,) = await quarantined(town, mending, 1)
        engineer = town.person("engineer")
        assert {row["agency"] for row in (await engineer.get("/v1/feeds"))["feeds"]} == {"health"}
        assert (await engineer.get("/v1/quarantine"))["messages"] == []
        assert (await engineer.get(f"/v1/quarantine?feed={FEED}"))["messages"] == []
        for method, path, body in (
            ("GET", f"/v1/messages/{name}", None),
            ("GET", f"/v1/quarantine?after={name}", None),
            ("POST", f"/v1/messages/{name}/replay", {}),
            ("POST", "/v1/quarantine/previews", {"messages": [name]}),
            ("POST", REPLAYS, {"messages": [name]}),
            ("POST", REPLAYS, {"feed": FEED}),
            ("POST", REPLAYS, {"since": "2020-01-01T00:00:00Z"}),
        ):
            assert (await engineer.call(method, path, body)).status == 404, path
        assert len((await town.person("administrator").get("/v1/feeds"))["feeds"]) > 2
    async with start(of_police, enrol=False) as town:
        engineer = town.person("engineer")
        assert [one["id"] for one in (await engineer.get("/v1/quarantine"))["messages"]] == [name]
        proposed = await engineer.post(REPLAYS, {"messages": [name]})
    async with start(of_health, enrol=False) as town:
        other = town.person("other_engineer")
        assert (await other.get(REPLAYS))["replays"] == []
        path = f"{REPLAYS}/{proposed['id']}"
        for method, where, body in (
            ("GET", path, None),
            ("POST", f"{path}/approval", {"digest": proposed["digest"]}),
            ("POST", f"{path}/runs", {}),
        ):
            assert (await other.call(method, where, body)).status == 404, where


async def test_quarantine_is_listed_by_feed_time_and_page(town: Town, mending: Mending) -> None:
    names = await quarantined(town, mending)
    engineer = town.person("engineer")
    page = await engineer.get(f"/v1/quarantine?feed={FEED}&limit=2")
    rest = await engineer.get(f"/v1/quarantine?feed={FEED}&limit=2&after={page['next']}")
    assert [one["id"] for one in (*page["messages"], *rest["messages"])] == names
    assert rest["next"] is None
    last = page["messages"][1]["received_at"]
    later = await engineer.get(f"/v1/quarantine?since={last}")
    earlier = await engineer.get(f"/v1/quarantine?until={last}")
    ids = [one["id"] for one in (*earlier["messages"], *later["messages"])]
    assert sorted(ids) == sorted(names)
    for query, at in (("since=yesterday", "since"), ("limit=0", "limit"), ("limit=x", "limit")):
        wrong = await engineer.call("GET", f"/v1/quarantine?{query}")
        assert (wrong.status, wrong.json()["at"]) == (422, at)
    assert (await engineer.call("GET", "/v1/quarantine?after=msg_1")).status == 404


async def test_a_choice_is_strict(town: Town) -> None:
    engineer = town.person("engineer")
    bodies: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "replay.choice"),
        ({"feed": FEED, "everything": True}, "body.invalid"),
        ({"since": "2026-11-25T09:00"}, "body.invalid"),
    )
    for body, code in bodies:
        refused = await engineer.call("POST", REPLAYS, body)
        assert (refused.status, refused.code) == (422, code)
    nothing = await engineer.call("POST", REPLAYS, {"feed": "health-hl7"})
    assert (nothing.status, nothing.code) == (404, "replay.nothing")


def installed(made: borough.Document) -> None:
    """The hub's file without the feed whose adapter lives in this process alone: a command has its own."""
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]


async def told_by(command: Hub, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401 - JSON
    ran = await command.run(*arguments, "--json")
    assert ran.code == code, ran.out
    return ran.json()


async def test_by_command_two_operators_are_named(start: Starter) -> None:
    async with start(installed) as town:
        replies = [await town.notify(notice) for notice in (b"<no notice", b"<no notice either")]
        names = [one.headers["Mash-Message-Id"] for one in replies]
        command: Hub = town.ground.command_line()
        dry = await told_by(command, "feeds", "replay", names[0], "--dry-run", code=2)
        assert (dry["message_id"], dry["fate"], dry["dry_run"]) == (names[0], "quarantined", True)
        assert (await command.run("feeds", "replay", "--feed", "police-ppn")).code == 2, "who are you?"
        proposed = await told_by(command, "feeds", "replay", *names, "--operator", "ann")
        assert (proposed["count"], proposed["proposed_by"]) == (2, "operator:ann")
        given = ("feeds", "approve", proposed["id"], "--digest", proposed["digest"], "--operator")
        assert (await command.run(*given, "ann")).code == 1
        # Neither can be read today either: said, and told by the exit code.
        assert (await told_by(command, *given, "ben", code=2))["outcomes"] == {"quarantined": 2}
        entries = [one for one in await town.events() if one["event"] == "message.replayed"]
        people = [(one["actor"], one["detail"]["proposed_by"], one["detail"]["approved_by"]) for one in entries]
        assert people == [("operator:ben", "operator:ann", "operator:ben")] * 2
        listed = await told_by(command, "feeds", "replays", proposed["id"])
        assert [one["outcome"] for one in listed["messages"]] == ["quarantined"] * 2
