"""A sender of HL7 over MLLP as a process of its own: as many messages as a server answers within a time.

Each connection sends its next message when the last was answered. Every tenth is a concern, the rest registrations.

    python -m benchmarks.load PORT CONNECTIONS SECONDS
"""

from __future__ import annotations

import asyncio
import json
import secrets
import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta

from sandbox.mllp import END, START
from sandbox.natives import health
from sandbox.natives.health import Pregnancy
from sandbox.people import Character, nhs_number

CONCERN_EVERY = 10
_AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
_PEOPLE = 400_000


def registration(number: int, run: str) -> bytes:
    """ADT^A28 about somebody new."""
    address = ("7 Synthetic Row", "Testborough", "ZZ99 3VZ")
    return health.registration(f"{run}{number}", _AT, _somebody(number), event="A28", address=address)


def concern(number: int, run: str) -> bytes:
    """REF^I12 about an unborn child of somebody new."""
    told = Pregnancy(
        mother=_somebody(number),
        expected=date(2026, 11, 2),
        practice="Synthetic Surgery",
        doctor="S. Ynthetic",
        reason="Unborn child",
        narrative=("Thirteen weeks pregnant.", "Earlier children were placed in care."),
    )
    return health.unborn_referral(f"{run}{number}", _AT, told)


def _somebody(number: int) -> Character:
    letters = "".join(chr(ord("a") + int(one)) for one in str(number))
    born = date(1990, 1, 1) + timedelta(days=number % 5000)
    serial = 100_000 + number * 2 % _PEOPLE
    return Character(given=f"Given{letters}", family=f"Family{letters}", born=born, sex="2", nhs=nhs_number(serial))


async def _connection(port: int, first: int, step: int, run: str, until: float) -> list[float]:
    waits: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000_000)
    number = first
    while time.perf_counter() < until:
        message = concern(number, run) if number % CONCERN_EVERY == 0 else registration(number, run)
        began = time.perf_counter()
        writer.write(START + message + END)
        answer = await reader.readuntil(END)
        waits.append(time.perf_counter() - began)
        if b"\rMSA|AA|" not in answer:
            raise SystemExit("a message was not accepted")
        number += step
    writer.close()
    await writer.wait_closed()
    return waits


async def load(port: int, connections: int, seconds: float) -> dict[str, float]:
    """Send; messages answered per second, and the median and the 99th percentile of the wait in milliseconds."""
    run, start = secrets.token_hex(5).upper(), secrets.randbelow(_PEOPLE // 4)
    began = time.perf_counter()
    each = await asyncio.gather(
        *(_connection(port, start + place, connections, run, began + seconds) for place in range(connections))
    )
    passed = time.perf_counter() - began
    waits = sorted(wait for one in each for wait in one)
    return {
        "per_second": len(waits) / passed,
        "p50_ms": statistics.median(waits) * 1000,
        "p99_ms": waits[min(len(waits) - 1, len(waits) * 99 // 100)] * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
