"""Metrics: counts by the route's pattern; no label holds a path, an id, or anything that a caller made up."""

from __future__ import annotations

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp.web_urldispatcher import SystemRoute
from prometheus_client.parser import text_string_to_metric_families

from gateway.api import metrics
from gateway.api.routes import ROUTES
from gateway.bootstrap import Gateway
from tests.unit.gateway.api.conftest import Api

CANARY = "Zephyrine"


class _Nowhere(dict[str, str]):
    """A match of no route."""

    route = SystemRoute(web.HTTPNotFound())


async def scraped(api: Api) -> dict[str, list[tuple[dict[str, str], float]]]:
    response = await api.get("/metrics")
    assert response.status == 200
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(await response.text()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return found


def routes_in(labels: list[dict[str, str]]) -> set[str]:
    return {each["route"] for each in labels if "route" in each}


async def test_labels_hold_patterns_of_routes_and_nothing_that_a_caller_made_up(api: Api) -> None:
    # One registry serves a process: what other tests' applications counted in it is not of this one.
    before = routes_in([sample.labels for family in metrics.REGISTRY.collect() for sample in family.samples])
    await api.get(f"/v1/referrals/{CANARY}")
    await api.get(f"/{CANARY}/{CANARY}?q={CANARY}")
    found = await scraped(api)
    labels = [each for samples in found.values() for each, _ in samples]
    assert CANARY.lower() not in str(labels).lower()
    routes = routes_in(labels)
    assert routes - before <= {route.path for route in ROUTES} | {"none"}
    assert "/v1/referrals/{id}" in routes


async def test_a_method_that_a_caller_made_up_is_no_label() -> None:
    async def answered(_: web.Request) -> web.Response:
        return web.Response()

    await metrics.middleware(make_mocked_request(CANARY.upper(), "/x", match_info=_Nowhere()), answered)
    labels = [sample.labels for family in metrics.REGISTRY.collect() for sample in family.samples]
    assert CANARY.lower() not in str(labels).lower()
    assert "other" in {each.get("method") for each in labels}


async def test_a_call_is_counted_once_with_its_status(api: Api) -> None:
    labels = ("GET", "/v1/referrals", "401")
    before = metrics._CALLS.labels(*labels)._value.get()
    await api.get("/v1/referrals")
    assert metrics._CALLS.labels(*labels)._value.get() == before + 1


async def test_feeds_and_alarms_are_told_as_the_store_has_them(api: Api, gateway: Gateway) -> None:
    async with gateway.store.work() as work:
        await work.messages.count("police-ppn", "duplicate")
        await work.commit()
    found = await scraped(api)
    values = {(one["feed"], one["fate"]): value for one, value in found["mash_messages"]}
    assert values["police-ppn", "duplicate"] == 1
    assert {feed for feed, _ in values} == set(gateway.feeds)
    assert "mash_alarms_standing" not in found
