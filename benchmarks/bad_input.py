"""Ordinary senders beside bad ones: how much longer they wait, and how much memory the gateway takes.

The ordinary ones send at a fixed rate, a third of what the gateway took a moment before, over eight connections. Their
waits stand beside those of the same load alone, from runs that took turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from benchmarks import processes
from benchmarks.gateway import Gateway, gateway
from benchmarks.load.order import Order, Told
from benchmarks.measuring import Figure, Row, figure, in_turn
from benchmarks.sending import Load, load
from benchmarks.subject import Subject, Taken
from schemas.hub import Limits

SLOW, GIANT, BURST = (
    "64 senders of one byte a second",
    "messages just below the limit",
    "a burst of 10,000 messages",
)
FACTORS = {SLOW: 1.5, GIANT: 5.0, BURST: 10.0}
"""How many times as long others may wait beside each."""
MOST_MEMORY = 300
"""MiB that the gateway may take at most, whatever comes."""
_CONNECTIONS, _SECONDS = 8, 1.5
_PART_OF_PEAK = 1 / 3
_SLOW, _BURST_CONNECTIONS, _BURST_EACH = 64, 100, 100
_BURST_SECONDS = 40.0
_UNDER_WAY = 0.6
"""Seconds that a bad sender has before the ordinary ones begin."""


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """On SQLite, over MLLP."""
    async with AsyncExitStack() as stack:
        sender, other = [await stack.enter_async_context(load()) for _ in range(2)]
        hub = await stack.enter_async_context(gateway(None))
        await hub.start()
        ours = hub.subject()
        warm = await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS)
        rate = warm.per_second * _PART_OF_PEAK
        tell(f"bad input: ordinary senders at {rate:.0f} messages/s")
        made = await _beside(SLOW, ours, sender, rate, lambda: _slow(ours, other))
        made += await _beside(GIANT, ours, sender, rate, lambda: _giant(ours, other))
        made += await _burst(hub, ours, sender, other, rate)
    return made


def p99_title(bad: str) -> str:
    """The name of a row."""
    return f"p99 of others beside {bad}"


def waits_title(bad: str) -> str:
    """The name of a row: how many times as long others wait."""
    return f"p99 of others beside {bad}, over alone"


def memory_title(bad: str) -> str:
    """The name of a row."""
    return f"peak memory beside {bad}"


async def _slow(ours: Subject, other: Load) -> Told:
    order = ours.order("mllp", shape="slow", connections=_SLOW, seconds=_SECONDS + _UNDER_WAY)
    return await other.perform(order)


async def _giant(ours: Subject, other: Load) -> Told:
    size = Limits().message_bytes - 1024
    seconds = _SECONDS + _UNDER_WAY
    return await other.perform(ours.order("mllp", shape="giant", connections=1, seconds=seconds, size=size))


async def _beside(bad: str, ours: Subject, sender: Load, rate: float, send: Callable[[], Awaitable[Told]]) -> list[Row]:
    async def ordinary() -> Taken:
        return await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS, rate=rate)

    async def both() -> Taken:
        under_way = asyncio.ensure_future(send())
        await asyncio.sleep(_UNDER_WAY)
        taken = await ordinary()
        await under_way
        return taken

    taken = await in_turn({"alone": ordinary, "beside": both})
    return _rows(bad, taken["alone"], taken["beside"], note=f"ordinary senders at {rate:.0f} messages/s")


async def _burst(hub: Gateway, ours: Subject, sender: Load, other: Load, rate: float) -> list[Row]:
    """Once: ordinary senders before it, and for as long as it lasts."""
    alone = [await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS, rate=rate) for _ in range(3)]
    order: Order = ours.order(
        "mllp", shape="burst", connections=_BURST_CONNECTIONS, each=_BURST_EACH, seconds=_BURST_SECONDS
    )
    processes.begin_peak_anew(hub.pid)
    under_way = asyncio.ensure_future(other.perform(order))
    during: list[Taken] = []
    await asyncio.sleep(_UNDER_WAY)
    while not under_way.done():
        during.append(await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS, rate=rate))
    told = await under_way
    passed = told.last - told.first
    note = (
        f"{told.answered} of {_BURST_CONNECTIONS * _BURST_EACH} answered within {passed:.1f} s, {told.refused} refused"
    )
    return [
        Row(name=BURST, unit="messages/s", figure=Figure(runs=(told.answered / passed,)), note=note),
        *_rows(BURST, alone, during, note=note),
    ]


def _rows(bad: str, alone: list[Taken], beside: list[Taken], *, note: str) -> list[Row]:
    before = figure(alone, lambda run: run.p99)
    after = figure(beside, lambda run: run.p99)
    ratios = tuple(one / max(before.median, 1e-6) for one in after.runs)
    return [
        Row(name=p99_title(bad), unit="ms", figure=after, bound=before, bound_name="alone", less_is_better=True),
        Row(name=waits_title(bad), unit="ratio", figure=Figure(runs=ratios), less_is_better=True, note=note),
        Row(name=memory_title(bad), unit="MiB", figure=figure(beside, lambda run: run.peak), less_is_better=True),
    ]
