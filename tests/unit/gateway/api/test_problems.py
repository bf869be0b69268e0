"""Errors as callers see them: one shape, stable codes, security headers, and nothing of a bug."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from pytest_aiohttp.plugin import AiohttpClient

from gateway.api import problems
from gateway.api.app import make_app
from gateway.api.route import Asked, Open, Route
from gateway.bootstrap import Gateway
from schemas import errors
from tests.unit.gateway.api.conftest import Api

CANARY = "Zephyrine Quillfeather"
MEMBERS = {"type", "title", "status", "code", "detail", "at"}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the gateway logs."""
    stream = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(stream)
    )
    monkeypatch.setattr(problems, "_log", structlog.get_logger())
    yield stream
    structlog.reset_defaults()


async def raising(
    aiohttp_client: AiohttpClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> Api:
    """The application with one more row, whose handler raises this."""

    async def handler(_: Asked) -> None:
        raise error

    row = Route(method="GET", path="/raise/{id}", handler=handler, summary="", open=Open.PUBLIC)  # type: ignore[arg-type]
    monkeypatch.setattr("gateway.api.app.ROUTES", (row,))
    return await aiohttp_client(make_app(gateway))


async def test_a_bug_is_a_bare_500_and_its_text_is_said_to_nobody(
    aiohttp_client: AiohttpClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, said: io.StringIO
) -> None:
    api = await raising(aiohttp_client, gateway, monkeypatch, KeyError(CANARY))
    response = await api.get(f"/raise/{CANARY}")
    assert response.status == 500
    assert set(await response.json()) == MEMBERS
    assert (await response.json())["code"] == "internal"
    for text in (await response.text(), str(response.headers), said.getvalue()):
        assert "Zephyrine" not in text
        assert "Traceback" not in text
    line = json.loads(said.getvalue())
    assert (line["kind"], line["route"]) == ("KeyError", "/raise/{id}")
    assert any("handler" in frame for frame in line["frames"])


@pytest.mark.parametrize(
    "error, status",
    [
        (errors.Unauthenticated("a.b"), 401),
        (errors.Untrusted("a.b"), 400),
        (errors.Rejected("a.b", "mend it", at="field"), 422),
        (errors.Refused("a.b"), 403),
        (errors.Unknown("a.b"), 404),
        (errors.Conflict("a.b"), 409),
        (errors.Conflict("envelope.revoked"), 410),
        (errors.Conflict("envelope.expired"), 410),
        (errors.TooLarge("a.b"), 413),
        (errors.Unavailable("a.b"), 503),
    ],
    ids=lambda value: getattr(value, "code", None),
)
async def test_every_family_has_its_status_and_the_one_shape(  # noqa: PLR0917 - what one answer takes
    aiohttp_client: AiohttpClient,
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    said: io.StringIO,
    error: errors.MashError,
    status: int,
) -> None:
    assert not said.getvalue()
    api = await raising(aiohttp_client, gateway, monkeypatch, error)
    response = await api.get("/raise/x")
    body = await response.json()
    assert response.status == body["status"] == status
    assert response.content_type == "application/problem+json"
    assert set(body) == MEMBERS
    assert body["code"] == error.code
    assert body["at"] == error.at
    assert ("Retry-After" in response.headers) is (status == 503)


async def test_why_a_seal_failed_is_for_the_log_alone(
    aiohttp_client: AiohttpClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, said: io.StringIO
) -> None:
    api = await raising(aiohttp_client, gateway, monkeypatch, errors.Untrusted("crypto.seal", "jws.signature"))
    body = await (await api.get("/raise/x")).json()
    assert (body["detail"], body["at"]) == ("", "")
    assert json.loads(said.getvalue())["event"] == "untrusted"


def test_every_family_of_errors_has_a_status() -> None:
    families = {
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, errors.MashError) and found is not errors.MashError
    }
    assert families == set(problems.STATUS)


@pytest.mark.parametrize(
    "path", ["/healthz", "/v1/referrals", "/nowhere", "/openapi.json", "/v1/agencies/nobody/jwks.json"]
)
async def test_every_answer_bears_the_security_headers(api: Api, path: str) -> None:
    response = await api.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_an_answer_names_no_software(api: Api) -> None:
    server = (await api.get("/healthz")).headers.get("Server", "")
    assert "python" not in server.lower()
    assert "aiohttp" not in server.lower()


async def test_a_path_of_nobody_is_not_echoed(api: Api) -> None:
    response = await api.get(f"/v1/referrals/{CANARY}/nothing")
    assert response.status == 404
    assert "Zephyrine" not in await response.text()
