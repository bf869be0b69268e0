"""A private PostgreSQL survives a kill, and a run's database is its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.services import probe
from tests.services.postgres import PrivatePostgres
from tests.services.process import ServiceFailed, await_end

ROOT = Path(__file__).parents[2]
STARTS_AND_WAITS = """
import os, time
from tests.services.postgres import private_postgres
made = private_postgres(owner=os.getpid())
warden = made.start()
with open(1, "w", closefd=False) as out:
    out.write(f"{warden} {made.folder} {made.url}\\n")
time.sleep(600)
"""


async def test_the_database_is_empty_and_of_this_workers_own(postgres_url: str) -> None:
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        name = await connection.scalar(text("SELECT current_database()"))
        tables = await connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    await engine.dispose()
    assert str(name).startswith("mash_test_")
    assert isinstance(tables, int)


def test_what_was_committed_survives_a_kill(private_postgres: Callable[[], PrivatePostgres]) -> None:
    server = private_postgres()
    probe.execute(server.url, "CREATE TABLE kept (name text PRIMARY KEY)", "INSERT INTO kept VALUES ('first')")
    server.kill()
    assert probe.postgres_trouble(server.url) != ""
    server.start()
    with pytest.raises(asyncpg.UniqueViolationError):
        probe.execute(server.url, "INSERT INTO kept VALUES ('first')")


def test_a_server_that_cannot_start_shows_the_end_of_its_log(private_postgres: Callable[[], PrivatePostgres]) -> None:
    server = private_postgres()
    server.stop()
    (server.folder / "data" / "PG_VERSION").unlink()
    with pytest.raises(ServiceFailed, match="postgres ended; its log ends"):
        server.start()


def test_a_server_ends_and_its_folder_goes_when_its_tests_were_killed() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}
    )
    assert owner.stdout is not None
    with owner.stdout:
        warden, folder, url = owner.stdout.readline().split()
    assert probe.postgres_trouble(url) == ""
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert await_end(int(warden), 30)
    assert probe.postgres_trouble(url) != ""
    until = time.monotonic() + 5
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(folder).exists()
