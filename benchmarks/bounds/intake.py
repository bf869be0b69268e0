"""The bound of intake: the smallest honest program that takes HL7 and loses nothing, as durably as the gateway.

It does, for each message: over HTTP, two ES256 signatures verified with key objects and the proof's id used up in the
same commit (MLLP from this host authenticates nobody, as the gateway does there); every field looked at once; the
canonical record rendered; message, acknowledgement, record and people sealed, each under a data key of its own, under a
scope's key, under the hub's; keyed hashes of identity and look-up term; both looked up, one statement for a batch each;
the rows that the gateway leaves (``admitting``); a salted leaf and the nodes that it makes whole; a notice. Concurrent
messages share a commit, without a timer, and are answered after it. Notices are then published without waiting for each
other, with confirms, to a quorum queue (``publishing``), and deleted by the next commit.

It leaves out: settings, code maps, validation against a schema, quarantine, other formats, linkage beyond one term,
rules and suggestions, limits and time-outs, TLS, indexes for other purposes, several processes, the log's checkpoints,
metrics. It keeps the tree's right edge in memory. HTTP is aiohttp's server without its routes and middleware.

    python -m benchmarks.bounds.intake mllp|http PORT DATABASE    the rest comes on standard input, as JSON
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import cast

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from benchmarks import loops
from benchmarks.bounds.admitting import MEDIA_TYPE, Arrived, arrive
from benchmarks.bounds.publishing import Publisher
from benchmarks.bounds.sharing import Shared
from benchmarks.bounds.stores import Store, store
from benchmarks.bounds.verifying import Refused, Verifier, fresh_nonce
from sandbox.mllp import END, START

Kept = Shared[Arrived, bytes | None]


class Mllp(asyncio.Protocol):
    """One connection."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._came = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take every message that is whole."""
        *frames, self._came = (self._came + data).split(END)
        for frame in frames:
            self._kept.put(arrive(frame.removeprefix(START)), self._answer)

    def _answer(self, answer: bytes | None) -> None:
        if self._transport is not None and answer is not None:
            self._transport.write(START + answer + END)


class Http:
    """The handler of every request."""

    def __init__(self, kept: Kept, verifier: Verifier, hub: str) -> None:
        self._kept = kept
        self._verifier = verifier
        self._hub = hub

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        """Authenticate, then read, then keep, then answer."""
        token = request.headers.get("Authorization", "").partition(" ")[2]
        try:
            _, used = self._verifier.verify(token, request.headers.get("DPoP", ""), url=self._hub + request.path)
        except Refused:
            return web.Response(status=401, headers={"DPoP-Nonce": fresh_nonce()})
        answer = await self._kept.done(arrive(await request.read(), used))
        if answer is None:
            return web.Response(status=401)
        return web.Response(body=answer, content_type=MEDIA_TYPE)


def _kept(place: Store, publisher: Publisher) -> Kept:
    async def commit(batch: Sequence[Arrived]) -> Sequence[bytes | None]:
        change = await place.commit(batch, publisher.gone())
        publisher.publish(change.notices, batch[-1].at.isoformat())
        return change.answers

    return Shared(commit)


async def serve(over: str, port: int, url: str, told: dict[str, str]) -> None:
    """Take messages until told to stop."""
    publisher = await Publisher.connect(told.get("broker", ""), told.get("prefix", ""))
    async with store(url) as place:
        kept, loop = _kept(place, publisher), asyncio.get_running_loop()
        if over == "mllp":
            server = await loop.create_server(lambda: Mllp(kept), "127.0.0.1", port)
        else:
            issuer, holder = (
                cast("ec.EllipticCurvePublicKey", load_pem_public_key(told[name].encode()))
                for name in ("issuer", "holder")
            )
            handler = Http(kept, Verifier(issuer, holder), told["hub"])
            server = await loop.create_server(web.Server(handler), "127.0.0.1", port)
        async with server:
            await server.serve_forever()


def main() -> None:
    """Read what the harness tells, then serve."""
    _, over, port, url = sys.argv
    told = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=loops.factory()) as runner:
        runner.run(serve(over, int(port), url, told))


if __name__ == "__main__":
    main()
