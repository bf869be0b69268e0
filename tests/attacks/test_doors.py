"""What a stranger can do at the HTTP doors with bytes alone."""

from __future__ import annotations

import gzip
import json

import pytest

from crypto import base64url
from gateway import serving
from gateway.api import route
from tests.attacks.raw import spoken
from tests.gateway.town import Town


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(serving, "_IDLE_SECONDS", 0.5)


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_a_body_under_a_content_coding_is_refused_and_not_inflated(town: Town) -> None:
    form = b"grant_type=client_credentials&client_assertion_type=none"
    for body, code in (
        (form, "invalid_request"),
        (gzip.compress(form), "unsupported_grant_type"),
        (gzip.compress(b"0" * (32 * 1024 * 1024)), "unsupported_grant_type"),
    ):
        headers = {} if body == form else {"Content-Encoding": "gzip"}
        answer = await town.plain("POST", "/oauth2/token", body=body, headers=headers)
        # What could not be read has no grant type.
        assert (answer.status, answer.code) == (400, code)


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_a_form_that_comes_in_pieces_is_read_whole(town: Town) -> None:
    form = b"grant_type=client_credentials&client_assertion_type=none"
    head = b"POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(form)
    answer = await spoken(town.listening.http, [head + form[:11], form[11:]])
    # Read in part, it would have no grant type.
    assert b'"invalid_request"' in answer


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_a_body_that_does_not_come_is_not_waited_for(town: Town) -> None:
    head = b"POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nContent-Length: 100\r\n\r\nx"
    assert b" 408 " in await spoken(town.listening.http, [head])


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_a_request_that_does_not_end_is_not_waited_for(town: Town) -> None:
    trickle = [b"GET /healthz HTTP/1.1\r\nHost: hub\r\n", b"A: b\r\n", b"C: d\r\n", b"E: f\r\n"]
    assert await spoken(town.listening.http, trickle) == b""
    assert await spoken(town.listening.http, [b""]) == b""


async def test_characters_that_no_database_takes_name_nothing(town: Town) -> None:
    assert (await town.plain("GET", "/v1/agencies/%00/jwks.json")).status == 404
    assert (await town.plain("GET", "/v1/agencies/%ED%A0%80/jwks.json")).status in {400, 404}
    manager, engineer = town.manager, town.person("engineer")
    assert (await manager.call("GET", "/v1/referrals?after=%00")).status == 404
    assert (await engineer.call("GET", "/v1/quarantine?feed=%00")).status == 200
    header = base64url.encode(json.dumps({"alg": "ES256", "kid": "x", "typ": "JWT"}).encode())
    claims = base64url.encode(json.dumps({"iss": "\0", "sub": "\0"}).encode())
    body = (
        "grant_type=client_credentials&client_assertion_type="
        "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        f"&client_assertion={header}.{claims}.{base64url.encode(b'0' * 64)}"
    )
    answer = await town.plain("POST", "/oauth2/token", body=body.encode())
    assert (answer.status, answer.code) == (401, "invalid_client")


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_a_page_is_as_large_as_allowed_and_no_larger(town: Town) -> None:
    for limit in ("000001999999999", "0001" + "9" * 5000, "201", "0"):
        answer = await town.client("police.desk").door.call("GET", f"/v1/mailbox?limit={limit}")
        assert (answer.status, answer.code) == (422, "mailbox.limit"), limit
