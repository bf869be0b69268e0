"""Durable intake: from the first message until the last is acknowledged, and confirmed on a quorum queue.

The gateway, its bound and its peer are processes of their own and take turns; a third process sends. Where the gateway
announces what arrived, a run ends when the broker has confirmed every message of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import asyncpg
from aiormq.abc import AbstractConnection

from benchmarks import beside, gateway
from benchmarks.arrivals import broker
from benchmarks.load.order import Over
from benchmarks.measuring import RUNS, Figure, Row, figure, in_turn
from benchmarks.sending import Load, load
from benchmarks.subject import Subject, Taken
from benchmarks.wire_cut import Wire
from sandbox.failures import HubFailed

OVERS: tuple[Over, ...] = ("mllp", "http")
DATABASES = ("SQLite", "PostgreSQL")
SPOKEN = {"mllp": "MLLP", "http": "HTTP", "amqp": "AMQP"}
MANY = 64
AWAY, AWAY_P99 = "p99 with the broker away over that with it", "broker away, p99"
CONNECTIONS = {1: 0.8, 8: 0.8, MANY: 1.2}
"""How many at once, and for how many seconds a run goes on."""
_STEADY_SECONDS = 1.2
_TOO_BUSY = 0.7
"""A load that works for more of the time than this may be what is measured."""
_BOUND_NAME = "the same work and durability, and no more"
_PEER_NAME = "python-hl7's MLLP server, one SQLite commit a message"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every cell is measured with."""

    load: Load
    broker: AbstractConnection | None
    url: str


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """SQLite always; PostgreSQL and the broker where they can be reached."""
    made: list[Row] = []
    async with AsyncExitStack() as stack:
        ground = await lay_ground(stack, tell)
        peers = [await stack.enter_async_context(beside.python_hl7())]
        if (engine := beside.engine()) is not None:
            peers.append(engine)
        for database in DATABASES:
            try:
                made += await _on(database, ground, peers)
            except HubFailed as error:
                tell(f"no intake on {database}: {error}")
    return made


async def lay_ground(stack: AsyncExitStack, tell: Callable[[str], None]) -> Ground:
    """A load, and a connection to the broker where there is one."""
    sender, connection, url = await stack.enter_async_context(load()), None, gateway.rabbitmq()
    try:
        connection = await stack.enter_async_context(broker(url))
    except OSError as error:
        tell(f"no broker ({type(error).__name__}): intake is measured to the acknowledgement alone")
    if connection is not None and not gateway.announces():
        tell("this gateway announces no arrivals: its intake is measured to the acknowledgement alone")
    return Ground(load=sender, broker=connection, url=url if connection else "")


def server_of(database: str) -> str | None:
    """Where the database of this kind is: None for the embedded one."""
    return gateway.postgres() if database == "PostgreSQL" else None


def title(over: Over, database: str, connections: int) -> str:
    """The name of a row."""
    return f"intake over {SPOKEN[over]}, {database}, {connections} connection{'s' * (connections > 1)}"


def half_title(over: Over, database: str) -> str:
    """The name of a row at half of the peak rate."""
    return f"intake over {SPOKEN[over]}, {database}, at half of the peak rate"


async def _on(database: str, ground: Ground, peers: Sequence[Subject]) -> list[Row]:
    made: list[Row] = []
    server = server_of(database)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(gateway.gateway(server, broker=ground.url))
        await hub.start(broker=ground.url)
        ours = hub.subject(ground.broker, ground.url)
        away = await _cut_off(stack, server, ground) if ground.broker else None
        for over in OVERS:
            async with beside.intake_bound(over, server, ground.broker, ground.url) as bound:
                await _warm(ground, over, [ours, bound])
                for connections in CONNECTIONS:
                    beside_us = peers if connections == MANY else []
                    made += await _cell(ground, over, database, connections, [ours, bound, *beside_us])
            peak = next(row for row in made if row.name == title(over, database, MANY)).figure.median
            made += await _steady(ground, over, database, peak / 2, [ours, *([away] if away else [])])
        if ground.broker is not None:
            made += await _over_amqp(ground, database, ours)
    return made


async def _cut_off(stack: AsyncExitStack, server: str | None, ground: Ground) -> Subject:
    """A gateway whose broker went away after it had started."""
    wire = Wire(ground.url)
    hub = await stack.enter_async_context(gateway.gateway(server, broker=ground.url))
    await hub.start(broker=await wire.open())
    await hub.connected(ground.broker)
    await wire.cut()
    return hub.subject()


async def _warm(ground: Ground, over: Over, subjects: Sequence[Subject]) -> None:
    """Bring every subject to its usual state: all is loaded, and PostgreSQL knows how its tables are filled."""
    for subject in subjects:
        await subject.take(ground.load, over, connections=MANY, seconds=CONNECTIONS[MANY])
        if subject.database.startswith("postgresql"):
            connection = await asyncpg.connect(subject.database)
            await connection.execute("ANALYZE")
            await connection.close()


async def _cell(ground: Ground, over: Over, database: str, connections: int, subjects: Sequence[Subject]) -> list[Row]:
    seconds = CONNECTIONS[connections]
    taken = await in_turn({one.name: _run(ground, one, over, connections, seconds=seconds) for one in subjects})
    name, ours, bound = title(over, database, connections), taken["ours"], taken["bound"]
    peer = taken.get("python-hl7")
    troubled = {one: sum(run.trouble for run in runs) for one, runs in taken.items() if one != "ours"}
    note = "; ".join(
        (
            _note(subjects[0], ours),
            *(f"{one}: {count} not accepted or not confirmed" for one, count in troubled.items() if count),
        )
    )

    def row(unit: str, of: Callable[[Taken], float], *, more: str = "", less: bool = True) -> Row:
        return Row(
            name=f"{name}{more}",
            unit=unit,
            figure=figure(ours, of),
            bound=figure(bound, of),
            bound_name=_BOUND_NAME,
            peer=figure(peer, of) if (peer and over == "mllp") or (peer and not less) else None,
            peer_name=_PEER_NAME if (peer and over == "mllp") or (peer and not less) else "",
            less_is_better=less,
            note=note,
        )

    made = [
        row("messages/s", lambda run: run.per_second, less=False),
        row("ms", lambda run: run.p50, more=", p50"),
        row("ms", lambda run: run.p99, more=", p99"),
        row("ms of processor a message", lambda run: run.cpu, more=", processor"),
        row("MiB", lambda run: run.peak, more=", peak memory"),
    ]
    if beside.ENGINE in taken and over == "mllp":
        made += _beside_engine(made, taken[beside.ENGINE])
    return made


def engine_title(database: str, more: str = "") -> str:
    """The name of a row beside Open Integration Engine."""
    return f"{title('mllp', database, MANY)}{more}, beside {beside.ENGINE}"


def _beside_engine(rows: Sequence[Row], runs: Sequence[Taken]) -> list[Row]:
    """The rate and the p99 once more, beside the engine as it was set up by whoever named its port."""
    rate, _, p99, *_ = rows
    return [
        replace(row, name=f"{row.name}, beside {beside.ENGINE}", peer=figure(runs, of), peer_name=beside.ENGINE)
        for row, of in ((rate, lambda run: run.per_second), (p99, lambda run: run.p99))
    ]


def _run(
    ground: Ground, subject: Subject, over: Over, connections: int, *, seconds: float, rate: float | None = None
) -> Callable[[], Awaitable[Taken]]:
    # python-hl7's server speaks MLLP alone: it stands beside the gateway's HTTP too.
    spoken: Over = over if over in subject.ports else "mllp"
    return lambda: subject.take(ground.load, spoken, connections=connections, seconds=seconds, rate=rate)


def _note(subject: Subject, runs: Sequence[Taken]) -> str:
    told = "confirmed on a quorum queue" if subject.queue is not None else "acknowledged; no notices on a queue"
    trouble = sum(run.trouble for run in runs)
    told += f"; {trouble} not accepted or not confirmed" if trouble else ""
    busiest = max(run.load for run in runs)
    return told + (f"; the load was busy {busiest:.0%} of the time" if busiest > _TOO_BUSY else "")


async def _steady(ground: Ground, over: Over, database: str, rate: float, subjects: Sequence[Subject]) -> list[Row]:
    """At a fixed rate, from the intended time of each message: with the broker, and with it gone."""
    names = ["there", "away"][: len(subjects)]
    runs = {
        name: _run(ground, subject, over, MANY, seconds=_STEADY_SECONDS, rate=rate)
        for name, subject in zip(names, subjects, strict=True)
    }
    taken = await in_turn(runs)
    there, name = taken["there"], half_title(over, database)
    note = f"{rate:.0f} messages/s, open loop; {_note(subjects[0], there)}"
    made = [
        Row(name=f"{name}, p50", unit="ms", figure=figure(there, lambda run: run.p50), less_is_better=True, note=note),
        Row(name=f"{name}, p99", unit="ms", figure=figure(there, lambda run: run.p99), less_is_better=True, note=note),
        Row(
            name=f"{name}, p99 over p50",
            unit="ratio",
            figure=figure(there, lambda run: run.p99 / max(run.p50, 1e-6)),
            less_is_better=True,
            note=note,
        ),
    ]
    if "away" in taken:
        pairs = list(zip(taken["away"], there, strict=True))
        made += [
            Row(
                name=f"{name}, {AWAY_P99}",
                unit="ms",
                figure=figure(taken["away"], lambda run: run.p99),
                less_is_better=True,
                note=note,
            ),
            Row(
                name=f"{name}, {AWAY}",
                unit="ratio",
                figure=Figure(runs=_ratio_of_medians(pairs)),
                less_is_better=True,
                note=note,
            ),
        ]
    return made


def _ratio_of_medians(pairs: Sequence[tuple[Taken, Taken]]) -> tuple[float, ...]:
    """The ratio of the middle waits, for each way to leave out one pair of runs: its spread is how sure it is."""
    made = []
    for left_out in range(len(pairs)):
        kept = [pair for place, pair in enumerate(pairs) if place != left_out]
        away, there = (figure([pair[side] for pair in kept], lambda run: run.p99).median for side in (0, 1))
        made.append(away / max(there, 1e-6))
    return tuple(made)


async def _over_amqp(ground: Ground, database: str, ours: Subject) -> list[Row]:
    taken = await in_turn({"ours": _run(ground, ours, "amqp", MANY, seconds=CONNECTIONS[MANY])}, runs=RUNS)
    runs, name, note = taken["ours"], f"intake over AMQP, {database}, {MANY} under way", _note(ours, taken["ours"])
    return [
        Row(name=name, unit="messages/s", figure=figure(runs, lambda run: run.per_second), note=note),
        Row(name=f"{name}, p99", unit="ms", figure=figure(runs, lambda run: run.p99), less_is_better=True, note=note),
    ]
