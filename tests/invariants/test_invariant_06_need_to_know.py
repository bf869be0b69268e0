"""Invariant 6: need to know, deny by default; judged again at the opening; who may not know is told 404, never 403."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.disclosure import Reply
from sandbox.door import Reply as Answer
from schemas.vocabulary import Role
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import child, notice
from tests.gateway.town import HELD, Town

pytestmark = pytest.mark.invariant(6)
TEAM = "council.assessment-team"
INVENTED = {
    "dis": "dis_00000000000000000000000000",
    "ref": "ref_00000000000000000000000000",
    "env": "env_00000000000000000000000000",
    "msg": "msg_00000000000000000000000000",
    "req": "req_00000000000000000000000000",
    "prd": "prd_00000000000000000000000000",
}


def like(reply: Answer) -> tuple[int, bytes]:
    """All of an answer that its caller can learn something from."""
    return reply.status, reply.body


def no_team_any_more(made: borough.Document) -> None:
    """The hub's file after the team's post was made a referrer's."""
    council = next(agency for agency in made["agencies"] if agency["id"] == "council")
    recipient = next(one for one in council["recipients"] if one["name"] == "assessment-team")
    recipient["role"] = "referrer"


async def test_invariant_06_the_policy_is_judged_again_at_the_opening(start: Starter) -> None:
    async with start() as town:
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
    async with start(no_team_any_more, enrol=False) as town:
        refused = await town.client(TEAM).redeem(delivery)
        assert (refused.status, refused.code) == (403, "envelope.policy")
        about = [one for one in await town.events() if one["subject"] == delivery.envelope]
        assert [one["event"] for one in about][-1] == "envelope.opening_refused"
        assert about[-1]["detail"] == {"code": "envelope.policy"}
    async with start(enrol=False) as town:
        assert (await town.client(TEAM).redeem(delivery)).status == 200


async def test_invariant_06_a_suspended_agency_opens_nothing_that_was_sealed_before(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    await town.gateway.agencies.suspend("council", town.clock())
    assert (await town.client(TEAM).redeem(delivery)).status == 404
    names = [one["event"] for one in await town.events() if one["subject"] == delivery.envelope]
    assert "envelope.opened" not in names


async def test_invariant_06_a_revoked_envelope_opens_no_more(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    path = f"/v1/envelopes/{delivery.envelope}/revoke"
    await town.person("security").post(path, {"reason": "sent in error"})
    refused = await town.client(TEAM).redeem(delivery)
    assert (refused.status, refused.code) == (410, "envelope.revoked")


async def test_invariant_06_what_is_withheld_is_marked(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    opened = await town.client(TEAM).open(await town.product(case))
    assert [one["agency"] for one in opened.content["withheld"]] == ["health"]


async def test_invariant_06_what_is_sensitive_in_its_existence_leaves_no_mark(town: Town) -> None:
    secret = replace(HELD.groups[1], existence_sensitive=True)
    case = await town.referral(notice())
    disclosed = await town.disclosed(case, Reply(decision="disclose", groups=(HELD.groups[0], secret)))
    # The manager, to whom it was released, sees it.
    seen = await town.client("council.mash-managers").view(disclosed.content["view"])
    assert set(seen.groups) >= {"history", "mental"}
    team = town.client(TEAM)
    opened = await team.open(await town.product(case))
    assert opened.content["withheld"] == []
    assert not team.transcript.holds("health_mental")
    # Digests are padded, so that their number tells nothing either.
    shown = await team.view(opened.content["evidence"][0])
    assert set(shown.groups) == {"history"}


async def test_invariant_06_the_manager_too_gets_no_more_than_the_owner_released(town: Town) -> None:
    kept = replace(HELD.groups[1], audiences=("professional_leads",))
    case = await town.referral(notice())
    disclosed = await town.disclosed(case, Reply(decision="disclose", groups=(HELD.groups[0], kept)))
    system = town.client("council.mash-managers")
    assert set((await system.view(disclosed.content["view"])).groups) == {"history", "reply"}
    assert [one["agency"] for one in disclosed.content["withheld"]] == ["health"]
    shown = await town.manager.get(f"/v1/disclosures/{case.given[0].disclosure}")
    assert [group["category"] for group in shown["groups"]] == ["health_history"]
    assert not system.transcript.holds(kept.items[0][0])
    assert not town.manager.transcript.holds(kept.items[0][0])


async def test_invariant_06_to_people_who_may_not_know_a_disclosure_is_one_that_does_not_exist(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    real = f"/v1/disclosures/{case.given[0].disclosure}"
    allowed = {"manager", "health_lead"}
    for name in borough.PEOPLE:
        person = town.person(name)
        there = await person.call("GET", real)
        if name in allowed:
            assert there.status == 200, name
            continue
        assert like(there) == like(await person.call("GET", f"/v1/disclosures/{INVENTED['dis']}")), name
    for name in ("other_manager", "police_lead"):
        assert (await town.person(name).call("GET", real)).status == 404
    # The owner's lead reads what was disclosed by the owner, and no case.
    assert (await town.person("health_lead").call("GET", f"/v1/referrals/{case.id}")).status == 403


async def test_invariant_06_no_answer_tells_a_person_that_a_case_exists(town: Town) -> None:
    case = await town.referral(notice())
    body = {"reason": "a reason"}
    for name in [name for name, (role, _) in borough.PEOPLE.items() if role is not Role.SOCIAL_WORK_MANAGER]:
        person = town.person(name)
        for method, path, told in (
            ("POST", "/v1/referrals/{}/close", body),
            ("POST", "/v1/referrals/{}/decisions", body),
            ("POST", "/v1/referrals/{}/assignment", body),
            ("GET", "/v1/referrals/{}/proposals", None),
        ):
            there = await person.call(method, path.format(case.id), told)
            assert like(there) == like(await person.call(method, path.format(INVENTED["ref"]), told)), (name, path)
            assert there.status >= 400


async def test_invariant_06_to_systems_the_things_of_others_do_not_exist(town: Town) -> None:
    message = await town.notify(notice(child(1)))
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    sealed = case.given[0].sealed.encode()
    thief = town.client("police.lead")
    for method, real, invented, body, media_type in (
        ("POST", f"/v1/requests/{case.given[0].request}/disclosure", f"/v1/requests/{INVENTED['req']}/disclosure",
         sealed, "application/jose"),
        ("POST", f"/v1/disclosures/{case.given[0].disclosure}/releases", f"/v1/disclosures/{INVENTED['dis']}/releases",
         sealed, "application/jose"),
        ("POST", f"/v1/mailbox/{delivery.envelope}/ack", f"/v1/mailbox/{INVENTED['env']}/ack", b"", ""),
        ("POST", f"/v1/products/{INVENTED['prd']}/acceptance", f"/v1/products/{INVENTED['prd']}/acceptance",
         b'{"accepted_by": "somebody"}', "application/json"),
    ):  # fmt: skip
        answers = [await thief.door.call(method, path, body=body, media_type=media_type) for path in (real, invented)]
        assert like(answers[0]) == like(answers[1]), real
        assert answers[0].status == 404, real
    other = town.client("health.gp")
    name = message.headers["Mash-Message-Id"]
    there, nowhere = [await other.door.call("GET", f"/v1/messages/{one}") for one in (name, INVENTED["msg"])]
    assert like(there) == like(nowhere)
    assert there.status == 404


async def test_invariant_06_with_a_token_in_hand_nobody_but_its_reader_opens(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    for thief in ("police.lead", "council.lead", "council.mash-managers", "health.gp"):
        assert (await town.client(thief).redeem(delivery)).status == 401, thief
    # Nor does its reader open one envelope with the token of another.
    manager = town.client("council.mash-managers")
    others = [one for one in await manager.pending() if one.envelope != delivery.envelope]
    assert others == []
    mixed = replace(delivery, envelope=INVENTED["env"])
    assert (await town.client(TEAM).redeem(mixed)).status == 401
    assert (await town.client(TEAM).redeem(delivery)).status == 200
