"""People: who they are is the OpenID Connect provider's to say, what they may do is the hub's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from crypto import canonical, jws, tokens
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, parse_public_jwks
from gateway.world import World
from schemas.errors import MashError, Unauthenticated, Unavailable
from schemas.hub import PeopleSection
from schemas.vocabulary import Role

ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt"})
IDENTITY_TYPES = frozenset({"JWT", None})
_FRESH_FOR = timedelta(minutes=5)
_AGAIN_AFTER = timedelta(seconds=5)
_LARGEST_ANSWER = 256 * 1024
_SUBJECT = re.compile(r"[!-~]{1,255}")
_PATIENCE = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, kw_only=True)
class PersonCaller:
    """A person: the provider's subject, the roles that the hub's file gives to the claim's values, the agency."""

    subject: str
    roles: frozenset[Role]
    agency: str

    @property
    def actor(self) -> str:
        """The person's name in the log: the provider's subject, which is opaque to others."""
        return f"person:{self.subject}"


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The provider's addresses for the authorization code flow."""

    authorization: str
    token: str


class NotSignedIn(Unauthenticated):
    """No token, or one that does not hold. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__("sign_in.invalid", "sign in again")
        self.reason = reason
        self.headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class People:
    """Verifies people's access tokens with the provider's keys, fetched over the network and kept for a while."""

    def __init__(self, settings: PeopleSection, world: World, session: aiohttp.ClientSession, skew: timedelta) -> None:
        self._settings = settings
        self._world = world
        self._session = session
        self._skew = skew
        self._keys: dict[str, PublicKey] = {}
        self._fetched: datetime | None = None
        self._asked: datetime | None = None
        self._lock = asyncio.Lock()

    async def identify(self, token: str) -> PersonCaller:
        """Whoever this access token speaks for.

        Raises:
            NotSignedIn: it does not hold, or gives no role of this hub.
            Unavailable: the provider's keys can't be had now.
        Source: RFC 9068 section 4.
        """
        claims = await self._verified(
            token, typ=ACCESS_TYPES, aud=self._settings.audience, required=("sub", "iat", "jti")
        )
        named = claims.all.get(self._settings.roles_claim)
        values = named if isinstance(named, list) else [named]
        roles = frozenset(
            self._settings.roles[value] for value in values if isinstance(value, str) and value in self._settings.roles
        )
        if not roles:
            raise NotSignedIn("token.roles")
        agency = claims.all.get(self._settings.agency_claim)
        if not _SUBJECT.fullmatch(claims.text("sub")):
            # The log could not name who acted.
            raise NotSignedIn("token.subject")
        return PersonCaller(subject=claims.text("sub"), roles=roles, agency=agency if isinstance(agency, str) else "")

    async def identity(self, token: str, *, client_id: str, nonce: str) -> tokens.Claims:
        """What an identity token says that the provider made for this client, in answer to this ``nonce``.

        Raises:
            NotSignedIn: it does not hold. Unavailable: the provider's keys can't be had now.
        Source: OpenID Connect Core 1.0, section 3.1.3.7.
        """
        claims = await self._verified(token, typ=IDENTITY_TYPES, aud=client_id, required=("sub", "iat", "nonce"))
        if claims.all["nonce"] != nonce:
            raise NotSignedIn("token.nonce")
        return claims

    async def endpoints(self) -> Endpoints:
        """Where people sign in.

        Raises:
            Unavailable: the provider can't be reached, or offers no code flow.
        """
        try:
            found = await self._discovered()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("people.provider", "the sign-in provider can't be reached") from error
        authorization, token = found.get("authorization_endpoint"), found.get("token_endpoint")
        if not isinstance(authorization, str) or not isinstance(token, str):
            raise Unavailable("people.provider", "the sign-in provider offers no authorization code")
        return Endpoints(authorization=authorization, token=token)

    async def _verified(
        self, token: str, *, typ: Collection[str | None], aud: str, required: Collection[str]
    ) -> tokens.Claims:
        try:
            return tokens.verify_claims(
                token,
                await self._keys_with(jws.claimed_kid(token)),
                typ=typ,
                iss=self._settings.issuer,
                aud=aud,
                now=self._world.now(),
                leeway=self._skew,
                required=required,
                algorithms=frozenset(self._settings.algorithms),
            )
        except SealFailed as error:
            raise NotSignedIn(error.reason) from None

    async def _discovered(self) -> dict[str, canonical.Json]:
        discovery = await self._get(self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if discovery.get("issuer") != self._settings.issuer:
            raise Unavailable("people.issuer", "the provider speaks for another issuer")
        return discovery

    async def _keys_with(self, kid: str) -> dict[str, PublicKey]:
        # Before the lock: whoever makes us ask the provider holds nobody up whose key is at hand.
        if kid in self._keys and self._fresh():
            return self._keys
        async with self._lock:
            if kid in self._keys and self._fresh():
                return self._keys
            # An unknown kid may be a fresh key of the provider's; asking is bounded, so that nobody can make us ask.
            now = self._world.now()
            if self._asked is None or now - self._asked > _AGAIN_AFTER:
                self._asked = now
                self._keys = await self._fetch()
                self._fetched = now
            elif not self._fresh():
                raise Unavailable("people.provider", "the sign-in provider can't be reached")
            return self._keys

    def _fresh(self) -> bool:
        return self._fetched is not None and self._world.now() - self._fetched <= _FRESH_FOR

    async def _fetch(self) -> dict[str, PublicKey]:
        try:
            discovery = await self._discovered()
            return parse_public_jwks(await self._get(str(discovery.get("jwks_uri"))), use="sig")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("people.provider", "the sign-in provider can't be reached") from error
        except MashError as error:
            raise Unavailable("people.provider", "the sign-in provider's keys can't be used", at=error.code) from error

    async def _get(self, url: str) -> dict[str, canonical.Json]:
        async with self._session.get(url, timeout=_PATIENCE, allow_redirects=False) as response:
            if response.status != 200:
                raise Unavailable("people.provider", at=str(response.status))
            body = bytearray()
            # In pieces, as they come: one read takes what has arrived, which may be a part.
            async for chunk in response.content.iter_chunked(_LARGEST_ANSWER):
                body += chunk
                if len(body) > _LARGEST_ANSWER:
                    raise Unavailable("people.provider", "the provider says too much")
        return canonical.loads_object(bytes(body), size=_LARGEST_ANSWER)
