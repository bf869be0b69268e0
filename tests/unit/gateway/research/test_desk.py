"""What analysts see: pseudonyms alone, until somebody else approves; and every look is in the log."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.research.desk import Raised
from gateway.store.records import ItemRecord
from schemas.errors import Conflict, Refused, Rejected, Unknown
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.research.telling import adult, alerts, child, tell
from tests.unit.gateway.whole import entries
from tests.unit.gateway.whole import person as signed_in

ANALYST, MANAGER = signed_in("analyst"), signed_in("manager")
YEARS = timedelta(days=800)


async def told(gateway: Gateway, clock: Clock) -> list[ItemRecord]:
    """An adult alleged in one family and named in another; the sweep has been."""
    first = await tell(gateway, "police", child(0, line="12 Ash Street"), adults=(adult(0), adult(1, alleged=True)))
    clock.pass_by(timedelta(days=20))
    second = await tell(gateway, "health", child(1), adults=(adult(1),))
    await gateway.searching.round(clock())
    return [first, second]


async def shown(gateway: Gateway, now: datetime) -> list[Raised]:
    found, _ = await gateway.research.alerts(ANALYST, since=now - YEARS, until=now + YEARS, limit=50)
    return found


async def test_alerts_name_nobody_and_show_their_evidence(gateway: Gateway, clock: Clock) -> None:
    items = await told(gateway, clock)
    (alert,) = await shown(gateway, clock())
    (reason,) = alert.reasons
    assert (reason.kind, reason.count, len(reason.evidence)) == ("alleged_in_families", 2, 2)
    assert reason.because.startswith("one adult, alleged to have harmed, is named with children of 2 families")
    raised = (await alerts(gateway, *items))["alleged_in_families"]
    written = repr(alert)
    for real in (raised.person_id, *raised.evidence, *(str(one.referral_id) for one in items)):
        assert real not in written
    (entry,) = await entries(gateway, "links.viewed")
    assert (entry["actor"], entry["detail"]) == ("person:t.analyst", {"alerts": 1})


async def test_a_person_has_one_pseudonym_in_alerts_and_graph(gateway: Gateway, clock: Clock) -> None:
    await told(gateway, clock)
    (alert,) = await shown(gateway, clock())
    graph = await gateway.research.graph(ANALYST, alert.reasons[0].alert)
    adults = {one.id: one.concerns for one in graph.nodes if one.kind == "adult"}
    assert adults[alert.reasons[0].person] == 2
    assert sorted(one.kind for one in graph.nodes) == ["adult", "adult", "child", "child", "place"]
    assert "Grown" not in repr(graph)
    assert "per_" not in repr(graph)


async def test_what_one_notification_raises_is_one_alert_with_several_reasons(gateway: Gateway, clock: Clock) -> None:
    for grade, agency in (("green", "police"), ("amber", "health"), ("red", "council")):
        await tell(gateway, agency, child(0), grade=grade)
        clock.pass_by(timedelta(days=5))
    await gateway.searching.round(clock())
    (alert,) = await shown(gateway, clock())
    assert {one.kind for one in alert.reasons} == {"repeat", "rising", "agencies"}


async def test_only_after_somebody_else_approved_and_for_some_days_an_analyst_sees_who_it_is(
    gateway: Gateway, clock: Clock
) -> None:
    await told(gateway, clock)
    (alert,) = await shown(gateway, clock())
    desk = gateway.reidentifying
    with pytest.raises(Rejected):
        await desk.ask(ANALYST, alert.reasons[0].alert, " ")
    asked = await desk.ask(ANALYST, alert.reasons[0].alert, "two families are at risk")
    assert b"families" not in asked.sealed
    with pytest.raises(Refused, match="approves it first"):
        await desk.open(ANALYST, asked.id)
    with pytest.raises(Refused, match="somebody else"):
        await desk.approve(ANALYST, asked.id)
    assert [(one.id, reason) for one, reason in await desk.waiting()] == [(asked.id, "two families are at risk")]
    await desk.approve(MANAGER, asked.id)
    assert await desk.waiting() == []
    with pytest.raises(Conflict):
        await desk.approve(signed_in("other_manager"), asked.id)
    found = await desk.open(ANALYST, asked.id)
    names = {one.pseudonym: one.name for one in found.people}
    assert names[alert.reasons[0].person] == "Alex Grown1"
    assert set(names.values()) == {"Alex Grown0", "Alex Grown1", "Alex Sample0", "Alex Sample1"}
    with pytest.raises(Unknown):
        await desk.open(MANAGER, asked.id)
    clock.pass_by(timedelta(days=7))
    with pytest.raises(Refused):
        await desk.open(ANALYST, asked.id)
    said = [(one["event"], one["actor"]) for one in await entries(gateway)]
    assert sorted(one for one in said if one[0].startswith("reidentification.")) == [
        ("reidentification.approved", "person:t.manager"),
        ("reidentification.asked", "person:t.analyst"),
        ("reidentification.viewed", "person:t.analyst"),
    ]


async def test_what_was_erased_is_counted_and_shown_no_more(gateway: Gateway, clock: Clock) -> None:
    items = await told(gateway, clock)
    (alert,) = await shown(gateway, clock())
    async with gateway.store.work() as work:
        case = await work.referrals.get(str(items[1].referral_id))
        await gateway.vault.destroy(work, case.scope, now=clock())
        await work.commit()
    found, erased = await gateway.research.alerts(ANALYST, since=clock() - YEARS, until=clock() + YEARS, limit=50)
    assert (found, erased) == ([], 1)
    with pytest.raises(Unknown):
        await gateway.research.graph(ANALYST, alert.reasons[0].alert)


@pytest.mark.parametrize("name", ["alt_00000000000000000000000000", "per_00000000000000000000000000", "x"])
async def test_what_is_no_alert_is_unknown(gateway: Gateway, name: str) -> None:
    with pytest.raises(Unknown):
        await gateway.research.graph(ANALYST, name)
    with pytest.raises(Unknown):
        await gateway.reidentifying.ask(ANALYST, name, "a reason")
