"""Three stories over the wire: a family that hides, an offender of limited access, a source that must be protected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.disclosure import Group, Reply
from tests.gateway.natives import NARRATIVE, POSTCODE, STREET, child, marked, notice
from tests.gateway.town import HELD, Town, part

pytestmark = pytest.mark.invariant(6)
TEAM = "council.assessment-team"
DESK = ("coordinator", "screener", "other_manager")
HIDDEN = (STREET, POSTCODE, NARRATIVE)


def traces(answer: object, *words: str) -> list[str]:
    return [word for word in words if word in str(answer)]


async def test_a_family_that_hides_is_found_by_nobody_who_need_not_find_it(town: Town) -> None:
    # A notice comes, is rated, and health is asked: a postcode finds the right people.
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    (made,) = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    pending = await town.client("health.lead").next("request")
    # Then another notice says that the family fled.
    await town.notify(marked(notice(), hiddenLocation="true"))
    for name in DESK:
        shown = await town.person(name).get(f"/v1/referrals/{case.id}")
        assert traces(shown, *HIDDEN) == [], name
        assert [one["ask"] for one in shown["withheld"]] == ["the manager of the case"], name
        assert not (await town.person(name).get("/v1/referrals"))["referrals"][0].keys() & {"subjects", "notifications"}
    own = await case.shown()
    assert traces(own, *HIDDEN) == list(HIDDEN)
    # What was sent and not opened opens no more; the lead gets one that tells no place.
    refused = await town.client("health.lead").redeem(pending)
    # By the policy as it is now, or because the watch was there first and had called it back.
    assert (refused.status, refused.code) in {(403, "envelope.policy"), (410, "envelope.revoked")}
    await town.gateway.watch.round()
    await town.client("health.lead").settle(pending)
    asked = await case.asked("health", made["id"])
    assert traces(asked, POSTCODE) == []
    assert asked.id == made["id"]
    # The lead answers it all the same, and no word of the manager's tells where they are.
    await case.answer("health", made["id"], HELD)
    await case.disclosed()
    await town.decided(case)
    for words in (f"They live at 1 {STREET}", f"in {STREET.lower()}", POSTCODE.replace(" ", "")):
        telling = {"recipient": TEAM, "summary": words, "parts": [part(case, "history")]}
        sent = await town.manager.call("POST", f"/v1/referrals/{case.id}/products", telling)
        assert (sent.status, sent.code) == (403, "handling.hidden_location")
    assert (await town.send_product(case, part(case, "history"))).status == 201


async def test_of_an_offender_of_limited_access_the_desk_learns_a_name_and_the_team_its_product(town: Town) -> None:
    case = await town.referral(marked(notice(child(1)), restricted="true"))
    await case.rate("amber", 2, "A reason")
    for name in DESK:
        shown = await town.person(name).get(f"/v1/referrals/{case.id}")
        assert traces(shown, *HIDDEN, "drugs") == [], name
        assert shown["notifications"][0]["categories"] is None
        assert shown["withheld"]
    assert traces(await case.shown(), NARRATIVE) == [NARRATIVE]
    # Another manager looks in by breaking the glass: an alarm stands, and the words are there.
    other = town.person("other_manager")
    await other.post(f"/v1/referrals/{case.id}/break-glass", {"reason": "A child is at the door"})
    assert traces(await other.get(f"/v1/referrals/{case.id}"), NARRATIVE) == [NARRATIVE]
    # What probation holds goes to the team under limited access, because its owner released it so.
    limited = replace(HELD.groups[0], handling=("restricted",))
    await town.disclosed(case, Reply(decision="disclose", groups=(limited, HELD.groups[1])))
    opened = await town.client(TEAM).open(await town.product(case))
    seen = await town.client(TEAM).view(opened.content["evidence"][0])
    assert set(seen.groups) == {"history"}


async def test_who_told_is_known_to_the_manager_alone_and_no_product_says_it(town: Town) -> None:
    case = await town.referral(marked(notice(child(2)), sourceProtection="true"))
    await case.rate("amber", 2, "A reason")
    for name in DESK:
        shown = await town.person(name).get(f"/v1/referrals/{case.id}")
        assert traces(shown["notifications"], "police", "Ynthetic") == [], name
        assert shown["notifications"][0]["narrative"] is not None or name == "coordinator"
    assert (await case.shown())["notifications"][0]["agency"] == "police"
    # What police intelligence rests on a source is for the manager alone, though its owner released it to all.
    secret = Group(
        name="source",
        category="police_intelligence",
        items=(("A neighbour has seen it.", "register", "2026-05-01"),),
        audiences=("social_work_manager", "receiving_team", "professional_leads"),
        handling=("source_protection",),
    )
    made = await case.ask({"police": ("police_intelligence",)}, "What do you know?")
    await case.answer("police", made[0]["id"], Reply(decision="disclose", groups=(secret,)))
    seen = await town.client("council.mash-managers").view((await case.disclosed()).content["view"])
    assert "source" in seen.groups
    await town.decided(case)
    preview = await town.manager.post(
        f"/v1/referrals/{case.id}/product-previews", {"recipient": TEAM, "parts": [part(case, "source")]}
    )
    assert preview["groups"] == []
    assert preview["not_allowed"] == [case.given[-1].answer.digests["source"]]
    refused = await town.send_product(case, part(case, "source"))
    assert (refused.status, refused.code) == (403, "product.not_allowed")


async def test_a_manager_sees_before_sending_exactly_what_the_recipient_then_sees(town: Town) -> None:
    case = await town.referral(notice(child(3)))
    left_out = replace(
        HELD.groups[0], name="left-out", items=(("What the manager leaves out.", "record", "2026-05-03"),)
    )
    await town.disclosed(case, replace(HELD, groups=(*HELD.groups, left_out)))
    await town.decided(case)
    parts = [part(case, "history")]

    async def previewed(*chosen: dict[str, Any]) -> dict[str, Any]:
        body = {"recipient": TEAM, "parts": list(chosen)}
        return dict(await town.manager.post(f"/v1/referrals/{case.id}/product-previews", body))

    waiting = await previewed(part(case, "history", "mental"))
    assert waiting["waiting"] == ["health"]
    preview = await previewed(*parts)
    assert preview["waiting"] == []
    delivery = await town.product(case)
    opened = await town.client(TEAM).open(delivery)
    seen = await town.client(TEAM).view(opened.content["evidence"][0])
    assert set(seen.groups) == {"history"}
    assert [one["items"][0]["text"] for one in preview["groups"]] == [seen.groups["history"]["items"][0]["text"]]
    assert preview["withheld"] == opened.content["withheld"]
    assert preview["persons"] == opened.content["persons"]
    assert "product.previewed" in await town.event_names(referral=case.id)
    # And an owner, before a release, who would come to see it.
    given = case.given[-1]
    release = {"digests": [given.answer.digests["mental"]], "audiences": ["receiving_team"]}
    path = f"/v1/disclosures/{given.disclosure}/release-previews"
    readers = (await town.person("health_lead").post(path, release))["readers"]
    team = next(one for one in readers if one["role"] == "receiving_team")
    assert (team["now"], team["then"]) == ([], release["digests"])
    assert (await town.person("police_lead").call("POST", path, release)).status == 404


async def test_an_auditor_is_told_why_and_nothing_of_what(town: Town) -> None:
    case = await town.referral(marked(notice(child(4)), hiddenLocation="true"))
    await town.disclosed(case)
    auditor = town.person("auditor")

    async def why(**asked: str) -> dict[str, Any]:
        return dict(await auditor.post(f"/v1/referrals/{case.id}/explanations", asked))

    desk = {"role": "screening_officer", "relation": "desk", "agency": "council"}
    told = await why(**desk, datum="narrative")
    assert (told["shown"], told["stopped_by"]) == (False, ["hidden_location"])
    told = await why(role="social_work_manager", relation="assigned", agency="council", datum="narrative")
    assert (told["shown"], told["row"]) == (True, "the manager of the case")
    mental = case.given[-1].answer.digests["mental"]
    told = await why(role="receiving_team", relation="receiving", agency="council", group=mental)
    assert (told["shown"], told["marked"]) == (False, True)
    told = await why(role="social_work_manager", relation="assigned", agency="council", group=mental)
    assert told["because"] == "the manager of the case decides on the fullest picture"
    assert not auditor.transcript.holds("health_mental")
    refused = await town.manager.call("POST", f"/v1/referrals/{case.id}/explanations", desk | {"datum": "names"})
    assert (refused.status, refused.code) == (403, "permission.denied")
