"""Credentials made by hand, right ones and wrong ones: what a call presents is in the test's hand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey

from sandbox import base64url, jose
from sandbox.agency import Client
from sandbox.door import ASSERTION_TYPE, Reply
from tests.gateway.town import Town

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def warmed(client: Client) -> str:
    """The client's own access token; afterwards its door holds a nonce of the hub."""
    return await client.door._access_token()


def proof(
    town: Town,
    client: Client,
    method: str,
    path: str,
    token: str = "",
    *,
    key: ECKey | None = None,
    claims: Mapping[str, Any] | None = None,
) -> str:
    """A DPoP proof; right unless a claim is given another value, or left out as None."""
    right: dict[str, Any] = {
        "htm": method,
        "htu": town.url + path,
        "iat": jose.seconds(town.clock()),
        "jti": secrets.token_urlsafe(16),
        "nonce": client.door._nonce,
    }
    if token:
        right["ath"] = base64url.digest(token.encode())
    told = {name: value for name, value in {**right, **(claims or {})}.items() if value is not None}
    own = key or client.keys.dpop
    public = {name: value for name, value in own.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public}
    return jws.serialize_compact(header, jose.compact_json(told), own)


def headers(token: str, *proofs: str, scheme: str = "DPoP") -> dict[str, str]:
    """What a call presents."""
    told = {"Authorization": f"{scheme} {token}"}
    return told | ({"DPoP": proofs[0]} if proofs else {})


def assertion(
    town: Town,
    client: Client,
    *,
    key: ECKey | None = None,
    claims: Mapping[str, Any] | None = None,
) -> str:
    """A client assertion; right unless a claim is given another value, or left out as None."""
    issued = jose.seconds(town.clock())
    right: dict[str, Any] = {
        "iss": client.keys.client_id,
        "sub": client.keys.client_id,
        "aud": f"{town.url}/oauth2/token",
        "iat": issued,
        "exp": issued + 120,
        "jti": secrets.token_urlsafe(16),
    }
    told = {name: value for name, value in {**right, **(claims or {})}.items() if value is not None}
    return jose.sign(jose.compact_json(told), key or client.keys.authentication, typ="JWT")


async def grant(town: Town, client: Client, made: str, **form: str) -> Reply:
    """Ask for an access token with this assertion and a right proof."""
    told = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": made,
    }
    shown = FORM | {"DPoP": proof(town, client, "POST", "/oauth2/token")}
    return await town.plain("POST", "/oauth2/token", body=urlencode(told | form).encode(), headers=shown)


def tampered(token: str, part: int) -> str:
    """The compact token with one bit of one of its parts changed; a part that is empty gets a letter."""
    parts = token.split(".")
    old = parts[part]
    middle = len(old) // 2
    parts[part] = old[:middle] + ("A" if old[middle : middle + 1] != "A" else "B") + old[middle + 1 :]
    return ".".join(parts)
