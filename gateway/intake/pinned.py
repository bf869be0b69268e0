"""Calls to one configured place alone.

Scheme, host, port and the beginning of the path are pinned; no redirect is followed, and no address called that lies in
another network than the place has business in.

A message names the address that is called, so that whoever can write a message would otherwise make the hub call
whatever the hub can reach.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from crypto.uri import normalised
from schemas.errors import Refused, Rejected, TooLarge, Unauthenticated, Unavailable, Unknown

Network = Literal["public", "private", "loopback"]
_PIECE = 64 * 1024
_LONGEST = 2_000
_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


def _private(address: IPv4Address | IPv6Address) -> bool:
    return _public(address) or (
        address.is_private
        and not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)
    )


ALLOWED: Mapping[Network, Callable[[IPv4Address | IPv6Address], bool]] = {
    "public": _public,
    "private": _private,
    "loopback": lambda address: address.is_loopback,
}
"""Which addresses each network means. Link-local ones, where clouds keep their credentials, are in none."""


def pinned(url: str, base: str) -> str:
    """``url`` where it lies under ``base``, spelt in the one way.

    Raises:
        Refused: ``detail.host``, ``detail.path``: it leads elsewhere.
        Rejected: ``detail.url``: it is no address.
    """
    spelt, place = normalised(url), normalised(base)
    parts = urlsplit(url) if spelt is not None else None
    if spelt is None or place is None or parts is None or parts.fragment or len(url) > _LONGEST:
        raise Rejected("detail.url", "name an http(s) address", at="url")
    if not _QUERY.fullmatch(parts.query):
        raise Rejected("detail.url", "name an http(s) address", at="url")
    there, pin = urlsplit(spelt), urlsplit(place)
    if (there.scheme, there.netloc) != (pin.scheme, pin.netloc):
        raise Refused("detail.host", "the feed's details come from the configured host alone", at="url")
    if not f"{there.path}/".startswith(pin.path.rstrip("/") + "/") or _climbs(there.path):
        raise Refused("detail.path", "the feed's details come from below the configured path alone", at="url")
    return f"{spelt}?{parts.query}" if parts.query else spelt


def _climbs(path: str) -> bool:
    """Whether a server that decodes once more, or takes a backslash for a slash, would read another path.

    Or one that cuts a segment's parameters off before it looks, as Java's do: ``/..;/`` climbs there.
    """
    lowered = path.lower()
    return any(hidden in lowered for hidden in ("%2f", "%5c", "%2e", "%25", "%3b")) or any(
        segment.partition(";")[0] in {".", ".."} for segment in path.split("/")
    )


class PinnedResolver(AbstractResolver):
    """Resolves names to addresses of one network alone; the connection is made to what was looked at."""

    def __init__(self, network: Network) -> None:
        self._allowed = ALLOWED[network]
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of ``host`` that may be called.

        Raises:
            OSError: there are none.
        """
        found = await self._inner.resolve(host, port, family)
        kept = [one for one in found if self._allowed(_meant(one["host"]))]
        if not kept:
            raise _Elsewhere(None, "no address of the configured network")
        return kept

    async def close(self) -> None:
        """Let the resolver go."""
        await self._inner.close()


class _Elsewhere(OSError):
    """A name leads to addresses of another network alone."""


def _meant(text: str) -> IPv4Address | IPv6Address:
    """The address that a packet would reach: an IPv4 address written as an IPv6 one is itself."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


class PinnedCaller:
    """Calls under one pinned address. ``seconds`` and ``limit`` (bytes) bound each call."""

    def __init__(self, *, base: str, network: Network, seconds: float, limit: int) -> None:
        self._base = base
        self._network: Network = network
        self._patience = aiohttp.ClientTimeout(total=seconds)
        self._limit = limit
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let every connection go."""
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, headers: Mapping[str, str]) -> bytes:
        """The body that is there. Raises as ``call``."""
        return await self.call("GET", url, headers)

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the answer to one call.

        Raises:
            Refused: the address leads elsewhere, or the answer does.
            Rejected: it is no address, or the answer is compressed.
            Unauthenticated: 401 or 403.
            Unknown: 404 or 410.
            TooLarge: the answer is over the limit.
            Unavailable: anything else; again later.
        """
        target = pinned(url, self._base)
        host = urlsplit(target).hostname or ""
        if _is_address(host) and not ALLOWED[self._network](_meant(host)):
            # aiohttp asks no resolver for what is an address already.
            raise Refused("detail.address", "the address is of another network than configured", at="url")
        told = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        try:
            async with self._opened().request(
                method,
                URL(target, encoded=True),
                headers=told,
                data=form,
                allow_redirects=False,
                timeout=self._patience,
            ) as response:
                _require(response)
                return await _within(response, self._limit)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _Elsewhere):
                raise Refused("detail.address", "the name leads to another network than configured", at="url") from None
            raise Unavailable("detail.away", "it did not answer; it is tried again") from None
        except aiohttp.InvalidURL:
            raise Rejected("detail.url", "name an http(s) address", at="url") from None
        except TimeoutError:
            raise Unavailable("detail.slow", "it took too long; it is tried again") from None
        except (aiohttp.ClientError, OSError):
            raise Unavailable("detail.away", "it did not answer; it is tried again") from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=PinnedResolver(self._network), use_dns_cache=False, limit=8)
            self._session = aiohttp.ClientSession(
                connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return self._session


def _is_address(host: str) -> bool:
    try:
        _ = _meant(host)
    except ValueError:
        return False
    return True


def _require(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == 200:
        return
    if 300 <= status < 400:
        raise Refused("detail.redirect", "the feed's details come from the configured host alone", at="status")
    if status in {401, 403}:
        raise Unauthenticated("detail.credential", "the hub is not let in there; mend its credential", at="status")
    if status in {404, 410}:
        raise Unknown("detail.unknown", "it is not there", at="status")
    raise Unavailable("detail.away", "it could not answer; it is tried again", at="status")


async def _within(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Rejected("detail.encoding", "it was asked for without compression", at="content-encoding")
    kept = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        kept += piece
        if len(kept) > limit:
            raise TooLarge("detail.too_large", "it is over the configured size", at="body")
    return bytes(kept)
