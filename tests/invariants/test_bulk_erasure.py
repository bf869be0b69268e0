"""What is due is erased over HTTP by two managers; auditors see what is due, and others nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.gateway.natives import notice
from tests.gateway.town import Town

YEARS = timedelta(days=8 * 366)


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_two_managers_erase_what_is_due_and_the_log_still_reads(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("green", 1, "A reason")
    body = {
        "outcomes": ["no_further_action"],
        "rationale": "A rationale",
        "evidence": ["the notification"],
        "missing_acknowledged": [],
    }
    await town.manager.post(f"/v1/referrals/{case.id}/decisions", body)
    closing = await town.manager.call("POST", f"/v1/referrals/{case.id}/close", {"reason": "Nobody is to be told"})
    assert closing.status == 204
    for day in range(6):  # the watch may have begun a look before
        await town.gateway.due.round(town.clock() + YEARS + timedelta(days=day))
    (line,) = (await town.person("auditor").get("/v1/erasures/due"))["due"]
    assert (line["subject"], line["retention_class"], line["held"]) == (case.id, "no-further-action", False)
    for who in ("coordinator", "security", "administrator", "police_lead"):
        assert (await town.person(who).call("GET", "/v1/erasures/due")).status == 403
    assert (await town.person("auditor").call("POST", "/v1/erasures", {})).status == 403
    made = await town.manager.post("/v1/erasures", {"retention_class": None})
    path, digest = f"/v1/erasures/{made['id']}", {"digest": made["digest"]}
    assert (await town.person("other_manager").get(path)) == made
    assert (await town.manager.call("POST", f"{path}/approval", digest)).code == "erasure.same_person"
    # By its own clock the hub finds nothing due yet: what the list says is judged again.
    other = town.person("other_manager")
    early = (await other.call("POST", f"{path}/approval", digest)).expect("a run", 200).json()
    assert early == {"erased": [], "left": [{"subject": case.id, "code": "retention.kept"}], "waiting": 0}
    town.clock.pass_by(YEARS)
    auditor = town.person("auditor")
    for somebody in (other, auditor):
        await somebody.sign_in()
    done = (await other.call("POST", f"{path}/approval", digest)).expect("a run", 200).json()
    assert done == {"erased": [case.id], "left": [], "waiting": 0}
    shown = await auditor.get("/v1/log/entries?limit=500")
    assert {"erased": True} in [one["detail"] for one in shown["entries"]]
    assert (await auditor.get("/v1/erasures/due"))["due"] == []
