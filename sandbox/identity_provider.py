"""A small OpenID provider for the people of a simulated hub: authorization code with PKCE, and nothing else.

Its users and passwords are made for one run. Access tokens are ``at+jwt`` (RFC 9068) signed with ES256.
Source: OpenID Connect Core 1.0 section 3.1, RFC 6749 section 4.1, RFC 7636, RFC 8414.
"""

from __future__ import annotations

import hmac
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc.jwk import ECKey

from sandbox import base64url, jose
from sandbox.keys import public_jwk, signing_key

TOKEN_LIFE = timedelta(hours=1)
CODE_LIFE = timedelta(minutes=2)
PASSWORD_BYTES = 12
_CARRIED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
            "code_challenge_method")  # fmt: skip

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head>
<body><h1>Sign in</h1>{problem}
<form method="post" action="/authorize">{carried}
<p><label for="username">User name</label> <input id="username" name="username" autocomplete="username"></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"></p>
<p><button>Sign in</button></p></form></body></html>
"""


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who can sign in. ``roles`` and ``agency`` are claims; what they allow is the hub's business."""

    name: str
    password: str = field(repr=False)
    title: str
    roles: tuple[str, ...]
    agency: str

    @property
    def spoken(self) -> str:
        """The name as people say it: ``m.adeyemi`` is M. Adeyemi."""
        first, _, last = self.name.partition(".")
        return f"{first.capitalize()}. {last.capitalize()}" if last else self.name


def user(name: str, title: str, *, roles: tuple[str, ...], agency: str) -> User:
    """A user with a fresh password."""
    return User(name=name, password=secrets.token_urlsafe(PASSWORD_BYTES), title=title, roles=roles, agency=agency)


@dataclass(frozen=True, kw_only=True)
class _Code:
    """What an authorization code stands for, until it is used or ``until``."""

    asked: Mapping[str, str]
    user: User
    until: datetime


class IdentityProvider:
    """The provider. ``audience`` is for whom its tokens are; ``clients`` maps a client id to its redirect URI."""

    def __init__(self, *, audience: str, users: tuple[User, ...], clients: Mapping[str, str]) -> None:
        self.issuer = ""
        self.users = {user.name: user for user in users}
        self._audience = audience
        self._clients = clients
        self._key: ECKey = signing_key("identity.1")
        self._codes: dict[str, _Code] = {}
        self._runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._discovery)
        application.router.add_get("/jwks.json", self._jwks)
        application.router.add_get("/authorize", self._sign_in_page)
        application.router.add_post("/authorize", self._signed_in)
        application.router.add_post("/token", self._token)
        return application

    async def start(self, port: int, host: str = "127.0.0.1") -> str:
        """Listen, and return the issuer."""
        self._runner = web.AppRunner(self.application(), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.issuer = f"http://{host}:{port}"
        return self.issuer

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _discovery(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "scopes_supported": ["openid"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [public_jwk(self._key)]})

    async def _sign_in_page(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        problem = self._problem(asked)
        # Neither the client nor its address is known to be good, so nothing is redirected.
        if problem:
            return web.Response(status=400, text=problem)
        return _page(asked)

    async def _signed_in(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = {name: form.get(name, "") for name in _CARRIED}
        problem = self._problem(asked)
        if problem:
            return web.Response(status=400, text=problem)
        who = self.users.get(form.get("username", ""))
        # Compared for an unknown name too, so that the time taken does not tell names.
        right = hmac.compare_digest(form.get("password", "").encode(), (who.password if who else "").encode())
        if who is None or not right:
            return _page(asked, "User name or password is wrong.", status=401)
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(asked=asked, user=who, until=datetime.now(UTC) + CODE_LIFE)
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        raise web.HTTPFound(f"{asked['redirect_uri']}?{answer}")

    def _problem(self, asked: Mapping[str, str]) -> str:
        client = asked.get("client_id", "")
        if client not in self._clients or self._clients[client] != asked.get("redirect_uri"):
            return "unknown client or address"
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return "only response_type=code with scope openid"
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "PKCE with S256 is required"
        return ""

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        # Taken out at once: a code is good for one attempt, right or wrong.
        granted = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        good = (
            granted is not None
            and form.get("grant_type") == "authorization_code"
            and datetime.now(UTC) < granted.until
            and form.get("client_id") == granted.asked["client_id"]
            and form.get("redirect_uri") == granted.asked["redirect_uri"]
            and base64url.digest(verifier.encode()) == granted.asked["code_challenge"]
        )
        if granted is None or not good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(self._tokens(granted), headers={"Cache-Control": "no-store"})

    def _tokens(self, granted: _Code) -> dict[str, Any]:
        issued = jose.seconds(datetime.now(UTC))
        client = granted.asked["client_id"]
        shared = {
            "iss": self.issuer,
            "sub": granted.user.name,
            "iat": issued,
            "exp": issued + int(TOKEN_LIFE.total_seconds()),
            "jti": secrets.token_urlsafe(16),
            "roles": list(granted.user.roles),
            "agency": granted.user.agency,
        }
        access = shared | {"aud": self._audience, "client_id": client, "scope": "openid"}
        identity = shared | {"aud": client, "nonce": granted.asked["nonce"], "name": granted.user.spoken}
        return {
            "access_token": jose.sign(jose.compact_json(access), self._key, typ="at+jwt"),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "id_token": jose.sign(jose.compact_json(identity), self._key, typ="JWT"),
            "scope": "openid",
        }


def _page(asked: Mapping[str, str], problem: str = "", *, status: int = 200) -> web.Response:
    carried = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">' for name in _CARRIED
    )
    shown = f'<p role="alert">{html.escape(problem)}</p>' if problem else ""
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    page = _PAGE.format(problem=shown, carried=carried)
    return web.Response(text=page, content_type="text/html", status=status, headers=headers)
