"""A bug of the gateway's own: told as a fault without its text, and what it met is neither lost nor shown."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.gateway.mending import Mending
from tests.gateway.natives import CANARIES, FAMILY, NARRATIVE, notice
from tests.gateway.town import Town

pytestmark = pytest.mark.usefixtures("bugs_expected")


def lines(written: str, event: str) -> list[dict[str, object]]:
    """The log's lines about this event."""
    told = [json.loads(line) for line in written.splitlines()]
    return [line for line in told if line["event"] == event]


async def test_a_bug_behind_a_route_is_a_bare_problem_and_a_line_without_words(
    town: Town, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], str]
) -> None:
    case = await town.referral(notice())

    async def bug(*_: object, **__: object) -> None:
        raise LookupError(f"{FAMILY} {NARRATIVE}")

    monkeypatch.setattr(type(town.gateway.rating), "rate", bug)
    body = {"rating": "amber", "threshold": 2, "reasons": [NARRATIVE], "cites": [], "relax_reason": None}
    reply = await town.manager.call("POST", f"/v1/referrals/{case.id}/ratings", body)
    assert (reply.status, reply.code) == (500, "internal")
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    told = [word for word in (*CANARIES, "LookupError", "Traceback", ".py") if word.encode() in reply.body]
    assert told == []
    assert [line["kind"] for line in lines(log_lines(), "bug")] == ["LookupError"]


async def test_a_bug_of_an_adapter_keeps_the_message_for_a_replay_after_mending(
    town: Town, mending: Mending, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], str]
) -> None:
    def bug(*_: object) -> None:
        raise IndexError(f"{FAMILY} {NARRATIVE}")

    with monkeypatch.context() as patch:
        patch.setattr(type(mending), "read", bug)
        reply = await town.notify(notice(), feed="police-mend")
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (422, "application/xml")
    assert [line["kind"] for line in lines(log_lines(), "adapter.fault")] == ["IndexError"]
    name = reply.headers["Mash-Message-Id"]
    assert (await town.client("police.desk").fate(name))["problem"]["code"] == "adapter.fault"
    assert (await town.person("engineer").post(f"/v1/messages/{name}/replay", {}))["fate"] == "accepted"


async def test_a_bug_in_a_background_round_ends_no_other_round(
    town: Town, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], str]
) -> None:
    async def bug(*_: object) -> None:
        raise KeyError(FAMILY)

    monkeypatch.setattr(type(town.gateway.watch), "_unrated", bug)
    with pytest.raises(KeyError):
        await town.gateway.watch.round()
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    assert (await case.shown())["rating"] == "amber"
    assert FAMILY not in log_lines()
