"""Migrations, run in-process on both databases. Alembic is imported when there is something to do, and not before."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

UPGRADE_LOCK = 0x6D617368_0001  # "mash", and a number of its own among the hub's advisory locks
_VERSIONS = "alembic_version"


async def upgrade(engine: AsyncEngine) -> None:
    """Run what is missing in one transaction: all of it or nothing."""
    if await is_newest(engine):
        return
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
    from alembic import command  # noqa: PLC0415 - a start on a database that is up to date needs none of it
    from alembic.config import Config  # noqa: PLC0415 - the same

    with as_file(files("gateway.store").joinpath("migrations")) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "head")


def _is_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table(_VERSIONS):
        return False
    found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalars().all()  # noqa: S608 - a name of ours
    return list(found) == [newest()]


@cache
def newest() -> str:
    """The last revision: migrations follow one another, and their files' names begin with their numbers."""
    folder = files("gateway.store").joinpath("migrations").joinpath("versions")
    return max(file.name.partition("_")[0] for file in folder.iterdir() if file.name[:1].isdigit())
