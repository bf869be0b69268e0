"""The migrations make exactly the tables that the code knows, once, on both databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.store import Store, upgrading
from gateway.store.tables import metadata
from tests.ports.store.conftest import BOTH


@pytest.fixture(params=BOTH)
def bare_url(request: pytest.FixtureRequest) -> str:
    """A database without any table."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgres": "bare_postgres_url"}[request.param]))


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def primary_keys(connection: Connection) -> dict[str, list[str]]:
    """Alembic's comparison leaves these out."""
    found = inspect(connection)
    return {name: found.get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}


def downgrade(connection: Connection, to: str = "base") -> list[str]:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(files("gateway.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    command.downgrade(config, to)
    return inspect(connection).get_table_names()


async def test_the_migrated_tables_are_the_ones_that_the_code_knows(bare_url: str) -> None:
    store = Store.open(bare_url)
    assert not await store.ready()
    await store.upgrade()
    assert await store.ready()
    await store.close()
    engine = create_async_engine(bare_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(primary_keys) == {
            name: [column.name for column in table.primary_key] for name, table in metadata.tables.items()
        }
    await engine.dispose()


async def test_replicas_that_start_together_take_turns_to_upgrade(bare_url: str) -> None:
    stores = [Store.open(bare_url) for _ in range(3)]
    await asyncio.gather(*(store.upgrade() for store in stores))
    assert all([await store.ready() for store in stores])
    for store in stores:
        await store.close()


async def test_a_downgrade_takes_every_table_away(bare_url: str) -> None:
    store = Store.open(bare_url)
    await store.upgrade()
    engine = create_async_engine(bare_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(downgrade) == ["alembic_version"]
    await engine.dispose()
    assert not await store.ready()
    await store.close()


def test_the_newest_form_is_known_without_alembic() -> None:
    script = ScriptDirectory(str(files("gateway.store").joinpath("migrations")))
    assert [upgrading.newest()] == list(script.get_heads())
    revisions = sorted(one.revision for one in script.walk_revisions())
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)], "one line, in their order"


async def test_an_older_form_is_brought_to_the_newest(bare_url: str) -> None:
    store = Store.open(bare_url)
    await store.upgrade()
    engine = create_async_engine(bare_url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda given: downgrade(given, "0001"))
    assert not await store.ready()
    await store.upgrade()
    assert await store.ready()
    async with engine.connect() as reading:
        assert await reading.run_sync(differences) == []
    await engine.dispose()
    await store.close()


def test_a_start_on_a_database_that_is_up_to_date_imports_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    script = (
        "import asyncio, sys\nfrom gateway.store import Store\n"
        "async def main():\n    store = Store.open(sys.argv[1])\n    await store.upgrade()\n"
        "    assert await store.ready()\n    await store.close()\n"
        "asyncio.run(main())\nprint('alembic' in sys.modules)\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", script, url], check=True, capture_output=True, text=True).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]
