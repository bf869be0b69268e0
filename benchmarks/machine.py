"""The machine that was measured on, in neutral words: no names, no addresses."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import aiormq
import asyncpg

from benchmarks.gateway import postgres, rabbitmq
from benchmarks.loops import factory

_UNKNOWN = "not reached"


async def shape() -> dict[str, str]:
    """What it is made of, and the versions of what was measured with."""
    return {
        "processor": f"{os.cpu_count()} cores, {_first('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 1024 / 1024:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "other work": f"a load of {os.getloadavg()[0]:.1f} when this began",
        "Python": platform.python_version() + (", uvloop" if factory() else ""),
        "PostgreSQL": await _postgres(),
        "RabbitMQ": await _rabbitmq(),
    }


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


async def _postgres() -> str:
    try:
        connection = await asyncpg.connect(postgres())
    except (OSError, asyncpg.PostgresError):
        return _UNKNOWN
    try:
        return str(await connection.fetchval("SHOW server_version")).split(" ", maxsplit=1)[0]
    finally:
        await connection.close()


async def _rabbitmq() -> str:
    try:
        connection = await aiormq.connect(rabbitmq())
    except (OSError, aiormq.exceptions.AMQPError):
        return _UNKNOWN
    try:
        version = connection.server_properties["version"]
        return version.decode() if isinstance(version, bytes) else str(version)
    finally:
        await connection.close()
