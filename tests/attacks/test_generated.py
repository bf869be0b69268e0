"""Whatever our own OpenAPI document allows or forbids, made up by schemathesis and sent to a gateway that runs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from gateway.api.documents import openapi_document
from gateway.api.route import Route
from gateway.api.routes import ROUTES
from routing.permissions import allowed_roles
from sandbox.door import Reply
from tests.gateway import borough
from tests.gateway.town import Town

EXAMPLES = 5
"""For each operation: a run over all of them stays within a minute or so. More are tried with a larger number."""


def document() -> dict[str, Any]:
    """Our document; bodies that are no JSON are left to ``BYTES``: no schema says what to make up for them."""
    made: dict[str, Any] = json.loads(json.dumps(openapi_document(ROUTES, "http://hub.example")))
    for item in made["paths"].values():
        for operation in item.values():
            if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                operation.pop("requestBody", None)
    return made


LOADED = schemathesis.openapi.from_dict(document())
BYTES = st.binary(max_size=300)


def made_up(path: str, method: str) -> list[tuple[Case[Any], bytes]]:
    """Cases for one operation, the same in every run: as the document says, and where it says much, otherwise too."""
    operation = LOADED[path][method]
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if operation.body else [])]
    return [case for mode in modes for case in _made_up(operation, mode)]


def _made_up(operation: Any, mode: GenerationMode) -> list[tuple[Case[Any], bytes]]:  # noqa: ANN401 - schemathesis's own
    found: list[tuple[Case[Any], bytes]] = []

    @seed(5)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), raw=BYTES)
    def collect(case: Case[Any], raw: bytes) -> None:
        found.append((case, raw))

    collect()
    return found


def sent_as(case: Case[Any]) -> tuple[str, bytes]:
    """The path and the body of a case, as they go over the wire."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    if case.method.upper() == "GET" or case.body is None or isinstance(case.body, schemathesis.core.NotSet):
        return path, b""
    return path, case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


async def as_person(town: Town, name: str, route: Route, path: str, body: bytes) -> Reply:
    """A call by somebody who is signed in, of bytes that need be no JSON."""
    person = town.person(name)
    if not person._token:
        await person.sign_in()
    shown = {"Authorization": f"Bearer {person._token}"} | ({"Content-Type": route.body_type} if body else {})
    return await town.plain(route.method, path, body=body, headers=shown)


@pytest.mark.slow
@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_nothing_that_the_document_allows_makes_the_hub_fail(town: Town) -> None:
    failed, tried = [], Counter[str]()
    for route in ROUTES:
        people = [
            who
            for who, (role, _) in borough.PEOPLE.items()
            if any(role in allowed_roles(action) for action in route.actions)
        ]
        systems = [post.client for post in borough.POSTS if {str(one) for one in route.grants} & set(post.grants)]
        for case, raw in made_up(route.path, route.method):
            path, body = sent_as(case)
            if route.body is None and route.body_type != "application/json":
                body = raw
            kind = route.body_type if body else ""
            answers = [await town.plain(route.method, path, body=body, headers={"Content-Type": kind} if kind else {})]
            if people:
                answers.append(await as_person(town, people[0], route, path, body))
            if systems or not people:
                door = town.client(systems[0] if systems else "police.desk").door
                answers.append(await door.call(route.method, path, body=body, media_type=kind))
            tried[f"{route.method} {route.path}"] += len(answers)
            failed += [f"{route.method} {route.path}: {one.status}" for one in answers if one.status >= 500]
    assert failed == []
    assert set(tried) == {f"{route.method} {route.path}" for route in ROUTES}
