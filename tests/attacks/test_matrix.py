"""Role by route by relation, generated from the rows: nobody does or reads more than the permissions say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from gateway.api.route import Open, Route
from gateway.api.routes import ROUTES
from routing.permissions import Action, allowed_roles
from sandbox.scenarios.stage import Case
from schemas import opaque
from schemas.vocabulary import Role
from tests.attacks.test_existence import nothing
from tests.gateway import borough
from tests.gateway.natives import FAMILY, GIVEN, NARRATIVE, notice
from tests.gateway.town import Town

embedded = pytest.mark.parametrize("both", ["embedded"], indirect=True)
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/asyncapi.json"),
    ("GET", "/schemas/product-1.json"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/.well-known/mash-trust-list"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/v1/agencies/{id}/jwks.json"),
    ("POST", "/oauth2/token"),
    ("POST", "/v1/feeds/{feed}/notifications"),
    ("POST", "/v1/envelopes/{id}/open"),
}
"""The routes without a caller of the hub's own: public ones, and three whose credential is judged within."""
KINDS = {
    "referrals": opaque.Prefix.REFERRAL,
    "messages": opaque.Prefix.MESSAGE,
    "disclosures": opaque.Prefix.DISCLOSURE,
    "requests": opaque.Prefix.REQUEST,
    "envelopes": opaque.Prefix.ENVELOPE,
    "products": opaque.Prefix.PRODUCT,
    "mailbox": opaque.Prefix.ENVELOPE,
    "replays": opaque.Prefix.REPLAY,
    "break-glass": opaque.Prefix.BREAK_GLASS,
    "alarms": opaque.Prefix.ALARM,
    "erasures": opaque.Prefix.ERASURE,
    "access-requests": opaque.Prefix.ACCESS,
    "persons": opaque.Prefix.PERSON,
    "alerts": opaque.Prefix.ALERT,
    "reidentifications": opaque.Prefix.REIDENTIFICATION,
}
HELD_TEXT, KEPT_TEXT = "A history that health holds.", "Something that health keeps to the manager."


@dataclass
class Tried:
    """What was tried, and what should not have come of it."""

    calls: int = 0
    leaks: list[str] = field(default_factory=list)

    def expect(self, held: bool, told: str) -> None:
        self.calls += 1
        if not held:
            self.leaks.append(told)


def guarded() -> Iterator[Route]:
    return (route for route in ROUTES if route.open is None)


def kind_of(route: Route) -> opaque.Prefix | None:
    if "{id}" not in route.path:
        return None
    return KINDS[route.path.split("/{id}")[0].rpartition("/")[2]]


def real_names(case: Case, message: str, envelope: str) -> dict[opaque.Prefix, str]:
    given = case.given[0]
    return {
        opaque.Prefix.REFERRAL: case.id,
        opaque.Prefix.MESSAGE: message,
        opaque.Prefix.DISCLOSURE: given.disclosure,
        opaque.Prefix.REQUEST: given.request,
        opaque.Prefix.ENVELOPE: envelope,
    }


def may(role: Role, route: Route) -> bool:
    return any(role in allowed_roles(action) for action in route.actions)


def test_no_route_is_without_a_rule_and_those_for_everybody_are_these() -> None:
    assert {(route.method, route.path) for route in ROUTES if route.open is not None} == OPEN
    for route in guarded():
        assert route.grants or route.actions, route.path
    public = {route.path for route in ROUTES if route.open is Open.PUBLIC}
    assert not {path for path in public if path.startswith("/v1/")} - {"/v1/agencies/{id}/jwks.json"}


@embedded
async def test_no_role_gets_through_a_door_that_is_not_its_own_and_none_reads_more_than_it_may(town: Town) -> None:
    message = (await town.notify(notice())).headers["Mash-Message-Id"]
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    real, tried = real_names(case, message, delivery.envelope), Tried()
    for route in guarded():
        kind = kind_of(route)
        for relation in ("there", "not there") if kind else ("",):
            name = "" if kind is None else (real.get(kind) if relation == "there" else nothing(kind))
            if name is None:
                continue
            path = route.path.replace("{id}", name)
            stranger = await town.plain(route.method, path)
            tried.expect(stranger.status == 401, f"nobody {route.method} {route.path}: {stranger.status}")
            for who, (role, _) in borough.PEOPLE.items():
                if may(role, route) and (relation == "there" and route.method != "GET"):
                    continue  # it would do what it is for
                answer = await town.person(who).call(route.method, path, {} if route.body else None)
                told = f"{who} {route.method} {route.path} {relation}: {answer.status} {answer.code}"
                tried.expect(answer.status < 500, told)
                if not may(role, route):
                    tried.expect((answer.status, answer.code) == (403, "permission.denied"), told)
                tried.expect(_reads_no_more(role, who, answer.body.decode()), told)
    assert tried.leaks == []
    assert tried.calls > 1000


def _reads_no_more(role: Role, who: str, body: str) -> bool:
    """What ``who`` was told holds narratives, names and disclosures only as their role reads them."""
    if NARRATIVE in body and role not in allowed_roles(Action.READ_NARRATIVES):
        return False
    if (GIVEN in body or FAMILY in body) and role not in allowed_roles(Action.READ_IDENTITIES):
        return False
    # The owner's lead and the manager of this case, and no other manager.
    return (HELD_TEXT not in body and KEPT_TEXT not in body) or who in {"manager", "health_lead"}


@embedded
async def test_no_agencys_system_gets_through_a_door_for_which_it_was_not_enrolled(town: Town) -> None:
    message = (await town.notify(notice())).headers["Mash-Message-Id"]
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    real, tried = real_names(case, message, delivery.envelope), Tried()
    for post in borough.POSTS:
        door = town.client(post.client).door
        for route in guarded():
            if {str(grant) for grant in route.grants} & set(post.grants):
                continue
            kind = kind_of(route)
            for name in {"" if kind is None else real.get(kind, nothing(kind)), "" if kind is None else nothing(kind)}:
                answer = await door.call(route.method, route.path.replace("{id}", name))
                told = f"{post.client} {route.method} {route.path}: {answer.status} {answer.code}"
                tried.expect((answer.status, answer.code) == (403, "grant.missing"), told)
    assert tried.leaks == []
    assert tried.calls > 200
