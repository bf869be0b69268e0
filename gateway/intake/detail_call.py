"""One feed's detail calls: with the credential that the feed's place asks for, to that place alone.

Source: RFC 6750 section 2.1 (bearer tokens), RFC 6749 sections 2.3.1 and 4.4 (client credentials).
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlsplit, urlunsplit

from gateway.intake.pinned import PinnedCaller
from gateway.world import World
from schemas.errors import Rejected, Unauthenticated
from schemas.hub import DetailSection

_TOKEN_BYTES = 64 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,8192}=*")
_EARLIER = timedelta(seconds=30)
_SHORTEST, _LONGEST = timedelta(seconds=30), timedelta(hours=12)


class DetailCall:
    """Fetches details of one feed. ``secret`` is the token, or the client's secret where a token is to be had."""

    def __init__(self, section: DetailSection, secret: str, world: World) -> None:
        self._section = section
        self._secret = secret
        self._world = world
        self._caller = PinnedCaller(
            base=section.url, network=section.network, seconds=section.seconds, limit=section.bytes
        )
        self._tokens = (
            PinnedCaller(
                base=_without_query(section.token_url),
                network=section.network,
                seconds=section.seconds,
                limit=_TOKEN_BYTES,
            )
            if section.authentication == "client-credentials"
            else None
        )
        self._token = ""
        self._token_until: datetime | None = None

    async def close(self) -> None:
        """Let every connection go."""
        await self._caller.close()
        if self._tokens is not None:
            await self._tokens.close()

    async def fetch(self, url: str) -> bytes:
        """The detail that stands there.

        Raises:
            Refused, Rejected, TooLarge: it will not be had this way, however often it is asked for.
            Unauthenticated, Unknown, Unavailable: it may be had later.
        """
        token = self._secret if self._tokens is None else await self._fresh(self._tokens)
        try:
            return await self._caller.get(url, {"Authorization": f"Bearer {token}"})
        except Unauthenticated:
            self._token_until = None  # it may have been revoked; the next call asks for another
            raise

    async def _fresh(self, tokens: PinnedCaller) -> str:
        now = self._world.now()
        if self._token_until is not None and now < self._token_until:
            return self._token
        pair = f"{quote_plus(self._section.client)}:{quote_plus(self._secret)}"
        body = await tokens.call(
            "POST",
            self._section.token_url,
            {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
            {"grant_type": "client_credentials"},
        )
        try:
            found = json.loads(body)
            token, seconds = found["access_token"], found.get("expires_in", 60)
            if not (isinstance(token, str) and _TOKEN.fullmatch(token)):
                raise TypeError
            life = min(timedelta(seconds=min(int(seconds), 10**6)), _LONGEST)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise Unauthenticated("detail.token", "no token came from token_url", at="access_token") from error
        self._token, self._token_until = token, now + max(life - _EARLIER, _SHORTEST)
        return token


def _without_query(url: str) -> str:
    if not url:
        raise Rejected("config.inconsistent", "say where the token comes from", at="detail.token_url")
    return urlunsplit((*urlsplit(url)[:3], "", ""))
