"""Analysts' routes over HTTP: pseudonyms, a question, an approval by somebody else, names; and the hub's figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.bootstrap import Gateway
from schemas.vocabulary import Role
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.research.telling import adult, child, tell
from tests.unit.gateway.whole import claims_of

Headers = Callable[[Role], dict[str, str]]


@pytest.fixture
def headers(issuer: Issuer, clock: Callable[[], datetime]) -> Headers:
    def bearing(role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.token(clock(), **claims_of(role))}"}

    return bearing


async def read(api: Api, path: str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    answered = await api.get(path, headers=headers)
    assert answered.status == 200, await answered.text()
    return await answered.json()


async def test_from_an_alert_to_a_name(api: Api, gateway: Gateway, headers: Headers, clock: Clock) -> None:
    await tell(gateway, "police", child(0, line="12 Ash Street"), adults=(adult(0, alleged=True),))
    await tell(gateway, "health", child(1), adults=(adult(0),))
    clock.pass_by(timedelta(minutes=1))
    await gateway.searching.round(clock())
    analyst, manager = headers(Role.ANALYST), headers(Role.SOCIAL_WORK_MANAGER)
    found = await read(api, "/v1/research/alerts", analyst)
    ((reason,),) = [alert["reasons"] for alert in found["alerts"]]
    assert (reason["kind"], len(reason["evidence"]), found["erased"]) == ("alleged_in_families", 2, 0)
    graph = await read(api, f"/v1/research/alerts/{reason['alert']}/graph", analyst)
    assert {one["kind"] for one in graph["nodes"]} == {"adult", "child", "place"}
    assert {one["kind"] for one in graph["edges"]} == {"lives_with", "alleged", "at"}
    assert "Grown" not in str((found, graph))
    asked = await api.post(
        f"/v1/research/alerts/{reason['alert']}/reidentifications", headers=analyst, json={"reason": "both at risk"}
    )
    assert asked.status == 201
    name = (await asked.json())["id"]
    assert (await api.get(f"/v1/research/reidentifications/{name}", headers=analyst)).status == 403
    assert (await api.post(f"/v1/research/reidentifications/{name}/approval", headers=analyst)).status == 403
    (waiting,) = (await read(api, "/v1/research/reidentifications", manager))["reidentifications"]
    assert (waiting["id"], waiting["reason"]) == (name, "both at risk")
    assert (await api.post(f"/v1/research/reidentifications/{name}/approval", headers=manager)).status == 200
    people = (await read(api, f"/v1/research/reidentifications/{name}", analyst))["people"]
    assert {one["pseudonym"]: one["name"] for one in people}[reason["person"]] == "Alex Grown0"


async def test_alerts_are_of_the_days_that_are_asked_for(
    api: Api, gateway: Gateway, headers: Headers, clock: Clock
) -> None:
    await tell(gateway, "police", child(0), adults=(adult(0, alleged=True),))
    await tell(gateway, "health", child(1), adults=(adult(0),))
    await gateway.searching.round(clock())
    analyst = headers(Role.ANALYST)
    today = await read(api, "/v1/research/alerts?since=2026-11-02&until=2026-11-03", analyst)
    before = await read(api, "/v1/research/alerts?until=2026-11-02", analyst)
    assert (len(today["alerts"]), before["alerts"]) == (1, [])


async def test_figures_as_json_and_as_a_marked_file(api: Api, headers: Headers) -> None:
    analyst, query = headers(Role.ANALYST), "/v1/evaluation?from=2026-11-01&to=2026-11-30"
    found = await read(api, query, analyst)
    assert (found["marking"], found["begins"], found["ends"]) == ("OFFICIAL-SENSITIVE", "2026-11-01", "2026-11-30")
    answered = await api.get(f"{query}&format=csv", headers=analyst)
    assert answered.content_type == "text/csv"
    lines = list(csv.DictReader(io.StringIO(await answered.text())))
    assert {line["marking"] for line in lines} == {"OFFICIAL-SENSITIVE"}
    assert {line["metric"] for line in lines} == {one["metric"] for one in found["figures"]}


@pytest.mark.parametrize(
    "query, at", [("", "from"), ("?from=2026-11-01", "to"), ("?from=x&to=2026-11-01", "from"),
                  ("?from=2026-11-02&to=2026-11-01", "to"), ("?from=2026-11-01&to=2026-11-02&format=x", "format")]
)  # fmt: skip
async def test_a_period_that_is_none_is_refused_with_what_is_wrong(
    api: Api, headers: Headers, query: str, at: str
) -> None:
    answered = await api.get(f"/v1/evaluation{query}", headers=headers(Role.AUDITOR))
    assert (answered.status, (await answered.json())["at"]) == (422, at)
