"""A person who signs in at the hub's provider and calls the hub as it shows itself to people."""

from __future__ import annotations

import asyncio
import secrets
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from joserfc.jwk import ECKey

from sandbox import base64url, jose
from sandbox.door import Reply, exchange
from sandbox.failures import HubRefused, NotTrusted
from sandbox.identity_provider import User
from sandbox.transcript import Transcript

CLIENT = "sandbox-people"
REDIRECT = "http://127.0.0.1/signed-in"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TRIES = 6


class Person:
    """Somebody with a role. Everything that the hub shows them is kept in ``transcript``."""

    def __init__(self, session: aiohttp.ClientSession, user: User, *, issuer: str, hub_url: str) -> None:
        self.user = user
        self.transcript = Transcript()
        self._session = session
        self._issuer = issuer
        self._hub_url = hub_url
        self._token = ""

    async def sign_in(self) -> None:
        """Go through the provider's own sign-in: its page, its form, its code, its token.

        (1) the provider says where its endpoints are; (2) the form is filled in and sent; (3) the answer comes from
        this provider and bears our state; (4) the code becomes tokens; (5) the identity token is signed by the
        provider, for us, with our nonce.

        Raises:
            HubRefused: the provider refused the name, the password or the code.
            NotTrusted: what came back is not an answer to what was asked.
        """
        # (1) the endpoints
        found = await exchange(self._session, "GET", f"{self._issuer}/.well-known/openid-configuration")
        provider = found.expect("the provider's endpoints", 200).json()
        # (2) the form
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64url.digest(verifier.encode()),
            "code_challenge_method": "S256",
        }
        page = await exchange(self._session, "GET", f"{provider['authorization_endpoint']}?{urlencode(asked)}")
        fields = _hidden_fields(page.expect("the sign-in page", 200).body)
        filled = fields | {"username": self.user.name, "password": self.user.password}
        sent = await exchange(
            self._session, "POST", provider["authorization_endpoint"], body=urlencode(filled).encode(), headers=_FORM
        )
        # (3) the answer
        answer = parse_qs(urlsplit(sent.expect("signing in", 302).headers["Location"]).query)
        if answer.get("state") != [state] or answer.get("iss") != [self._issuer]:
            raise NotTrusted("the sign-in was answered by somebody else")
        # (4) the tokens
        grant = {
            "grant_type": "authorization_code",
            "code": answer["code"][0],
            "redirect_uri": REDIRECT,
            "client_id": CLIENT,
            "code_verifier": verifier,
        }
        body = urlencode(grant).encode()
        reply = await exchange(self._session, "POST", provider["token_endpoint"], body=body, headers=_FORM)
        tokens = reply.expect("the tokens", 200).json()
        # (5) the identity
        await self._check_identity(tokens["id_token"], provider, nonce)
        self._token = str(tokens["access_token"])

    async def _check_identity(self, token: str, provider: dict[str, Any], nonce: str) -> None:
        published = (await exchange(self._session, "GET", provider["jwks_uri"])).expect("the provider's keys", 200)
        keys = {jwk["kid"]: ECKey.import_key(jwk) for jwk in published.json()["keys"]}
        claims = jose.json_object(jose.verify(token, keys, typ="JWT"))
        expected = {"iss": self._issuer, "aud": CLIENT, "nonce": nonce, "sub": self.user.name}
        if any(claims.get(name) != value for name, value in expected.items()):
            raise NotTrusted("the identity token is not for this sign-in")

    async def call(self, method: str, path: str, body: object = None) -> Reply:
        """Call one of the people's routes. Errors are answers too: the caller judges the status."""
        if not self._token:
            await self.sign_in()
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        raw = b"" if body is None else jose.compact_json(body)
        reply = await exchange(self._session, method, self._hub_url + path, body=raw, headers=headers)
        for attempt in range(_TRIES):
            if reply.status != 503:
                break
            await asyncio.sleep(0.1 * 2**attempt)
            reply = await exchange(self._session, method, self._hub_url + path, body=raw, headers=headers)
        self.transcript.add(reply.body)
        return reply

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON is of any shape
        """What the hub shows there.

        Raises:
            HubRefused: it shows nothing.
        """
        return (await self.call("GET", path)).expect(path, 200).json()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON is of any shape
        """What the hub answers to something done there; nothing where it has nothing to say.

        Raises:
            HubRefused: it was not done.
        """
        reply = await self.call("POST", path, body)
        if reply.status not in {200, 201, 202, 204}:
            raise HubRefused(path, reply.status, reply.code)
        return reply.json() if reply.body else None


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "input" and held.get("type") == "hidden":
            self.hidden[held.get("name") or ""] = held.get("value") or ""


def _hidden_fields(page: bytes) -> dict[str, str]:
    parser = _Fields()
    parser.feed(page.decode("utf-8"))
    return parser.hidden
