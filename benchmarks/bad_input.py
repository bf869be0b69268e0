"""Ordinary senders beside bad ones: how much longer they wait, and how much memory the gateway takes.

The ordinary ones send at a fixed rate, a third of what the gateway took a moment before, over eight connections. Their
waits stand beside those of the same load alone, from runs that took turns; beside a burst, whose work has to be done
like any other, they stand beside those of the same load beside as many senders that wait for each answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

from benchmarks.gateway import gateway
from benchmarks.load.order import Told
from benchmarks.measuring import Figure, Row, figure, in_turn
from benchmarks.sending import Load, load
from benchmarks.subject import Subject, Taken
from schemas.hub import Limits

SLOW, GIANT, BURST = (
    "64 senders of one byte a second",
    "messages just below the limit",
    "a burst of 10,000 messages",
)
FACTORS = {SLOW: 1.5, GIANT: 5.0, BURST: 2.0}
"""How many times as long others may wait beside each as without it; for a burst, as beside as many orderly senders."""
MOST_MEMORY = 300
"""MiB that the gateway may take at most, whatever comes."""
_CONNECTIONS, _SECONDS = 8, 1.5
_PART_OF_PEAK = 1 / 3
_SLOW, _BURST_CONNECTIONS, _BURST_EACH = 64, 100, 100
_BURST_SECONDS = 40.0
_BURST_BASELINE = 5
_UNDER_WAY = 0.6
"""Seconds that a bad sender has before the ordinary ones begin."""


async def rows(_: Callable[[str], None]) -> list[Row]:
    """On SQLite, over MLLP."""
    async with AsyncExitStack() as stack:
        sender, other = [await stack.enter_async_context(load()) for _ in range(2)]
        hub = await stack.enter_async_context(gateway(None))
        await hub.start()
        ours = hub.subject()
        warm = await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS)
        rate = warm.per_second * _PART_OF_PEAK
        made = await _beside(SLOW, ours, sender, rate, lambda: _slow(ours, other))
        made += await _beside(GIANT, ours, sender, rate, lambda: _giant(ours, other))
        made += await _burst(ours, sender, other, warm.per_second)
    return made


def p99_title(bad: str) -> str:
    """The name of a row."""
    return f"p99 of others beside {bad}"


def waits_title(bad: str) -> str:
    """The name of a row: how many times as long others wait."""
    return f"p99 of others beside {bad}, over that without"


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
    taken = await in_turn(
        {
            "alone": lambda: _ordinary(ours, sender, rate),
            "beside": lambda: _both(ours, sender, rate, asyncio.ensure_future(send())),
        }
    )
    note = f"ordinary senders at {rate:.0f} messages/s"
    return _rows(bad, taken["alone"], taken["beside"], beside="alone", note=note)


async def _burst(ours: Subject, sender: Load, other: Load, peak: float) -> list[Row]:
    """Once, for as long as it lasts; before it, beside as many connections that wait for each answer.

    The ordinary ones send half of their fair share then: the figure is what sending ahead takes from others.
    """
    rate = peak * _CONNECTIONS / (_CONNECTIONS + _BURST_CONNECTIONS) / 2
    orderly = partial(ours.order, "mllp", connections=_BURST_CONNECTIONS, seconds=_SECONDS + _UNDER_WAY, most=20_000)
    fair = [
        await _both(ours, sender, rate, asyncio.ensure_future(other.perform(orderly()))) for _ in range(_BURST_BASELINE)
    ]
    order = ours.order("mllp", shape="burst", connections=_BURST_CONNECTIONS, each=_BURST_EACH, seconds=_BURST_SECONDS)
    under_way = asyncio.ensure_future(other.perform(order))
    during: list[Taken] = []
    await asyncio.sleep(_UNDER_WAY)
    while not under_way.done():
        during.append(await _ordinary(ours, sender, rate))
    told = await under_way
    passed = told.last - told.first
    note = (
        f"{told.answered} of {_BURST_CONNECTIONS * _BURST_EACH} answered within {passed:.1f} s, {told.refused} refused"
    )
    beside = f"beside {_BURST_CONNECTIONS} connections that wait for each answer"
    return [
        Row(name=BURST, unit="messages/s", figure=Figure(runs=(told.answered / passed,)), note=note),
        *_rows(BURST, fair, during, beside=beside, note=f"ordinary senders at {rate:.0f} messages/s"),
    ]


async def _ordinary(ours: Subject, sender: Load, rate: float) -> Taken:
    return await ours.take(sender, "mllp", connections=_CONNECTIONS, seconds=_SECONDS, rate=rate)


async def _both(ours: Subject, sender: Load, rate: float, bad: asyncio.Future[Told]) -> Taken:
    await asyncio.sleep(_UNDER_WAY)
    taken = await _ordinary(ours, sender, rate)
    await bad
    return taken


def _rows(bad: str, before: list[Taken], after: list[Taken], *, beside: str, note: str) -> list[Row]:
    usual, found = (figure(runs, lambda run: run.p99) for runs in (before, after))
    ratios = tuple(one / max(usual.median, 1e-6) for one in found.runs)
    return [
        Row(
            name=p99_title(bad),
            unit="ms",
            figure=found,
            bound=usual,
            bound_name=f"the same senders {beside}",
            less_is_better=True,
            note=note,
        ),
        Row(name=waits_title(bad), unit="ratio", figure=Figure(runs=ratios), less_is_better=True, note=note),
        Row(name=memory_title(bad), unit="MiB", figure=figure(after, lambda run: run.peak), less_is_better=True),
    ]
