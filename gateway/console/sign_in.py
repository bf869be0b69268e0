"""Signing in at the hub's OpenID provider: authorization code with PKCE, started and ended at the same browser.

Source: OpenID Connect Core 1.0 section 3.1, RFC 6749 section 4.1, RFC 7636, RFC 9207, RFC 9700.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode

import aiohttp

from crypto import base64url, canonical
from crypto.failure import SealFailed
from gateway.console.day_scopes import DayScopes
from gateway.people import NotSignedIn, People, PersonCaller
from gateway.store import Store
from gateway.strongbox import Strongbox
from gateway.world import World
from schemas.base import Frozen, Instant
from schemas.errors import MashError, Unavailable
from schemas.hub import ConsoleSection

CALLBACK = "/console/signed-in"
PLACE = "console.sign_in"
LASTS = timedelta(minutes=10)
_RANDOM_BYTES = 32
_LARGEST_ANSWER = 64 * 1024
_PATIENCE = aiohttp.ClientTimeout(total=10)
_LONGEST_NAME = 100


class BeganNote(Frozen):
    """What a browser carries, sealed, from the beginning of a sign-in to its end."""

    state: str
    nonce: str
    verifier: str
    to: str
    until: Instant


@dataclass(frozen=True, kw_only=True)
class Began:
    """A sign-in that was begun: where the browser goes, and what it carries until it is back."""

    url: str
    state: str
    carried: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who signed in, what to call them, and where they wanted to go."""

    caller: PersonCaller
    name: str
    to: str


class SignIn:
    """The hub as a client of the provider."""

    def __init__(
        self,
        section: ConsoleSection,
        *,
        issuer: str,
        public_url: str,
        secret: str | None,
        people: People,
        session: aiohttp.ClientSession,
        world: World,
        store: Store,
        strongbox: Strongbox,
        scopes: DayScopes,
    ) -> None:
        self._section = section
        self._issuer = issuer
        self._redirect = public_url + CALLBACK
        self._secret = secret
        self._people = people
        self._session = session
        self._world = world
        self._store = store
        self._strongbox = strongbox
        self._scopes = scopes

    async def begin(self, to: str) -> Began:
        """Begin a sign-in that ends at the page ``to``.

        Raises:
            Unavailable: the provider can't be reached.
        """
        found = await self._people.endpoints()
        now = self._world.now()
        state, nonce, verifier = (base64url.encode(self._world.random(_RANDOM_BYTES)) for _ in range(3))
        note = BeganNote(state=state, nonce=nonce, verifier=verifier, to=to, until=now + LASTS)
        async with self._store.work() as work:
            scope = await self._scopes.of(work, now)
            # In the browser and not in the store: whoever is not signed in makes the hub keep nothing.
            carried = base64url.encode(await self._strongbox.put(work, scope, PLACE, state, note))
            await work.commit()
        asked = {
            "response_type": "code",
            "client_id": self._section.client_id,
            "redirect_uri": self._redirect,
            "scope": self._section.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64url.encode(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in found.authorization else "?"
        return Began(url=f"{found.authorization}{joint}{urlencode(asked)}", state=state, carried=f"{scope}.{carried}")

    async def end(self, answer: Mapping[str, str], carried: str) -> SignedIn:
        """Take the provider's answer, at the browser that began.

        (1) this browser began it, not long ago; (2) the answer is to this beginning, and from this provider; (3) the
        code becomes tokens; (4) the identity token is of this provider, for this client, with our nonce; (5) the access
        token is for this hub and gives a role; (6) both speak of the same person.

        Raises:
            NotSignedIn: one of them does not hold; the reason is for the log. Unavailable: the provider is away.
        """
        # (1) this browser
        state = answer.get("state", "")
        began = await self._began(state, carried)
        if self._world.now() >= began.until:
            raise NotSignedIn("sign_in.late")
        # (2) this beginning, this provider
        if not hmac.compare_digest(began.state.encode(), state.encode()):
            raise NotSignedIn("sign_in.state")
        if answer.get("iss", self._issuer) != self._issuer:
            raise NotSignedIn("sign_in.issuer")
        if answer.get("error") or not answer.get("code"):
            raise NotSignedIn("sign_in.refused")
        # (3) the tokens
        tokens = await self._redeem(answer["code"], began.verifier)
        access, identity = tokens.get("access_token"), tokens.get("id_token")
        if not isinstance(access, str) or not isinstance(identity, str):
            raise NotSignedIn("sign_in.tokens")
        # (4) the identity token
        claims = await self._people.identity(identity, client_id=self._section.client_id, nonce=began.nonce)
        # (5) the access token
        caller = await self._people.identify(access)
        # (6) the same person
        if claims.sub != caller.subject:
            raise NotSignedIn("sign_in.subject")
        name = claims.all.get("name")
        spoken = name.strip()[:_LONGEST_NAME] if isinstance(name, str) else ""
        return SignedIn(caller=caller, name=spoken or caller.subject, to=began.to)

    async def _began(self, state: str, carried: str) -> BeganNote:
        scope, _, sealed = carried.partition(".")
        try:
            async with self._store.reading() as work:
                return await self._strongbox.take(work, scope, PLACE, state, base64url.decode(sealed), BeganNote)
        except (MashError, ValueError) as error:
            if isinstance(error, Unavailable):
                raise
            raise NotSignedIn("sign_in.browser") from None

    async def _redeem(self, code: str, verifier: str) -> dict[str, canonical.Json]:
        endpoint = (await self._people.endpoints()).token
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
            "client_id": self._section.client_id,
        }
        headers = {"Accept": "application/json"}
        if self._secret is not None:
            # Source: RFC 6749 section 2.3.1: each half is form-encoded before the two are joined.
            pair = f"{quote(self._section.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        try:
            async with self._session.post(
                endpoint, data=form, headers=headers, timeout=_PATIENCE, allow_redirects=False
            ) as response:
                body = await response.content.read(_LARGEST_ANSWER)
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("people.provider", "the sign-in provider can't be reached") from error
        if status >= 500:
            raise Unavailable("people.provider", "the sign-in provider can't answer now")
        if status != 200:
            raise NotSignedIn("sign_in.code")
        try:
            return canonical.loads_object(body, size=_LARGEST_ANSWER)
        except (MashError, SealFailed):
            raise NotSignedIn("sign_in.tokens") from None
