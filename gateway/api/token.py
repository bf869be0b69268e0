"""The token endpoint: client credentials with private_key_jwt, bound to the client's DPoP key, or with tls_client_auth.

A client of an agency with a PKI of its own shows its certificate, and its token is bound to that.
Source: RFC 6749 section 4.4, RFC 7523 section 2.2, RFC 9449 section 5, RFC 8705.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from urllib.parse import parse_qsl

from aiohttp import web

from crypto import access, jws, tokens
from crypto.failure import SealFailed
from crypto.jwk import parse_public_jwk
from gateway.api.client_certificate import shown
from gateway.api.possession import NONCE_HEADER, CredentialWanted, NonceWanted, fresh_nonce, prove
from gateway.api.route import read
from gateway.bootstrap import Gateway
from gateway.store.records import ClientRow
from schemas.errors import MashError, Rejected, TooLarge

PATH = "/oauth2/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LARGEST_FORM = 16 * 1024


async def token(request: web.Request, gateway: Gateway) -> web.Response:
    """Grant an access token, or answer as OAuth does, without saying what exactly failed."""
    form = await _form(request)
    if form.get("grant_type") != "client_credentials":
        return _refusal(400, "unsupported_grant_type")
    if "client_assertion_type" not in form and "client_assertion" not in form and form.get("client_id"):
        return await _by_certificate(request, gateway, form["client_id"])
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return _refusal(400, "invalid_request")
    try:
        # The proof comes before the assertion is used up: a client that must fetch a nonce first can send it again.
        client, claims = await _client(form.get("client_assertion", ""), gateway)
        await prove(request, gateway, token=None, expected_jkt=client.dpop_jkt)
        await _use_up(claims, gateway)
    except NonceWanted as error:
        response = _refusal(400, "use_dpop_nonce")
        response.headers[NONCE_HEADER] = error.headers[NONCE_HEADER]
        return response
    except (CredentialWanted, SealFailed) as error:
        await gateway.refusals.unauthenticated("oauth2.token", error.reason)
        return _refusal(401, "invalid_client")
    return _granted(gateway, client, jkt=client.dpop_jkt)


async def _by_certificate(request: web.Request, gateway: Gateway, client_id: str) -> web.Response:
    try:
        certificate = shown(request, gateway)
        client = await gateway.agencies.standing(client_id)
        if client is None:
            raise CredentialWanted("client.standing")
        if client.tls_subject is None or not certificate.bears(client.tls_subject):
            raise CredentialWanted("certificate.subject")
    except CredentialWanted as error:
        await gateway.refusals.unauthenticated("oauth2.token", error.reason)
        return _refusal(401, "invalid_client")
    return _granted(gateway, client, x5t=certificate.x5t)


def _granted(gateway: Gateway, client: ClientRow, *, jkt: str = "", x5t: str = "") -> web.Response:
    life = timedelta(seconds=gateway.settings.hub.tokens.access_seconds)
    now = gateway.world.now()
    minted = access.mint_access_token(
        gateway.keys.ring.signing_key(),
        iss=gateway.hub_id,
        aud=gateway.public_url,
        client_id=client.client_id,
        scope=client.grants,
        jkt=jkt,
        x5t=x5t,
        jti=gateway.world.random(16).hex(),
        now=now,
        life=life,
    )
    body = {
        "access_token": minted,
        "token_type": "DPoP" if jkt else "Bearer",
        "expires_in": int(life.total_seconds()),
        "scope": " ".join(client.grants),
    }
    headers = {"Cache-Control": "no-store", NONCE_HEADER: fresh_nonce(gateway)}
    return web.Response(body=json.dumps(body).encode(), content_type="application/json", headers=headers)


async def _form(request: web.Request) -> dict[str, str]:
    try:
        body = await read(request, _LARGEST_FORM)
        pairs = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except (ValueError, TooLarge, Rejected):
        return {}
    names = [name for name, _ in pairs]
    return dict(pairs) if len(set(names)) == len(names) else {}


async def _client(assertion: str, gateway: Gateway) -> tuple[ClientRow, tokens.Claims]:
    """The client that this assertion proves.

    Raises:
        CredentialWanted, SealFailed: it proves none.
    """
    try:
        client_id = tokens.claimed_issuer(assertion)
        kid = jws.claimed_kid(assertion)
    except MashError as error:
        raise CredentialWanted(getattr(error, "reason", error.code)) from None
    client = await gateway.agencies.standing(client_id)
    if client is None:
        raise CredentialWanted("client.standing")
    key = parse_public_jwk(json.loads(client.authentication_jwk), use="sig")
    now = gateway.world.now()
    claims = access.verify_client_assertion(
        assertion,
        {key.kid: key} if key.kid == kid else {},
        client_id=client_id,
        aud=gateway.public_url + PATH,
        now=now,
        leeway=gateway.skew,
    )
    return client, claims


async def _use_up(claims: tokens.Claims, gateway: Gateway) -> None:
    async with gateway.store.work() as work:
        digest = hashlib.sha256(f"{claims.sub}\n{claims.jti}".encode()).hexdigest()
        first = await work.seen.first("assertion", digest, claims.exp + gateway.skew)
        await work.commit()
    if not first:
        raise CredentialWanted("assertion.replayed")


def _refusal(status: int, error: str) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        status=status, body=json.dumps({"error": error}).encode(), content_type="application/json", headers=headers
    )
