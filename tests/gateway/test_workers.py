"""``mash serve --workers 2`` on PostgreSQL: one hub behind one HTTP and one MLLP port, whoever of the two answers."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.mllp import END, START
from tests.gateway import borough
from tests.gateway.ground import Ground
from tests.gateway.natives import child, registration

SECONDS = 60.0
ONLY_SERVERS = pytest.mark.parametrize("both", ["servers"], indirect=True)


def mash(place: Ground, *more: str) -> list[str]:
    return [str(Path(sys.executable).with_name("mash")), "serve", "--config", str(place.config), *more]


def environment(place: Ground) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
    return {**inherited, **place.environment()}


def without_the_tests_own_adapter(made: borough.Document) -> None:
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]


async def answered(place: Ground, body: bytes) -> bytes:
    """The acknowledgement of one message, over a connection of its own."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", place.ports[1])
        writer.write(START + body + END)
        framed = await reader.readuntil(END)
        writer.close()
    return framed


async def ready(place: Ground) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{place.url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@ONLY_SERVERS
@pytest.mark.slow
async def test_two_serve_as_one_and_end_together(place: Ground, tmp_path: Path) -> None:
    place.settings(without_the_tests_own_adapter)
    log = tmp_path / "serve.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *mash(place, "--workers", "2"), env=environment(place), stderr=output
        )
    try:
        async with asyncio.timeout(SECONDS):
            while log.read_text("utf-8").count('"serving"') < 2:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.05)
        assert await ready(place)
        sent = [registration(child(number), control_id=f"WORK{number}") for number in range(1, 25)]
        told = await asyncio.gather(*(answered(place, body) for body in sent))
        assert [b"MSA|AA|" in answer for answer in told] == [True] * 24
        again = await asyncio.gather(*(answered(place, body) for body in sent))
        assert again == told, "whichever of them answers: the first acknowledgement"
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SECONDS):
            assert await process.wait() == 0
    written = log.read_text("utf-8")
    assert written.count('"stopping"') == 2
    assert "bug" not in written


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_sqlite_is_for_one_process(place: Ground) -> None:
    place.settings()
    process = await asyncio.create_subprocess_exec(
        *mash(place, "--workers", "2"), env=environment(place), stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1
    assert b"config.workers" in said
    assert b"PostgreSQL" in said
