"""An agency's system at the door, each of whose steps a test may get wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from joserfc.jwk import ECKey

from sandbox import jose
from sandbox.door import ASSERTION_TYPE
from sandbox.keys import ClientKeys
from tests.gateway import borough
from tests.unit.gateway.whole import URL

TOKEN = "/oauth2/token"


def keys_of(client_id: str) -> ClientKeys:
    """The enrolled keys of a client of the borough."""
    return borough.keys_of(client_id.partition(".")[0]).clients[client_id]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a DPoP proof says; ``key`` is whose it is."""

    key: ECKey
    method: str
    url: str
    now: datetime
    nonce: str
    token: str = ""
    jti: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def text(self) -> str:
        """The proof as a compact JWS."""
        return jose.proof(
            self.key,
            method=self.method,
            url=self.url,
            now=self.now,
            jti=self.jti,
            nonce=self.nonce,
            token=self.token,
        )


@dataclass(kw_only=True)
class Caller:
    """One client of the hub. ``nonce`` is the last that the hub gave; ``token`` the last access token."""

    api: TestClient[web.Request, web.Application]
    now: Callable[[], datetime]
    keys: ClientKeys
    nonce: str = ""
    token: str = ""

    def assertion(self, **changed: object) -> str:
        """A client assertion as RFC 7523 has it; what is given replaces a claim, and None leaves it out."""
        issued = jose.seconds(self.now())
        claims: dict[str, object] = {
            "iss": self.keys.client_id,
            "sub": self.keys.client_id,
            "aud": URL + TOKEN,
            "iat": issued,
            "exp": issued + 120,
            "jti": secrets.token_urlsafe(12),
        }
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        return jose.sign(jose.compact_json(kept), self.keys.authentication, typ="JWT")

    def form(self, **changed: str) -> dict[str, str]:
        """The form of the token endpoint; what is given replaces a field."""
        made = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        return made | {"client_assertion": self.assertion()} | changed

    def proof(self, method: str, path: str, *, token: str = "") -> Proof:
        """The right proof for a call; ``dataclasses.replace`` makes it a wrong one."""
        return Proof(key=self.keys.dpop, method=method, url=URL + path, now=self.now(), nonce=self.nonce, token=token)

    async def ask_token(self, form: dict[str, str] | None = None, proof: Proof | None = None) -> ClientResponse:
        """Call the token endpoint once; nonces are taken up as they come."""
        headers = {"DPoP": (proof or self.proof("POST", TOKEN)).text()}
        response = await self.api.post(TOKEN, data=form or self.form(), headers=headers)
        self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
        return response

    async def sign_in(self) -> None:
        """Fetch a nonce and an access token."""
        await self.ask_token()
        response = await self.ask_token()
        assert response.status == 200, await response.text()
        self.token = (await response.json())["access_token"]

    async def call(
        self, method: str, path: str, *, proof: Proof | None = None, token: str = "", body: bytes = b""
    ) -> ClientResponse:
        """Call with the access token and a proof; the right one where none is given."""
        used = token or self.token
        made = proof or self.proof(method, path.partition("?")[0], token=used)
        headers = {"Authorization": f"DPoP {used}", "DPoP": made.text()}
        response = await self.api.request(method, path, data=body or None, headers=headers)
        self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
        return response


def wrong(proof: Proof, **changed: object) -> Proof:
    """This proof with something wrong in it."""
    return replace(proof, **changed)  # type: ignore[arg-type]
