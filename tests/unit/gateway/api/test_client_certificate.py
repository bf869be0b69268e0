"""Clients that show a certificate, over real TLS: who gets a token, and for whom it is good."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crypto import certificates
from crypto.certificates import Issued
from gateway.api.app import make_app
from gateway.bootstrap import Gateway
from gateway.serving import tls
from routing.timetable import Timetable
from sandbox import jose
from schemas.hub import Listen
from tests.gateway import borough
from tests.unit.gateway.api.caller import Caller, keys_of
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.whole import entries

DESK = "police.desk"
SUBJECT = f"subject_dn:CN={DESK}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Door:
    """The hub's TLS door; each call says which certificate it shows."""

    server: TestServer
    authority: Issued
    directory: Path

    async def call(
        self, method: str, path: str, shown: Issued | None, *, form: dict[str, str] | None = None, **headers: str
    ) -> Answer:
        context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        if shown is not None:
            pair = self.directory / "shown.pem"
            pair.write_bytes(shown.private_key + shown.certificate)
            context.load_cert_chain(pair)
        url = f"https://localhost:{self.server.port}{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connector = aiohttp.TCPConnector(ssl=context)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, url, data=form, headers=sent) as response,
        ):
            return Answer(status=response.status, body=json.loads(await response.read() or b"{}"))

    async def token(self, shown: Issued | None, client: str = DESK, **headers: str) -> Answer:
        form = {"grant_type": "client_credentials", "client_id": client}
        return await self.call("POST", "/oauth2/token", shown, form=form, **headers)

    async def mailbox(self, shown: Issued | None, token: str, scheme: str = "Bearer") -> Answer:
        return await self.call("GET", "/v1/mailbox", shown, Authorization=f"{scheme} {token}")


def issued(name: str, by: Issued) -> Issued:
    return certificates.client(name, by, now=datetime.now(UTC))


@pytest.fixture
def authority() -> Issued:
    return certificates.authority("the authority of the tests", now=datetime.now(UTC))


@pytest.fixture
async def door(
    gateway: Gateway, authority: Issued, tmp_path: Path, clock: Callable[[], datetime]
) -> AsyncIterator[Door]:
    """The whole gateway behind the TLS that ``mash serve`` gives its HTTP door; the desk enrolled its certificate."""
    police = borough.keys_of("police")
    desk = replace(police.clients[DESK], tls_subject=SUBJECT)
    renewed = replace(police, clients={**police.clients, DESK: desk})
    await gateway.agencies.enrol(renewed.enrolment_file(borough.HUB, clock()), clock())
    made = certificates.server(["localhost"], authority, now=datetime.now(UTC))
    for name, data in (("ca", authority.certificate), ("server", made.certificate), ("key", made.private_key)):
        (tmp_path / f"{name}.pem").write_bytes(data)
    listen = Listen(port=0, certificate="server.pem", private_key="key.pem", client_ca="ca.pem")
    server = TestServer(make_app(gateway), scheme="https")
    await server.start_server(ssl=tls(listen, tmp_path, optional=True))
    yield Door(server=server, authority=authority, directory=tmp_path)
    await server.close()


async def test_a_client_with_its_certificate_gets_a_token_that_is_good_under_it_alone(door: Door) -> None:
    own, other = issued(DESK, door.authority), issued("health.gp", door.authority)
    answer = await door.token(own)
    assert (answer.status, answer.body["token_type"]) == (200, "Bearer")
    token = answer.body["access_token"]
    claims = jose.json_object(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert list(claims["cnf"]) == ["x5t#S256"]
    assert (await door.mailbox(own, token)).status == 200
    # Stolen: under another's certificate, under none, under a new one of the same name, and as a DPoP token.
    for shown in (other, None, issued(DESK, door.authority)):
        assert (await door.mailbox(shown, token)).status == 401
    assert (await door.mailbox(own, token, "DPoP")).status == 401


async def test_who_shows_no_certificate_or_anothers_gets_no_token(door: Door, gateway: Gateway) -> None:
    other = issued("health.gp", door.authority)
    for shown, client in ((None, DESK), (other, DESK), (other, "health.gp"), (other, "nobody.here"), (other, "x")):
        answer = await door.token(shown, client)
        assert (answer.status, answer.body) == (401, {"error": "invalid_client"})
    await gateway.refusals.flush(everything=True)
    told = {one["detail"]["reason"] for one in await entries(gateway, "caller.refused")}
    assert told == {"certificate.missing", "certificate.subject", "client.standing"}


async def test_a_certificate_of_another_authority_does_not_come_through_the_door(door: Door) -> None:
    stranger = certificates.authority("another authority", now=datetime.now(UTC))
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await door.token(issued(DESK, stranger))


async def test_a_header_is_believed_of_a_trusted_proxy_alone(door: Door, gateway: Gateway) -> None:
    der = x509.load_pem_x509_certificate(issued(DESK, door.authority).certificate).public_bytes(Encoding.DER)
    header = f":{base64.b64encode(der).decode()}:"
    assert (await door.token(None, Client_Cert=header)).status == 401
    hub, zone = gateway.hub, gateway.configuration.timetable.zone
    proxied = hub.model_copy(update={"hub": hub.hub.model_copy(update={"trusted_proxies": ("127.0.0.1", "::1")})})
    gateway.configuration._timetable = Timetable(proxied, zone)
    assert (await door.token(None, Client_Cert=header)).status == 200
    # The proxy's own certificate is not its clients'.
    assert (await door.token(issued(DESK, door.authority))).status == 401
    for bad in ("", "::", ":AAAA:", header[1:], header[:-1], header.replace("M", "*", 1)):
        assert (await door.token(None, Client_Cert=bad)).status == 401


async def test_a_token_ends_with_the_agencys_standing_and_with_the_enrolment_of_its_certificate(
    door: Door, gateway: Gateway, clock: Callable[[], datetime]
) -> None:
    own = issued(DESK, door.authority)
    token = (await door.token(own)).body["access_token"]
    police = borough.keys_of("police")
    await gateway.agencies.enrol(police.enrolment_file(borough.HUB, clock()), clock())
    assert (await door.mailbox(own, token)).status == 401
    assert (await door.token(own)).status == 401


async def test_a_token_for_a_dpop_key_is_no_bearer_token_under_a_certificate_either(
    door: Door, api: Api, clock: Callable[[], datetime]
) -> None:
    caller = Caller(api=api, now=clock, keys=keys_of(DESK))
    await caller.sign_in()
    assert (await door.mailbox(issued(DESK, door.authority), caller.token)).status == 401
