"""Every row of the API behind its rule: each role and each kind of caller at each route."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from gateway.api.callers import Grant
from gateway.api.route import Open, Route
from gateway.api.routes import ROUTES
from gateway.bootstrap import Gateway
from routing.permissions import Action, allowed_roles
from schemas.vocabulary import Role
from tests.gateway import borough
from tests.unit.gateway.api.caller import Caller, keys_of
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import claims_of, entries

GUARDED = tuple(route for route in ROUTES if route.open is None)


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    return route.path.replace("{id}", "env_nothing-of-this-name").replace("{feed}", "police-ppn")


def test_no_two_rows_answer_the_same_call() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_every_row_says_who_may_call_it_in_one_way() -> None:
    for route in ROUTES:
        assert (route.open is None) != (not route.grants and not route.actions), name(route)


@pytest.mark.parametrize("rule", [{}, {"open": Open.PUBLIC, "grants": frozenset({Grant.OPEN})}])
def test_a_row_without_a_rule_or_with_two_is_no_row(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="say who may call it"):
        Route(method="GET", path="/x", handler=ROUTES[0].handler, summary="", **rule)  # type: ignore[arg-type]


def test_only_what_anybody_may_read_is_public() -> None:
    public = {route.path for route in ROUTES if route.open is Open.PUBLIC}
    assert public == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/asyncapi.json",
        "/schemas/product-1.json",
        "/.well-known/jwks.json",
        "/.well-known/mash-trust-list",
        "/.well-known/oauth-authorization-server",
        "/v1/agencies/{id}/jwks.json",
    }
    assert {route.method for route in ROUTES if route.open is Open.PUBLIC} == {"GET"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic dGVzdDp0ZXN0"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "DPoP a.b.c"},
    ],
    ids=["none", "another scheme", "empty", "no person's token", "no client's token"],
)
async def test_without_a_credential_there_is_nothing_behind_a_route(api: Api, headers: dict[str, str]) -> None:
    for route in ROUTES:
        if route.open is Open.PUBLIC:
            continue
        response = await api.request(route.method, path_of(route), headers=headers, data=b"{}")
        body = await response.text()
        expected = 400 if route.open is Open.CLIENT_ASSERTION else 401
        assert response.status == expected, (name(route), body)
        assert route.open is Open.CLIENT_ASSERTION or "WWW-Authenticate" in response.headers, name(route)


def allowed(route: Route, role: Role) -> bool:
    return any(role in allowed_roles(action) for action in route.actions)


@pytest.mark.parametrize("role", Role)
async def test_a_role_reaches_exactly_the_routes_that_its_permissions_open(
    api: Api, issuer: Issuer, clock: Callable[[], datetime], role: Role
) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(clock(), **claims_of(role))}"}
    for route in GUARDED:
        response = await api.request(route.method, path_of(route), headers=headers, json={})
        body = await response.json(content_type=None)
        refused = response.status == 403
        assert refused is not allowed(route, role), (name(route), response.status, body)
        assert response.status not in {401, 500}, (name(route), body)
        if refused:
            assert body["code"] == "permission.denied", name(route)


async def test_roles_add_up_and_never_take_away(api: Api, issuer: Issuer, clock: Callable[[], datetime]) -> None:
    claims = claims_of(Role.AUDITOR) | {"roles": ["mash-auditor", "mash-integration_engineer", "of no meaning here"]}
    headers = {"Authorization": f"Bearer {issuer.token(clock(), **claims)}"}
    for path in ("/v1/log/checkpoint", "/v1/feeds"):
        assert (await api.get(path, headers=headers)).status == 200
    assert (await api.get("/v1/referrals", headers=headers)).status == 403


@pytest.mark.parametrize("client_id", ["police.lead", "police.desk", "council.assessment-team", borough.BROKER_CLIENT])
async def test_a_client_reaches_exactly_the_routes_that_it_was_enrolled_for(
    api: Api, gateway: Gateway, clock: Callable[[], datetime], client_id: str
) -> None:
    assert gateway.hub_id == borough.HUB
    caller = Caller(api=api, now=clock, keys=keys_of(client_id))
    await caller.sign_in()
    for route in GUARDED:
        response = await caller.call(route.method, path_of(route), body=b"{}")
        body = await response.json(content_type=None)
        granted = bool({str(grant) for grant in route.grants} & set(caller.keys.grants))
        assert (response.status == 403) is not granted, (name(route), response.status, body)
        assert response.status not in {401, 500}, (name(route), body)
        assert granted or body["code"] == "grant.missing", name(route)


async def test_a_refusal_of_a_role_is_in_the_log_with_who_and_where(
    api: Api, gateway: Gateway, issuer: Issuer, clock: Callable[[], datetime]
) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(clock(), **claims_of(Role.ANALYST))}"}
    assert (await api.post("/v1/referrals/ref_x/ratings", headers=headers, json={})).status == 403
    (entry,) = await entries(gateway, "action.refused")
    assert entry["actor"] == "person:s-analyst"
    assert entry["detail"] == {"route": "POST:/v1/referrals/id/ratings", "code": "permission.denied"}


async def test_callers_without_a_credential_are_counted_and_told_in_one_entry(api: Api, gateway: Gateway) -> None:
    for _ in range(3):
        await api.get("/v1/referrals")
    await gateway.refusals.flush(everything=True)
    (entry,) = await entries(gateway, "caller.refused")
    assert (entry["detail"]["door"], entry["detail"]["count"]) == ("/v1/referrals", 3)


def test_rating_and_deciding_are_the_managers_alone() -> None:
    for action in (Action.RATE, Action.DECIDE):
        assert allowed_roles(action) == {Role.SOCIAL_WORK_MANAGER}


@pytest.mark.parametrize("path", ["/v1/referrals/", "/v2/referrals", "/V1/referrals", "/v1/../metrics/x", "/v1"])
async def test_what_is_no_route_is_no_way_in(api: Api, path: str) -> None:
    assert (await api.get(path)).status == 404


async def test_a_method_that_a_route_does_not_have_is_405(api: Api) -> None:
    response = await api.delete("/v1/referrals")
    assert response.status == 405
    assert (await response.json())["code"] == "http.405"
