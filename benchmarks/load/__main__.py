"""The load as a process of its own: an order a line on standard input, a report a line on standard output.

echo '{"over": "mllp", "port": 2575, ...}' | python -m benchmarks.load
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any

from benchmarks import loops
from benchmarks.load import amqp, hostile, messages
from benchmarks.load.http import HttpConnection, Prover
from benchmarks.load.messages import Mix
from benchmarks.load.mllp import MllpConnection
from benchmarks.load.order import Order, Told, parse
from benchmarks.load.pace import Connection, Run
from benchmarks.load.possession import Holder, load_key

_TOKEN_SECONDS = 100.0


class Supply:
    """Messages made before the clock runs, as far as they were asked for."""

    def __init__(self, order: Order) -> None:
        self._mix = Mix(run=secrets.token_hex(3).upper(), first=order.first, lag=messages.lag(order.connections))
        self._size = order.size
        self._numbers = count()
        ahead = min(order.ahead, order.most) if not order.size else 1
        self._ready = deque(self._made() for _ in range(ahead))

    def take(self) -> bytes:
        """The next message."""
        return self._ready.popleft() if self._ready else self._made()

    def _made(self) -> bytes:
        number = next(self._numbers)
        if self._size:
            return messages.giant(self._mix.first + number, self._mix.run, self._size)
        return self._mix.message(number)


class Clients:
    """The holders of keys by hub, with their tokens: fetched once and used for a while."""

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}
        self._tokens: dict[str, tuple[str, float]] = {}

    def of(self, order: Order) -> tuple[Holder, str]:
        """The holder for this order, with a nonce, and its access token."""
        credential = order.credential
        assert credential is not None
        holder = self._holders.setdefault(credential.hub, Holder(dpop=load_key(credential.dpop)))
        token, until = self._tokens.get(credential.hub, ("", 0.0))
        if time.monotonic() > until:
            if credential.token:
                token = credential.token
                holder.challenge(credential.hub + (order.path or "/"), token)
            else:
                key = load_key(credential.authentication)
                token = holder.fetch(credential.hub, credential.client_id, credential.kid, key)
            self._tokens[credential.hub] = (token, time.monotonic() + _TOKEN_SECONDS)
        return holder, token


async def perform(order: Order, clients: Clients) -> Told:
    """Do what the order says."""
    match order.shape:
        case "slow":
            return await _slow(order)
        case "burst":
            return await _burst(order)
        case _:
            return await _paced(order, clients)


async def _paced(order: Order, clients: Clients) -> Told:
    run = Run(connections=order.connections, seconds=order.seconds, most=order.most, rate=order.rate)
    async with contextlib.AsyncExitStack() as stack:
        connect, connections = await _way(order, run, clients, stack)
        began = time.process_time()
        with contextlib.suppress(TimeoutError):  # what is owed is told
            await run.measure(connect)
        spent = time.process_time() - began
        for connection in connections:
            if connection.transport is not None:
                connection.transport.close()
    return _told(
        run.waits, refused=run.refused, lost=run.lost, owed=run.owed, first=run.first, last=run.last, cpu=spent
    )


async def _way(
    order: Order, run: Run, clients: Clients, stack: contextlib.AsyncExitStack
) -> tuple[Callable[[], Coroutine[Any, Any, object]], list[Connection]]:
    """How a connection of this run is made."""
    made: list[Connection] = []
    make: Callable[[], Connection]
    if order.over == "amqp":
        connection, channel = await amqp.connect(order.broker)
        stack.push_async_callback(connection.close)
        exchange = amqp.Exchange(
            channel,
            exchange=order.exchange,
            feed=order.feed,
            user=order.user,
            media_type=messages.MEDIA_TYPE,
        )
        await exchange.listen()
        supply = Supply(order)

        async def join() -> None:
            run.joined(amqp.AmqpSender(run, supply.take, exchange))

        return join, made
    if order.over == "http":
        make = _http(order, run, clients)
    else:
        supply = Supply(order)

        def make() -> Connection:
            return MllpConnection(run, supply.take)

    def kept() -> Connection:
        made.append(make())
        return made[-1]

    async def connect() -> None:
        await asyncio.get_running_loop().create_connection(kept, order.host, order.port)

    return connect, made


def _http(order: Order, run: Run, clients: Clients) -> Callable[[], Connection]:
    holder, token = clients.of(order)
    assert order.credential is not None
    take: Callable[[], bytes] = Supply(order).take if order.shape != "openings" else bytes
    targets = [(f"/v1/envelopes/{name}/open", each) for name, each in order.envelopes] or [(order.path, token)]
    prover = Prover(holder, order.credential.hub, targets)
    prover.sign_ahead(min(order.ahead, order.most))
    return lambda: HttpConnection(run, take, prover, f"{order.host}:{order.port}", messages.MEDIA_TYPE)


async def _slow(order: Order) -> Told:
    first = time.monotonic()
    cut = await hostile.slowly(order.port, order.connections, order.seconds, Supply(order).take)
    return _told([], refused=0, lost=cut, owed=0, first=first, last=time.monotonic(), cpu=0.0)


async def _burst(order: Order) -> Told:
    supply, loop = Supply(order), asyncio.get_running_loop()
    senders = [hostile.Burst([supply.take() for _ in range(order.each)]) for _ in range(order.connections)]
    transports = [(await loop.create_connection(each.itself, order.host, order.port))[0] for each in senders]
    first = time.monotonic()
    for sender in senders:
        sender.start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(order.seconds):
            await asyncio.gather(*(sender.done.wait() for sender in senders))
    last = time.monotonic()
    for transport in transports:
        transport.abort()
    return _told(
        [wait for sender in senders for wait in sender.waits],
        refused=sum(sender.refused for sender in senders),
        lost=0,
        owed=sum(sender.owed for sender in senders),
        first=first,
        last=last,
        cpu=0.0,
    )


def _told(waits: Sequence[float], *, refused: int, lost: int, owed: int, first: float, last: float, cpu: float) -> Told:
    ordered = sorted(waits) or [0.0]
    return Told(
        answered=len(waits),
        refused=refused,
        lost=lost,
        owed=owed,
        first=first,
        last=last,
        p50=statistics.median(ordered),
        p99=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        longest=ordered[-1],
        cpu=cpu,
    )


def main() -> None:
    """Perform orders until there are no more."""
    clients = Clients()
    with asyncio.Runner(loop_factory=loops.factory()) as runner:
        for line in sys.stdin:
            print(runner.run(perform(parse(line), clients)).line(), flush=True)


if __name__ == "__main__":
    main()
