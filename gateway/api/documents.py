"""OpenAPI 3.1 and AsyncAPI 3, made from the rows of routes and the models: what is served is what is documented."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.local_authority import product_json
from gateway.api.route import Asked, Open, Route
from gateway.delivery.broker import ARRIVALS
from schemas.envelope import EnvelopeClaims, EnvelopeKind, KeyRelease
from schemas.hub import Hub

SCHEMA_TYPE = "application/schema+json"
_REF = "#/components/schemas/{model}"
_SECURITY: dict[Open, list[dict[str, list[str]]]] = {
    Open.PUBLIC: [],
    Open.CLIENT_ASSERTION: [{"clientAssertion": []}],
    Open.MESSAGE_TOKEN: [{"messageToken": []}],
    Open.FEED: [{"agency": ["notify"]}],
}


async def openapi(asked: Asked) -> web.Response:
    """The document of this API."""
    return _document(openapi_document(asked.routes, asked.gateway.public_url))


async def product_schema(asked: Asked) -> web.Response:  # noqa: ARG001 - the same for everybody
    """The JSON Schema of a product as JSON."""
    return web.Response(body=json.dumps(product_json.schema()).encode(), content_type=SCHEMA_TYPE)


async def asyncapi(asked: Asked) -> web.Response:
    """The document of the queues."""
    return _document(asyncapi_document(asked.gateway.hub))


def openapi_document(routes: tuple[Route, ...], url: str) -> dict[str, Any]:
    """OpenAPI 3.1 of these rows, served at ``url``."""
    models = sorted({m for r in routes for m in (r.body, r.answer) if m is not None}, key=lambda m: m.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mash-gateway",
            "version": version("mash-gateway"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": _problem_schema()},
            "securitySchemes": {
                "agency": {"type": "http", "scheme": "dpop", "description": "An access token with a DPoP proof."},
                "person": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"},
                "messageToken": {"type": "http", "scheme": "dpop", "description": "The message's own access token."},
                "clientAssertion": {
                    "type": "http",
                    "scheme": "dpop",
                    "description": "private_key_jwt and a DPoP proof.",
                },
            },
        },
    }


def asyncapi_document(hub: Hub) -> dict[str, Any]:
    """AsyncAPI 3 of this hub's queues."""
    prefix = hub.broker.prefix
    _, schemas = models_json_schema(
        [(EnvelopeClaims, "serialization"), (KeyRelease, "serialization")], ref_template=_REF
    )
    channels: dict[str, Any] = {
        "inbox": {
            "address": f"{prefix}recipient.{{agency}}.{{recipient}}.inbox",
            "description": f"A quorum queue per recipient, bound to the topic exchange {prefix}mash.out.",
            "parameters": {"agency": {}, "recipient": {}},
            "messages": {kind.value: {"$ref": "#/components/messages/envelope"} for kind in EnvelopeKind},
        },
        "notifications": {
            "address": f"{prefix}feed.{{feed}}",
            "description": f"Native notifications, published to the topic exchange {prefix}mash.in.",
            "parameters": {"feed": {}},
            "messages": {"notification": {"contentType": "*/*", "description": "Native bytes."}},
        },
        "disclosures": {
            "address": f"{prefix}agency.{{agency}}.disclosures",
            "description": f"Owners' sealed answers, published to {prefix}mash.in with a header `request`.",
            "parameters": {"agency": {}},
            "messages": {"disclosure": {"contentType": "application/jose", "description": "A compact JWE to the hub."}},
        },
        "dead": {
            "address": f"{prefix}mash.dead",
            "description": "What could not be delivered; its headers name the reason.",
            "messages": {"dead": {"$ref": "#/components/messages/envelope"}},
        },
    }
    operations: dict[str, Any] = {}
    if hub.broker.arrivals:
        channels["arrivals"] = {
            "address": f"{prefix}{ARRIVALS}",
            "description": "That the hub kept a message, for the hub's own systems: ids alone, and no body. A hint.",
            "messages": {"arrival": {"$ref": "#/components/messages/arrival"}},
        }
        operations["announce"] = {"action": "send", "channel": {"$ref": "#/channels/arrivals"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "mash-gateway", "version": version("mash-gateway")},
        "channels": channels,
        "operations": {
            **operations,
            "deliver": {"action": "send", "channel": {"$ref": "#/channels/inbox"}},
            "takeNotifications": {"action": "receive", "channel": {"$ref": "#/channels/notifications"}},
            "takeDisclosures": {"action": "receive", "channel": {"$ref": "#/channels/disclosures"}},
            "setAside": {"action": "send", "channel": {"$ref": "#/channels/dead"}},
        },
        "components": {
            "schemas": schemas.get("$defs", {}),
            "messages": {
                "envelope": {
                    "contentType": "application/jose",
                    "description": "A compact JWE of a JWS whose payload is EnvelopeClaims; opened with its own token.",
                    "headers": {"type": "object", "properties": {name: {"type": "string"} for name in _HEADERS}},
                },
                "arrival": {
                    "description": "CloudEvents attributes; the type names the fate, the subject a referral.",
                    "headers": {"type": "object", "properties": {name: {"type": "string"} for name in _ATTRIBUTES}},
                },
            },
        },
    }


_ATTRIBUTES = tuple(f"cloudEvents_{name}" for name in ("specversion", "id", "source", "type", "time", "subject"))
_HEADERS = (
    "cloudEvents_specversion",
    "cloudEvents_id",
    "cloudEvents_source",
    "cloudEvents_type",
    "cloudEvents_time",
    "cloudEvents_datacontenttype",
    "access-token",
)


def _operation(route: Route) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = []
    if route.open is not None:
        security = _SECURITY[route.open]
    if route.grants:
        security = [*security, {"agency": sorted(route.grants)}]
    if route.actions:
        security = [*security, {"person": []}]
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z0-9]+', '_', route.path.lower()).strip('_')}",
        "summary": route.summary,
        "security": security,
        "responses": {str(route.status): _answer(route), "default": _problem()},
    }
    if route.actions:
        operation["x-mash-actions"] = sorted(route.actions)
    parameters = re.findall(r"{(\w+)}", route.path)
    if parameters:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in parameters
        ]
    if route.body is not None or route.body_type != "application/json":
        operation["requestBody"] = {"required": True, "content": {route.body_type: _schema(route.body)}}
    return operation


def _answer(route: Route) -> dict[str, Any]:
    if route.status == 204:
        return {"description": "Done."}
    return {"description": route.summary, "content": {route.answer_type: _schema(route.answer)}}


def _schema(model: type[BaseModel] | None) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model.__name__)}} if model else {}


def _problem() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {"description": "A problem (RFC 9457); native feeds answer in their own format.", "content": content}


def _problem_schema() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "code", "detail", "at")}
    return {
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {**texts, "status": {"type": "integer"}},
    }


def _document(value: dict[str, Any]) -> web.Response:
    return web.Response(
        body=json.dumps(value).encode(),
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )
