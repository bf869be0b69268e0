"""Migrations, run in-process on both databases."""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

UPGRADE_LOCK = 0x6D617368_0001  # "mash", and a number of its own among the hub's advisory locks


async def upgrade(engine: AsyncEngine) -> None:
    """Run what is missing in one transaction: all of it or nothing."""
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        await connection.run_sync(_upgrade)


async def is_newest(engine: AsyncEngine) -> bool:
    """Tell whether the tables have the newest form that this version knows."""
    async with engine.connect() as connection:
        return await connection.run_sync(_is_newest)


def _upgrade(connection: Connection) -> None:
    with as_file(files("gateway.store").joinpath("migrations")) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "head")


def _is_newest(connection: Connection) -> bool:
    with as_file(files("gateway.store").joinpath("migrations")) as folder:
        newest = ScriptDirectory(str(folder)).get_heads()
    return tuple(newest) == MigrationContext.configure(connection).get_current_heads()
