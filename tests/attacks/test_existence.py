"""Whether a caller can tell what is kept from them from what is not there."""

from __future__ import annotations

import pytest

from sandbox.disclosure import Group, Reply
from schemas import opaque
from tests.gateway.natives import notice
from tests.gateway.town import HELD, Town, part

pytestmark = pytest.mark.parametrize("both", ["embedded"], indirect=True)


def nothing(prefix: opaque.Prefix) -> str:
    """A name that names nothing."""
    return opaque.name(prefix, b"\1" * opaque.RANDOM_BYTES)


async def test_another_agencys_thing_answers_as_a_thing_that_is_not_there(town: Town) -> None:
    message = (await town.notify(notice())).headers["Mash-Message-Id"]
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    gp, lead = town.client("health.gp"), town.client("police.lead")
    given = case.given[0]
    pairs = [
        (gp, "GET", "/v1/messages/{}", message, opaque.Prefix.MESSAGE),
        (gp, "POST", "/v1/mailbox/{}/ack", delivery.envelope, opaque.Prefix.ENVELOPE),
        (lead, "POST", "/v1/requests/{}/disclosure", given.request, opaque.Prefix.REQUEST),
        (lead, "POST", "/v1/disclosures/{}/releases", given.disclosure, opaque.Prefix.DISCLOSURE),
    ]
    told = b""
    for client, method, path, theirs, prefix in pairs:
        answers = [await client.door.call(method, path.format(name)) for name in (theirs, nothing(prefix), "nonsense")]
        assert {one.status for one in answers} == {404}, path
        assert len({one.body for one in answers}) == 1, path
        told = answers[0].body
    for name in (given.disclosure, nothing(opaque.Prefix.DISCLOSURE), "nonsense"):
        answer = await town.person("police_lead").call("GET", f"/v1/disclosures/{name}")
        assert (answer.status, answer.body) == (404, told)


async def test_who_asks_for_what_may_not_be_seen_is_in_the_log(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    given = case.given[0]
    assert (await town.person("police_lead").call("GET", f"/v1/disclosures/{given.disclosure}")).status == 404
    lead = town.client("police.lead")
    assert (await lead.send_answer(given.request, given.sealed)).status == 404
    assert (await lead.release(given, ["mental"], ["receiving_team"], lead="a lead")).status == 404
    refused = [one for one in await town.events() if one["event"] == "view.refused"]
    assert [one["actor"].partition(":")[0] for one in refused] == ["person", "police.lead", "police.lead"]
    assert {one["detail"]["code"] for one in refused} == {"disclosure.unknown", "request.unknown"}


async def test_a_release_whose_signature_does_not_hold_is_in_the_log(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    path = f"/v1/disclosures/{case.given[0].disclosure}/releases"
    forged = await town.client("health.lead").door.call(
        "POST", path, body=b"e30.e30.e30", media_type="application/jose"
    )
    assert forged.status == 400
    assert "disclosure.refused" in await town.event_names()


SECRET = Group(
    name="secret",
    category="health_mental",
    items=(("That this exists may not be known.", "record", "2026-05-02"),),
    audiences=("professional_leads",),
    existence_sensitive=True,
)


async def test_choosing_all_of_a_disclosure_does_not_tell_of_a_group_whose_existence_is_sensitive(town: Town) -> None:
    answers, case = [], await town.referral(notice())
    for groups in ((HELD.groups[0],), (HELD.groups[0], SECRET)):
        await town.disclosed(case, Reply(decision="disclose", groups=groups))
        await town.decided(case)
        answers.append(await town.send_product(case, {"disclosure": case.given[0].disclosure, "digests": None}))
    assert [one.status for one in answers] == [201, 201]
    hidden = await town.send_product(case, part(case, "secret"))
    decoy = await town.send_product(case, {"disclosure": case.given[0].disclosure, "digests": ["A" * 43]})
    assert (hidden.status, hidden.body) == (decoy.status, decoy.body)
