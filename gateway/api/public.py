"""What anybody may read: keys, metadata, documents, health."""

from __future__ import annotations

import json

from aiohttp import web

from gateway.api.route import Asked
from gateway.api.token import PATH as TOKEN_PATH
from gateway.api.token import token as grant
from gateway.keys import JWKS_CACHE
from gateway.trust import MEDIA_TYPE
from schemas.errors import Unknown

_VERSION_DIGITS = 12
_JSON = "application/json"


async def token(asked: Asked) -> web.Response:
    """An access token for an agency's client."""
    return await grant(asked.request, asked.gateway)


async def jwks(asked: Asked) -> web.Response:
    """The hub's public keys, successors included."""
    return _json(asked.gateway.keys.jwks(), cache=int(JWKS_CACHE.total_seconds()))


async def agency_jwks(asked: Asked) -> web.Response:
    """The keys that an agency signs with, so that a reader can verify what it disclosed."""
    async with asked.gateway.store.reading() as work:
        keys = await asked.gateway.agencies.published_keys(work, asked.name())
    return _json({"keys": [key.jwk() for key in keys.values()]}, cache=60)


async def trust_list(asked: Asked) -> web.Response:
    """The trust list in force, as the officers signed it; ``version`` asks for an older one, to follow the chain."""
    text = asked.request.query.get("version", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < _VERSION_DIGITS):
        raise Unknown("trust.unknown", "no such list", at="version")
    found = await asked.gateway.trust.published(int(text) if text else None)
    headers = {"Cache-Control": "public, max-age=60"}
    return web.Response(body=found, content_type=MEDIA_TYPE, headers=headers)


async def metadata(asked: Asked) -> web.Response:
    """The authorization server's metadata (RFC 8414), and the log's verifier key."""
    gateway = asked.gateway
    url = gateway.public_url
    return _json(
        {
            "issuer": gateway.hub_id,
            "token_endpoint": url + TOKEN_PATH,
            "jwks_uri": url + "/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "tls_client_auth"],
            "tls_client_certificate_bound_access_tokens": True,
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "mash_log_key": gateway.keys.log_key(),
            "mash_log_keys": [verifier.text() for verifier in gateway.keys.checkpoint_verifiers()],
            "mash_log_origin": gateway.log.origin,
        },
        cache=60,
    )


async def healthz(_asked: Asked) -> web.Response:
    """The process answers."""
    return _json({"status": "ok"})


async def readyz(asked: Asked) -> web.Response:
    """The store answers and has this version's form."""
    if not await asked.gateway.store.ready():
        return web.Response(status=503, body=b'{"status":"waiting","for":"database"}', content_type=_JSON)
    return _json({"status": "ready"})


def _json(value: object, *, cache: int = 0) -> web.Response:
    headers = {"Cache-Control": f"public, max-age={cache}" if cache else "no-store"}
    return web.Response(body=json.dumps(value).encode(), content_type=_JSON, headers=headers)
