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
        self._log: list[LogKey] = []

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

    async def log(self, checkpoint: str = "") -> LogKey:
        """The log's verifier key; of several, the one that this checkpoint names.

        Keys are kept from the first time on, and a new one is taken only from a list that still holds one of them: a
        log does not change its key quietly.

        Raises:
            NotTrusted: the hub publishes other keys, and none of those that were known.
        """
        if not self._log or not any(key.named_in(checkpoint) for key in self._log):
            reply = await exchange(self._session, "GET", f"{self._url}/.well-known/oauth-authorization-server")
            told = reply.expect("the hub's metadata", 200).json()
            texts = told.get("mash_log_keys") or [told["mash_log_key"]]
            published = [LogKey.parse(str(text)) for text in texts]
            if self._log and not set(published) & set(self._log):
                raise NotTrusted("the log changed its key quietly")
            self._log = list(dict.fromkeys([*self._log, *published]))
        return next((key for key in self._log if key.named_in(checkpoint)), self._log[0])

    async def published(self) -> list[dict[str, Any]]:
        """The key set as the hub publishes it now."""
        reply = await exchange(self._session, "GET", f"{self._url}/.well-known/jwks.json")
        return list(reply.expect("the hub's keys", 200).json()["keys"])

    async def _signing_keys(self) -> dict[str, ECKey]:
        return {jwk["kid"]: ECKey.import_key(jwk) for jwk in await self.published() if jwk.get("use") == "sig"}
