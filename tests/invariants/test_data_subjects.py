"""A data subject is told what its owners released to them, by two people, and nothing gives away what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.disclosure import Group, Reply
from tests.gateway.natives import FAMILY, GIVEN, MOTHER, NARRATIVE, child, notice
from tests.gateway.town import Town

TO_THEM = ("social_work_manager", "data_subject")
SAID = f"{GIVEN} {FAMILY} was seen with {MOTHER}."


def group(name: str, text: str, *audiences: str, sensitive: bool = False) -> Group:
    return Group(
        name=name,
        category="health_history",
        items=((text, "record", "2026-05-01"),),
        audiences=audiences,
        existence_sensitive=sensitive,
    )


DISCLOSED = Reply(
    decision="disclose",
    groups=(
        group("told", SAID, *TO_THEM),
        group("kept", "A thing that is kept.", "social_work_manager"),
        group("secret", "A thing that is secret.", *TO_THEM, sensitive=True),
    ),
)
"""Released to the child; to the manager alone; and one whose very existence is sensitive."""


async def answer_to(town: Town, person: str, *left_out: str) -> dict[str, Any]:
    """What the person is told, by two managers."""
    asked = await town.manager.post(f"/v1/persons/{person}/access-requests", {"left_out": list(left_out)})
    path = f"/v1/access-requests/{asked['id']}"
    assert (await town.manager.call("GET", f"{path}/export")).code == "access.not_approved"
    assert (await town.manager.call("POST", f"{path}/approval")).code == "access.same_person"
    other = town.person("other_manager")
    assert [one["id"] for one in (await other.get("/v1/access-requests"))["requests"]] == [asked["id"]]
    assert (await other.call("POST", f"{path}/approval")).status == 204
    assert (await other.call("POST", f"{path}/approval")).code == "access.approved"
    found: dict[str, Any] = await town.manager.get(f"{path}/export")
    return found


async def subject_of(town: Town, case: str) -> tuple[str, str]:
    shown = await town.manager.get(f"/v1/referrals/{case}")
    return shown["subjects"][0]["person"], shown["household"][0]["person"]


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "made_at"}


@pytest.mark.invariant(5)
@pytest.mark.invariant(6)
async def test_a_data_subject_is_told_what_was_released_to_them_and_what_is_secret_shows_nowhere(town: Town) -> None:
    case = await town.referral(notice())
    child_id, mother = await subject_of(town, case.id)
    await case.rate("amber", 2, "A reason")
    (made,) = await case.ask({"health": ("health_history",)}, "What do you know?", persons=[child_id])
    await case.answer("health", made["id"], DISCLOSED)
    await case.disclosed()
    await town.decided(case)
    found = await answer_to(town, child_id)
    (told,) = found["cases"]
    assert [item["text"] for group in told["disclosed"] for item in group["items"]] == [
        SAID.replace(MOTHER, "[another person]")
    ]
    assert [(one["agency"], set(one)) for one in told["ask"]] == [("health", {"agency", "ask", "because"})]
    assert told["outcomes"] == ["section_17_assessment"]
    assert found["identity"]["names"][0]["family"] == FAMILY
    for hidden in ("A thing", "Ottoline", NARRATIVE, mother):
        assert hidden not in str(found)
    events = await town.events()
    exported = [one for one in events if one["event"] == "access.exported"]
    assert [one["subject"] for one in exported] == [child_id]
    assert not [one for one in events if "digest" in one["detail"] and one["event"].startswith("access.")]
    page = await town.manager.call("GET", f"/v1/access-requests/{exported[0]['detail']['access']}/export?form=print")
    assert page.body.startswith(b"<!doctype html>")
    assert GIVEN.encode() in page.body


@pytest.mark.invariant(6)
@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_invariant_06_what_two_people_leave_out_reads_as_what_is_not_there(town: Town) -> None:
    left, shown = await town.referral(notice(child(1))), await town.referral(notice(child(2)))
    one, _ = await subject_of(town, left.id)
    two, _ = await subject_of(town, shown.id)
    noted = {"kind": "disagreement", "field": "birth_date", "text": "It is another day."}
    await town.manager.post(f"/v1/persons/{one}/annotations", noted)
    nothing = await answer_to(town, one, left.id)
    assert (nothing["identity"], nothing["cases"], nothing["annotations"]) == (None, [], [])
    whole = await answer_to(town, two)
    assert len(whole["cases"]) == 1
    assert nothing["exemptions"] == whole["exemptions"]
    for who in ("auditor", "screener", "security", "police_lead"):
        assert (await town.person(who).call("GET", "/v1/access-requests")).status == 403
    strange = await town.manager.call("POST", f"/v1/persons/{two}/access-requests", {"left_out": [left.id]})
    assert (strange.status, strange.code) == (404, "referral.unknown")


async def test_a_correction_stands_beside_what_is_wrong_and_its_owner_and_readers_are_told(town: Town) -> None:
    case = await town.referral(notice())
    child_id, _ = await subject_of(town, case.id)
    await case.rate("amber", 2, "A reason")
    (made,) = await case.ask({"health": ("health_history",)}, "What do you know?", persons=[child_id])
    await case.answer("health", made["id"], DISCLOSED)
    await case.disclosed()
    given = case.given[0]
    digest, kept = given.answer.digests["told"], given.answer.digests["kept"]
    path, words = f"/v1/persons/{child_id}/annotations", "I was never there."
    await town.manager.get(f"/v1/disclosures/{given.disclosure}")
    body = {"kind": "correction", "field": digest, "disclosure": given.disclosure, "text": words}
    told = (await town.manager.call("POST", path, body)).expect("an annotation", 201).json()
    assert set(told["told"]) == {"health.lead", "council.mash-managers"}
    assert (told["owner"], told["untold"], told["people"]) == ("health.lead", [], ["person:t.manager"])
    lead = town.client("health.lead")
    opened = await lead.open(await lead.next("correction"))
    assert opened.content["owner"]
    assert (opened.content["field"], opened.content["text"]) == (digest, words)
    reader = town.client("council.mash-managers")
    assert not (await reader.open(await reader.next("correction"))).content["owner"]
    # The original stays, with the annotation next to it, for whoever may read the original.
    shown = await town.manager.get(f"/v1/disclosures/{given.disclosure}")
    assert SAID in str(shown["groups"])
    assert [(one["field"], one["text"]) for one in shown["annotations"]] == [(digest, words)]
    own = await town.person("health_lead").get(f"/v1/disclosures/{given.disclosure}")
    assert [one["text"] for one in own["annotations"]] == [words]
    for wrong in ({"field": kept[::-1]}, {"disclosure": None}, {"disclosure": given.disclosure[::-1]}):
        assert (await town.manager.call("POST", path, {**body, **wrong})).status in {404, 422}
    assert words not in str(await town.events())


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_what_is_wrong_about_a_person_is_told_to_those_who_were_sent_who_they_are(town: Town) -> None:
    case = await town.referral(notice())
    child_id, _ = await subject_of(town, case.id)
    await town.disclosed(case)
    team = town.client("council.assessment-team")
    await team.open(await town.product(case))
    body = {"kind": "disagreement", "field": "birth_date", "text": "It is another day."}
    told = await town.manager.post(f"/v1/persons/{child_id}/annotations", body)
    assert set(told["told"]) == {"health.lead", "council.assessment-team"}
    assert told["owner"] is None
    assert "person:t.manager" in told["people"]
    shown = await town.manager.get(f"/v1/referrals/{case.id}")
    assert [one["field"] for one in shown["subjects"][0]["annotations"]] == ["birth_date"]
    assert shown["subjects"][0]["birth_date"]
    assert [one["text"] for one in (await answer_to(town, child_id))["annotations"]] == ["It is another day."]
    assert (await team.open(await team.next("correction"))).content["field"] == "birth_date"
