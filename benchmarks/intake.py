"""Durable intake over MLLP: the gateway as a process, beside its bound as a process, on each database there is."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks.measuring import RUNS, Figure, Row
from sandbox import servers
from sandbox.borough import Place
from sandbox.failures import HubFailed
from sandbox.hub import Hub, free_ports

CONNECTIONS = (1, 16)
LOAD_SECONDS = 1.2
_START_SECONDS = 30.0
_STANDARD_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
_PATIENCE = 60


async def rows(tell: Callable[[str], None]) -> list[Row]:
    """SQLite always; PostgreSQL where one can be reached."""
    made = await _on("SQLite", None)
    server = os.environ.get("MASH_TEST_DATABASE_URL") or _STANDARD_POSTGRES
    try:
        made += await _on("PostgreSQL", server)
    except HubFailed as error:
        tell(f"no intake on PostgreSQL: {error}")
    return made


@asynccontextmanager
async def hub(server: str | None) -> AsyncIterator[Hub]:
    """A hub of the borough with nobody enrolled, laid out and not started, on a database of its own."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-bench-")))
        database = f"sqlite:///{directory / 'hub.sqlite3'}"
        if server is not None:
            database = await servers.create_database(server)
            stack.push_async_callback(servers.drop_database, server, database)
        http, mllp = free_ports(2)
        # Nobody signs in while intake is measured: there is no provider behind this issuer.
        place = Place(http_port=http, mllp_port=mllp, issuer="http://127.0.0.1:9", channel="mailbox")
        made = Hub(directory=directory, place=place, database_url=database, broker_url=None)
        await made.lay_out()
        stack.push_async_callback(made.stop)
        yield made


async def _on(database: str, server: str | None) -> list[Row]:
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(hub(server))
        await gateway.start()
        port = await stack.enter_async_context(_bound(server))
        ports = {"ours": gateway.place.mllp_port, "bound": port}
        return [_row(database, connections, ports) for connections in CONNECTIONS]


def _row(database: str, connections: int, ports: dict[str, int]) -> Row:
    taken: dict[str, list[float]] = {name: [] for name in ports}
    for name, port in ports.items():
        _load(port, connections)  # not counted
        taken[name].clear()
    for run in range(RUNS):
        for name in sorted(ports, reverse=run % 2 == 0):
            taken[name].append(_load(ports[name], connections))
    return Row(
        name=f"intake over MLLP, {database}, {connections} connection{'s' * (connections > 1)}",
        unit="messages/s",
        figure=Figure(runs=tuple(taken["ours"])),
        bound=Figure(runs=tuple(taken["bound"])),
        bound_name="split, seal, one commit for each message",
    )


def _load(port: int, connections: int) -> float:
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(connections), str(LOAD_SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    return float(json.loads(done.stdout)["per_second"])


@asynccontextmanager
async def _bound(server: str | None) -> AsyncIterator[int]:
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-bound-"))
        database = f"sqlite:///{directory}/bound.sqlite3"
        if server is not None:
            database = await servers.create_database(server)
            stack.push_async_callback(servers.drop_database, server, database)
        port = free_ports(1)[0]
        command = [sys.executable, "-m", "benchmarks.bounds.mllp_intake", str(port), database]
        process = await asyncio.create_subprocess_exec(*command)
        try:
            await _listening(port)
            yield port
        finally:
            process.kill()
            await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
