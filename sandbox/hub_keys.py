"""The hub's public keys, fetched from the hub and fetched again when it uses one that is not known yet."""

from __future__ import annotations

from typing import Any

import aiohttp
from joserfc.jwk import ECKey, RSAKey

from sandbox import jose
from sandbox.door import exchange
from sandbox.failures import NotTrusted
from sandbox.log_proof import LogKey


class HubKeys:
    """What an agency needs to trust a hub: who it is, its signing and sealing keys, and its log's key."""

    def __init__(self, session: aiohttp.ClientSession, hub_url: str) -> None:
        self._session = session
        self._url = hub_url
        self._signing: dict[str, ECKey] = {}
        self._log: LogKey | None = None

    async def verify(self, token: str, *, typ: str) -> bytes:
        """What the hub signed as this type of token. A kid that is new makes the key set be fetched again.

        Raises:
            NotTrusted: the hub did not sign it so.
        """
        if jose.claimed_kid(token) not in self._signing:
            self._signing = await self._signing_keys()
        return jose.verify(token, self._signing, typ=typ)

    async def sealing(self) -> RSAKey:
        """The key that answers are sealed to now: the first that the hub publishes for it.

        Raises:
            NotTrusted: it publishes none.
        """
        for jwk in await self.published():
            if jwk.get("use") == "enc":
                return RSAKey.import_key(jwk)
        raise NotTrusted("the hub publishes no key to seal to")

    async def log(self) -> LogKey:
        """The log's verifier key. It is kept from the first time on: a log does not change its key quietly."""
        if self._log is None:
            reply = await exchange(self._session, "GET", f"{self._url}/.well-known/oauth-authorization-server")
            self._log = LogKey.parse(str(reply.expect("the hub's metadata", 200).json()["mash_log_key"]))
        return self._log

    async def published(self) -> list[dict[str, Any]]:
        """The key set as the hub publishes it now."""
        reply = await exchange(self._session, "GET", f"{self._url}/.well-known/jwks.json")
        return list(reply.expect("the hub's keys", 200).json()["keys"])

    async def _signing_keys(self) -> dict[str, ECKey]:
        return {jwk["kid"]: ECKey.import_key(jwk) for jwk in await self.published() if jwk.get("use") == "sig"}
