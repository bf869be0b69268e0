"""One client's way to the hub over HTTP: an access token bound to its key, a fresh proof for every call.

The hub's nonces are taken up as they come; what the hub can't do just now (503) is asked again a little later.
Source: RFC 7523, RFC 9449 sections 8 and 9.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox import jose
from sandbox.failures import HubRefused, NotTrusted
from sandbox.keys import ClientKeys
from sandbox.transcript import Transcript

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TRIES = 8
PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the hub answered: status, headers and bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401 - JSON is of any shape
        """The body as JSON.

        Raises:
            NotTrusted: it is not.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise NotTrusted("the answer is not JSON") from error

    @property
    def code(self) -> str:
        """The stable code of a problem, or OAuth's error; nothing where the body holds neither."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return ""
        return str(value.get("code") or value.get("error") or "") if isinstance(value, dict) else ""

    def expect(self, asked: str, *statuses: int) -> Reply:
        """Itself, if the status is one of these.

        Raises:
            HubRefused: it is another.
        """
        if self.status not in statuses:
            raise HubRefused(asked, self.status, self.code)
        return self


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request and its answer; redirects are not followed."""
    async with session.request(method, url, data=body or None, headers=headers, allow_redirects=False) as response:
        return Reply(status=response.status, headers=response.headers, body=await response.read())


class Door:
    """The calls of one client. Everything that comes back is kept in ``transcript``."""

    def __init__(self, session: aiohttp.ClientSession, hub_url: str, keys: ClientKeys, transcript: Transcript) -> None:
        self.session = session
        self.hub_url = hub_url
        self.keys = keys
        self.transcript = transcript
        self._nonce = ""
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        media_type: str = "",
        token: str = "",
    ) -> Reply:
        """Call with the client's own access token, or with the token of a message where one is given.

        ``path`` may hold a query. Errors are answers too: the caller judges the status.
        """
        reply = await self._call(method, path, body, media_type, token or await self._access_token())
        if reply.status == 401 and not token and "invalid_token" in reply.headers.get("WWW-Authenticate", ""):
            self._until = datetime.min.replace(tzinfo=UTC)
            reply = await self._call(method, path, body, media_type, await self._access_token())
        return reply

    async def _call(self, method: str, path: str, body: bytes, media_type: str, token: str) -> Reply:
        headers = {"Authorization": f"DPoP {token}"} | ({"Content-Type": media_type} if media_type else {})
        return await self._patiently(method, path, body, headers, token)

    async def _patiently(self, method: str, path: str, body: bytes, headers: dict[str, str], token: str) -> Reply:
        reply = await self._once(method, path, body, headers, token)
        for attempt in range(TRIES):
            if _wants_nonce(reply):
                pause = 0.0
            elif reply.status == 503:
                pause = _pause(reply, attempt)
            else:
                break
            await asyncio.sleep(pause)
            reply = await self._once(method, path, body, headers, token)
        return reply

    async def _once(self, method: str, path: str, body: bytes, headers: dict[str, str], token: str) -> Reply:
        url = self.hub_url + path
        proof = jose.proof(
            self.keys.dpop,
            method=method,
            url=url.partition("?")[0],
            now=datetime.now(UTC),
            jti=secrets.token_urlsafe(16),
            nonce=self._nonce,
            token=token,
        )
        reply = await exchange(self.session, method, url, body=body, headers=headers | {"DPoP": proof})
        self._nonce = reply.headers.get("DPoP-Nonce", self._nonce)
        self.transcript.add(reply.body)
        return reply

    async def _access_token(self) -> str:
        now = datetime.now(UTC)
        if now < self._until:
            return self._token
        assertion = jose.client_assertion(
            self.keys.authentication,
            self.keys.client_id,
            audience=f"{self.hub_url}/oauth2/token",
            now=now,
            jti=secrets.token_urlsafe(16),
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await self._patiently("POST", "/oauth2/token", urlencode(form).encode(), headers, "")
        granted = reply.expect("an access token", 200).json()
        self._token = str(granted["access_token"])
        self._until = now + timedelta(seconds=int(granted["expires_in"])) - _MARGIN
        return self._token


def _wants_nonce(reply: Reply) -> bool:
    challenged = "use_dpop_nonce" in reply.headers.get("WWW-Authenticate", "") or reply.code == "use_dpop_nonce"
    return reply.status in {400, 401} and challenged and "DPoP-Nonce" in reply.headers


def _pause(reply: Reply, attempt: int) -> float:
    told = reply.headers.get("Retry-After", "")
    wished = float(told) if told.isdecimal() else PAUSE_SECONDS * 2**attempt
    return min(wished, LONGEST_PAUSE_SECONDS)
