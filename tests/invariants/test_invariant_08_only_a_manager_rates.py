"""Invariant 8: only a social work manager rates and decides; software suggests, and is recorded as having suggested."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import gateway
from schemas.vocabulary import Role
from tests.gateway import borough
from tests.gateway.kept import rows
from tests.gateway.natives import child, notice
from tests.gateway.town import Town

pytestmark = pytest.mark.invariant(8)
OTHERS = [name for name, (role, _) in borough.PEOPLE.items() if role is not Role.SOCIAL_WORK_MANAGER]
RATING = {"rating": "green", "threshold": 1, "reasons": ["tried"], "cites": [], "relax_reason": None}
DECISION = {
    "outcomes": ["no_further_action"],
    "rationale": "tried",
    "evidence": [],
    "missing_acknowledged": [],
}


def test_invariant_08_every_other_role_of_the_hub_is_tried() -> None:
    tried = {borough.PEOPLE[name][0] for name in OTHERS}
    assert tried == set(Role) - {Role.SOCIAL_WORK_MANAGER}


async def test_invariant_08_nobody_but_a_manager_rates_or_decides(town: Town) -> None:
    unrated, rated = await town.referral(notice()), await town.referral(notice(child(1)))
    await rated.rate("amber", 2, "A reason")
    before = await rows(town.gateway)
    for name in OTHERS:
        for case in (unrated, rated):
            for step, body in (("ratings", RATING), ("decisions", DECISION)):
                reply = await town.person(name).call("POST", f"/v1/referrals/{case.id}/{step}", body)
                assert (reply.status, reply.code) == (403, "permission.denied"), (name, step)
    for system in ("police.lead", "council.mash-managers", "council.assessment-team"):
        for step in ("ratings", "decisions"):
            path = f"/v1/referrals/{unrated.id}/{step}"
            reply = await town.client(system).door.call("POST", path, body=b"{}", media_type="application/json")
            assert reply.status == 403, (system, step)
    after = await rows(town.gateway)
    assert [after[table] for table in ("ratings", "decisions", "referrals")] == [
        before[table] for table in ("ratings", "decisions", "referrals")
    ]
    refused = [one for one in await town.events() if one["event"] == "action.refused"]
    assert len(refused) == len(OTHERS) * 4 + 6
    # The same call by a manager is taken: nothing but the role made the difference.
    assert (await town.manager.call("POST", f"/v1/referrals/{unrated.id}/ratings", RATING)).status == 201


async def test_invariant_08_another_manager_decides_only_after_taking_the_case_over(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    body = DECISION | {"evidence": [case.given[0].disclosure]}
    other = town.person("other_manager")
    refused = await other.call("POST", f"/v1/referrals/{case.id}/decisions", body)
    assert (refused.status, refused.code) == (403, "referral.not_assigned")
    await other.post(f"/v1/referrals/{case.id}/assignment", {"reason": "the other is away"})
    assert (await other.call("POST", f"/v1/referrals/{case.id}/decisions", body)).status == 201
    assert (await town.event_names(referral=case.id)).count("referral.assigned") == 1


async def test_invariant_08_software_suggests_and_is_recorded_as_having_suggested(town: Town) -> None:
    case = await town.referral(notice(grade="red"))
    shown = await case.shown()
    assert shown["suggestion"]["reasons"]
    assert (shown["rating"], shown["ratings"], shown["state"]) == (None, [], "received")
    entries = await town.events(referral=case.id)
    suggested = [one for one in entries if one["event"] == "rating.suggested"]
    assert [(one["actor"], one["detail"]["rating"]) for one in suggested] == [("hub", shown["suggestion"]["rating"])]
    assert not [one for one in entries if one["event"] == "rating.given"]
    await case.rate("green", 1, "I see it otherwise")
    entries = await town.events(referral=case.id)
    given = [one for one in entries if one["event"] == "rating.given"]
    assert [(one["actor"], one["detail"]["rating"]) for one in given] == [(f"person:{town.manager.user.name}", "green")]
    assert (await case.shown())["suggestion"] == shown["suggestion"]


async def test_invariant_08_no_time_that_passes_makes_the_hub_rate_or_decide(town: Town) -> None:
    unrated, rated = await town.referral(notice()), await town.referral(notice(child(1)))
    await rated.rate("red", 4, "A reason")
    for _ in range(4):
        town.clock.pass_by(timedelta(days=9))
        await town.gateway.watch.round()
    await town.manager.sign_in()
    assert (await unrated.shown())["rating"] is None
    kept = await rows(town.gateway)
    assert len(kept["ratings"]) == 1
    assert kept["decisions"] == []


def test_invariant_08_ratings_and_decisions_are_made_in_one_place_each_by_a_person_who_calls() -> None:
    """No other code of the gateway makes one, and the place that does takes the person's word for it."""
    makers: dict[str, set[str]] = {"RatingRecord": set(), "DecisionRecord": set()}
    folder = Path(gateway.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
                makers[node.func.id].add(path.relative_to(folder).as_posix())
    assert makers == {"RatingRecord": {"casework/rating.py"}, "DecisionRecord": {"casework/deciding.py"}}
    for place, method in (("casework/rating.py", "rate"), ("casework/deciding.py", "decide")):
        tree = ast.parse((folder / place).read_text(encoding="utf-8"))
        found = [one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef) and one.name == method]
        caller = found[0].args.args[1]
        assert caller.annotation is not None
        assert ast.unparse(caller.annotation) == "PersonCaller"
