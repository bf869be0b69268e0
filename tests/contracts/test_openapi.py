"""The OpenAPI document: every row of the API and nothing else, in the form of OpenAPI 3.1."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gateway.api.documents import openapi_document
from gateway.api.route import Open, Route
from gateway.api.routes import ROUTES
from tests.contracts.references import every_reference, led_to

URL = "https://hub.example"
DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi_document(ROUTES, URL)))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method} {path}")
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


def row(path: str, method: str) -> Route:
    return next(route for route in ROUTES if route.path == path and route.method.lower() == method)


def test_it_is_openapi_3_1_with_what_every_document_has() -> None:
    assert re.fullmatch(r"3\.1\.\d+", DOCUMENT["openapi"])
    assert set(DOCUMENT) <= {"openapi", "info", "servers", "paths", "components", "tags", "security", "externalDocs"}
    assert DOCUMENT["info"]["title"] == "mash-gateway"
    assert DOCUMENT["info"]["version"]
    assert DOCUMENT["info"]["license"] == {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    assert DOCUMENT["servers"] == [{"url": URL}]


def test_it_names_every_row_and_nothing_else() -> None:
    documented = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert documented == {(route.method, route.path) for route in ROUTES}
    assert {method for item in DOCUMENT["paths"].values() for method in item} <= METHODS


def test_the_names_of_the_interface_are_there() -> None:
    promised = """
    POST /oauth2/token
    GET /.well-known/jwks.json
    GET /.well-known/oauth-authorization-server
    GET /openapi.json
    GET /asyncapi.json
    POST /v1/feeds/{feed}/notifications
    GET /v1/messages/{id}
    GET /v1/referrals
    GET /v1/referrals/{id}
    POST /v1/referrals/{id}/ratings
    POST /v1/referrals/{id}/requests
    POST /v1/referrals/{id}/decisions
    POST /v1/referrals/{id}/products
    POST /v1/referrals/{id}/feedback
    POST /v1/referrals/{id}/close
    GET /v1/mailbox
    POST /v1/mailbox/{id}/ack
    POST /v1/requests/{id}/disclosure
    POST /v1/envelopes/{id}/open
    GET /healthz
    GET /readyz
    GET /metrics
    """
    for line in promised.split("\n"):
        if line.strip():
            method, path = line.split()
            assert method.lower() in DOCUMENT["paths"].get(path, {}), line


def test_every_reference_leads_somewhere() -> None:
    references = list(every_reference(DOCUMENT))
    assert references
    for reference in references:
        assert led_to(DOCUMENT, reference)


def test_every_name_of_an_operation_stands_once() -> None:
    names = [operation["operationId"] for item in DOCUMENT["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)


@pytest.mark.parametrize("path, method, operation", OPERATIONS)
def test_an_operation_is_whole(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert {one["name"] for one in operation.get("parameters", [])} == set(re.findall(r"{(\w+)}", path))
    assert all(one["in"] == "path" and one["required"] is True for one in operation.get("parameters", []))
    assert str(row(path, method).status) in operation["responses"]
    assert all(re.fullmatch(r"[1-5]\d\d|default", code) for code in operation["responses"])
    assert all(answer["description"] for answer in operation["responses"].values())
    assert "requestBody" not in operation or operation["requestBody"]["content"]
    assert method != "get" or "requestBody" not in operation


@pytest.mark.parametrize("path, method, operation", OPERATIONS)
def test_an_operation_says_who_may_call_it_as_its_row_does(path: str, method: str, operation: dict[str, Any]) -> None:
    route = row(path, method)
    schemes = {name for one in operation["security"] for name in one}
    expected: set[str] = set()
    if route.grants or route.open is Open.FEED:
        expected.add("agency")
    if route.actions:
        expected.add("person")
    if route.open in {Open.CLIENT_ASSERTION, Open.MESSAGE_TOKEN}:
        expected.add("clientAssertion" if route.open is Open.CLIENT_ASSERTION else "messageToken")
    assert schemes == expected
    assert schemes <= set(DOCUMENT["components"]["securitySchemes"])
    assert operation.get("x-mash-actions", []) == sorted(route.actions)


@pytest.mark.parametrize("path, method, operation", OPERATIONS)
def test_every_operation_may_end_in_a_problem(path: str, method: str, operation: dict[str, Any]) -> None:
    assert path
    assert method
    content = operation["responses"]["default"]["content"]["application/problem+json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_a_problem_is_as_the_wire_says() -> None:
    problem = DOCUMENT["components"]["schemas"]["Problem"]
    assert set(problem["properties"]) == {"type", "title", "status", "code", "detail", "at"}


def test_a_body_that_callers_send_is_closed() -> None:
    for route in ROUTES:
        if route.body is not None:
            schema = DOCUMENT["components"]["schemas"][route.body.__name__]
            assert schema["additionalProperties"] is False, route.path


def test_what_people_see_of_a_referral_is_documented() -> None:
    answer = DOCUMENT["paths"]["/v1/referrals/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    shown = led_to(DOCUMENT, answer["schema"]["$ref"])
    assert set(shown["properties"]) >= {
        "id",
        "state",
        "rating",
        "received_at",
        "due_at",
        "requests",
        "alerts",
        "alarms",
    }
