"""Who is calling: an agency's system by a DPoP-bound access token, or a person by a token of the hub's provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from crypto import access, certificate_names, tokens
from crypto.failure import SealFailed
from gateway.api.client_certificate import shown
from gateway.api.possession import CredentialWanted, check
from gateway.bootstrap import Gateway
from gateway.people import PersonCaller
from gateway.single_use import Replayed, Use
from gateway.store.records import ClientRow
from routing.permissions import Action, allowed_roles, permit
from schemas.errors import Refused


class Grant(StrEnum):
    """What an agency's client was enrolled for."""

    NOTIFY = "notify"
    MAILBOX = "mailbox"
    OPEN = "open"
    DISCLOSE = "disclose"


@dataclass(frozen=True, kw_only=True)
class ClientCaller:
    """An agency's system whose token, key and standing all hold."""

    client: ClientRow

    @property
    def actor(self) -> str:
        """Its name in the log."""
        return self.client.client_id


Caller = ClientCaller | PersonCaller


async def identify(request: web.Request, gateway: Gateway) -> Caller:
    """Whoever calls.

    Raises:
        CredentialWanted: nobody whom the hub knows, or not any more.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "dpop" and token:
        return await _client(request, gateway, token)
    if scheme.lower() == "bearer" and token:
        if _is_ours(token, gateway):
            return await _by_certificate(request, gateway, token)
        return await gateway.people.identify(token)
    raise CredentialWanted("credential.missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who an agency's system proved to be, by everything that needs no store.

    Left to do, in one transaction: ``use`` is used up, the client is in good standing, and ``jkt`` is still its key.
    """

    client_id: str
    jkt: str
    use: Use


def claimed(request: web.Request, gateway: Gateway, token: str) -> Claimed:
    """Who calls by this access token, its proof of possession verified and not used up as yet.

    Raises:
        NonceWanted, CredentialWanted: one of them does not hold.
    """
    try:
        granted = access.verify_access_token(
            token,
            gateway.keys.verification_keys(),
            iss=gateway.hub_id,
            aud=gateway.public_url,
            now=gateway.world.now(),
            leeway=gateway.skew,
        )
    except SealFailed as error:
        raise CredentialWanted(error.reason) from None
    if not granted.jkt:
        raise CredentialWanted("token.cnf")
    checked = check(request, gateway, token=token, expected_jkt=granted.jkt)
    return Claimed(client_id=granted.client_id, jkt=granted.jkt, use=checked.use)


async def _client(request: web.Request, gateway: Gateway, token: str) -> ClientCaller:
    found = claimed(request, gateway, token)
    try:
        client = await gateway.admission.admit(found.use, found.client_id)
    except Replayed as error:
        raise CredentialWanted(error.reason) from None
    # The key that was enrolled last counts, not the one that the token was made for.
    if client is None or client.dpop_jkt != found.jkt:
        raise CredentialWanted("client.standing")
    return ClientCaller(client=client)


def _is_ours(token: str, gateway: Gateway) -> bool:
    """Whether this claims to be of the hub's own making, and not of the provider that people sign in at."""
    try:
        return tokens.claimed_issuer(token) == gateway.hub_id
    except SealFailed:
        return False


async def _by_certificate(request: web.Request, gateway: Gateway, token: str) -> ClientCaller:
    """Whoever calls under the certificate that this token is bound to.

    (1) the hub made the token, and it holds; (2) it is bound to a certificate, and the call came under that one;
    (3) the client is in good standing, and was enrolled last under a name in it.

    Raises:
        CredentialWanted: one of them does not hold.
    Source: RFC 8705 section 3.
    """
    # (1) a token of ours
    try:
        granted = access.verify_access_token(
            token,
            gateway.keys.verification_keys(),
            iss=gateway.hub_id,
            aud=gateway.public_url,
            now=gateway.world.now(),
            leeway=gateway.skew,
        )
    except SealFailed as error:
        raise CredentialWanted(error.reason, "Bearer") from None
    # (2) under its certificate: a token for a DPoP key never goes as a bearer's
    if not granted.x5t:
        raise CredentialWanted("token.cnf", "Bearer")
    certificate = shown(request, gateway)
    if not certificate_names.same(certificate.x5t, granted.x5t):
        raise CredentialWanted("certificate.other", "Bearer")
    # (3) who still stands so
    client = await gateway.agencies.standing(granted.client_id)
    if client is None or client.tls_subject is None or not certificate.bears(client.tls_subject):
        raise CredentialWanted("client.standing", "Bearer")
    return ClientCaller(client=client)


def authorise(caller: Caller, grants: frozenset[Grant], actions: frozenset[Action]) -> None:
    """Return if one of these grants or actions is the caller's.

    Raises:
        Refused: none is.
    """
    if isinstance(caller, ClientCaller):
        if not {str(grant) for grant in grants} & set(caller.client.grants):
            raise Refused("grant.missing", "this client was not enrolled for that")
        return
    if not actions:
        raise Refused("permission.denied", "this is for agencies' systems")
    # One of several is enough: what is shown behind the door is cut to the role again.
    if not any(caller.roles & allowed_roles(action) for action in actions):
        permit(min(actions), caller.roles)
