"""The load's HTTP: answers whole and in pieces, accepted and not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.load.http import HttpConnection, Prover
from benchmarks.load.pace import Run
from benchmarks.load.possession import Holder


@asynccontextmanager
async def server(seen: list[tuple[str, str, bytes]], statuses: list[int]) -> AsyncIterator[int]:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        seen.append((request.headers["Authorization"], request.headers["DPoP"], await request.read()))
        return web.Response(status=statuses[len(seen) % len(statuses)], body=b"x" * 100_000)

    listening = await asyncio.get_running_loop().create_server(web.Server(answer), "127.0.0.1", 0)
    async with listening:
        yield int(listening.sockets[0].getsockname()[1])


async def sent(port: int, most: int) -> Run:
    run = Run(connections=2, seconds=30, most=most)
    holder = Holder(dpop=ec.generate_private_key(ec.SECP256R1()))
    prover = Prover(holder, "http://hub", [("/v1/feeds/bench/notifications", "token")])
    prover.sign_ahead(most // 2)
    made: list[HttpConnection] = []

    def connection() -> HttpConnection:
        made.append(HttpConnection(run, lambda: b"MSH|", prover, "hub", "application/hl7-v2"))
        return made[-1]

    async def connect() -> None:
        await asyncio.get_running_loop().create_connection(connection, "127.0.0.1", port)

    await run.measure(connect)
    for one in made:
        assert one.transport is not None
        one.transport.close()
    return run


async def test_each_request_has_the_token_the_message_and_a_proof_of_its_own() -> None:
    seen: list[tuple[str, str, bytes]] = []
    async with server(seen, [200]) as port:
        run = await sent(port, 10)
    assert len(run.waits) == 10
    assert {(token, body) for token, _, body in seen} == {("DPoP token", b"MSH|")}
    assert len({proof for _, proof, _ in seen}) == 10


async def test_what_is_not_accepted_counts_apart() -> None:
    async with server([], [200, 503]) as port:
        run = await sent(port, 10)
    assert (len(run.waits), run.refused) == (5, 5)
