"""What people and owners may not do to a case: refused with what to do, recorded, and nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.disclosure import Reply
from sandbox.scenarios.stage import Case
from tests.gateway import answers
from tests.gateway.kept import Rows, rows
from tests.gateway.natives import child, notice
from tests.gateway.town import HELD, Town

CASEWORK = (
    "screenings", "ratings", "decisions", "feedbacks", "requests", "disclosures", "products", "referrals", "alarms"
)  # fmt: skip
REASONED = {"rating": "red", "threshold": 4, "reasons": ["A reason"], "cites": [], "relax_reason": None}
DECIDED = {
    "outcomes": ["no_further_action"],
    "rationale": "A rationale",
    "evidence": ["it"],
    "missing_acknowledged": [],
}
ASKED = {
    "agencies": [{"agency": "health", "categories": ["health_history"], "questions": []}],
    "persons": None,
    "purpose": "To decide whether this child needs protection",
    "legal_ground": "children_act_2004_s10",
    "necessity": "Nobody else holds it",
}


@dataclass(frozen=True, kw_only=True)
class Bad:
    """One thing that somebody tries; ``on`` an unrated case or a rated one. ``says`` is what to do instead."""

    step: str
    body: dict[str, Any] = field(default_factory=dict)
    by: str = "manager"
    on: str = "rated"
    status: int
    code: str
    says: str
    event: str = "action.not_taken"


def without(body: dict[str, Any], **changed: object) -> dict[str, Any]:
    return {**body, **changed}


BAD = {
    "a rating without reasons": Bad(
        step="ratings", body=without(REASONED, reasons=[]), status=422, code="rating.no_reason", says="reason",
    ),
    "a rating whose reasons are blank": Bad(
        step="ratings", body=without(REASONED, reasons=["  "]), status=422, code="rating.no_reason", says="reason",
    ),
    "a rating outside the scheme": Bad(
        step="ratings", body=without(REASONED, rating="blue"), status=422, code="rating.unknown", says="choose",
    ),
    "a relaxation without a reason": Bad(
        step="ratings", body=without(REASONED, rating="green", relax_reason=" "), status=422,
        code="clock.relax_reason", says="say why",
    ),
    "a rating that cites what is not of this case": Bad(
        step="ratings", body=without(REASONED, cites=["dis_00000000000000000000000000"]), status=422,
        code="rating.cites", says="of this referral",
    ),
    "asking before rating": Bad(
        step="requests", body=ASKED, on="unrated", status=409, code="lifecycle.state", says="first: rate the referral",
    ),
    "deciding before rating": Bad(
        step="decisions", body=DECIDED, on="unrated", status=409, code="lifecycle.state", says="first: rate",
    ),
    "feedback before deciding": Bad(
        step="feedback", body={"text": ""}, status=409, code="lifecycle.state", says="first: decide the referral",
    ),
    "closing before deciding": Bad(
        step="close", body={"reason": "done"}, status=409, code="lifecycle.state", says="first: decide the referral",
    ),
    "a product before deciding": Bad(
        step="products", body={"recipient": "council.assessment-team", "summary": "A summary", "parts": []},
        status=409, code="lifecycle.state", says="first: decide the referral",
    ),
    "a decision by a coordinator": Bad(
        step="decisions", body=DECIDED, by="coordinator", status=403, code="permission.denied", says="",
        event="action.refused",
    ),
    "a rating by a screening officer": Bad(
        step="ratings", body=REASONED, by="screener", status=403, code="permission.denied", says="",
        event="action.refused",
    ),
    "a decision by a manager of another case": Bad(
        step="decisions", body=DECIDED, by="other_manager", status=403, code="referral.not_assigned",
        says="take the case over first", event="action.refused",
    ),
    "a decision without an outcome": Bad(
        step="decisions", body=without(DECIDED, outcomes=[]), status=422, code="decision.no_outcome", says="one",
    ),
    "a decision without a rationale": Bad(
        step="decisions", body=without(DECIDED, rationale=" "), status=422, code="decision.no_rationale", says="why",
    ),
    "a request without a legal ground": Bad(
        step="requests", body=without(ASKED, legal_ground=None), status=403, code="request.no_ground", says="",
        event="action.refused",
    ),
    "a request without a purpose": Bad(
        step="requests", body=without(ASKED, purpose=" "), status=403, code="request.no_ground", says="",
        event="action.refused",
    ),
    "a request without its necessity": Bad(
        step="requests", body=without(ASKED, necessity=""), status=403, code="request.no_ground", says="",
        event="action.refused",
    ),
    "a request to nobody": Bad(
        step="requests", body=without(ASKED, agencies=[]), status=422, code="request.no_agency", says="one agency",
    ),
}  # fmt: skip


async def kept(town: Town) -> Rows:
    """The rows of all that is casework."""
    found = await rows(town.gateway)
    return {name: found[name] for name in CASEWORK}


async def told(town: Town, actor: str) -> list[tuple[str, str]]:
    """What the log tells of refusals to somebody: event and code."""
    names = {"action.refused", "action.not_taken"}
    return [
        (one["event"], one["detail"]["code"])
        for one in await town.events()
        if one["event"] in names and one["actor"] == actor
    ]


async def test_each_is_refused_with_what_to_do_recorded_and_changes_nothing(town: Town) -> None:
    cases: dict[str, Case] = {"unrated": await town.referral(notice()), "rated": await town.referral(notice(child(1)))}
    await cases["rated"].rate("amber", 2, "A reason")
    await town.manager.post(f"/v1/referrals/{cases['unrated'].id}/assignment", {"reason": "nobody else is here"})
    before = await kept(town)
    for name, bad in BAD.items():
        actor = f"person:{town.person(bad.by).user.name}"
        seen = await told(town, actor)
        reply = await town.person(bad.by).call("POST", f"/v1/referrals/{cases[bad.on].id}/{bad.step}", bad.body)
        assert (reply.status, reply.code) == (bad.status, bad.code), (name, reply.body)
        assert bad.says in reply.json()["detail"], (name, reply.body)
        assert (await told(town, actor))[len(seen) :] == [(bad.event, bad.code)], name
        assert await kept(town) == before, name
    # The same calls in their time and order are taken: nothing else was in the way.
    assert (await town.manager.call("POST", f"/v1/referrals/{cases['rated'].id}/ratings", REASONED)).status == 201
    assert (await town.manager.call("POST", f"/v1/referrals/{cases['rated'].id}/requests", ASKED)).status == 201
    assert (await town.gateway.log.verify()).verified


@pytest.mark.parametrize("decision", ["refuse", "partial"])
async def test_an_owner_who_refuses_without_a_reason_is_told_so_and_may_answer_again(town: Town, decision: str) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history",)}, "What do you know?")
    request = await case.asked("health", made[0]["id"])
    given = await answers.answer(
        town, request, Reply(decision=decision, groups=HELD.groups if decision == "partial" else ())
    )
    before = await kept(town)
    reply = await town.client("health.lead").send_answer(request.id, given.sealed)
    assert (reply.status, reply.code) == (422, "disclosure.no_reason")
    assert "reason" in reply.json()["detail"]
    assert await kept(town) == before
    refused = [one["detail"]["code"] for one in await town.events() if one["event"] == "disclosure.refused"]
    assert refused == ["disclosure.no_reason"]
    reasoned = Reply(decision="refuse", reasons=("not_relevant",))
    assert (await answers.send(town, await answers.answer(town, request, reasoned))).disclosure
