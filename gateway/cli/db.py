"""``mash db``: the database upgraded, backed up, restored."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from gateway import backup as backups
from gateway.cli.opened import config_option, settings
from gateway.store import Store


@click.group()
def db() -> None:
    """The hub's database.

    Example: mash db backup hub.backup
    """


@db.command()
@config_option
def upgrade(config: Path | None) -> None:
    """Bring the database to this version's form; a second time does nothing.

    Example: mash db upgrade
    """
    asyncio.run(_upgrade(settings(config).database_url))
    click.echo("the database has this version's form")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def backup(file: Path, config: Path | None) -> None:
    """Write a whole, consistent copy of the database while the gateway may run. It holds nothing readable by itself.

    Keep the master key elsewhere: without it a backup can't be read, and with it, it can.

    Example: mash db backup hub-2026-11-02.backup
    """
    backups.backup(settings(config).database_url, file, os.environ)
    click.echo(f"backed up to {file}")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="The database holds something, which is lost.")
@config_option
def restore(file: Path, config: Path | None, *, replace: bool) -> None:
    """Restore a backup into the configured database. Stop the gateway first.

    Example: mash db restore hub-2026-11-02.backup && mash log verify
    """
    url = settings(config).database_url
    backups.restore(url, file, os.environ, replace=replace)
    asyncio.run(_upgrade(url))
    click.echo(f"restored from {file}; what was erased since is erased again when the hub opens it.")
    click.echo("Now check it: mash log verify --seen CHECKPOINT")


async def _upgrade(url: str) -> None:
    store = Store.open(url)
    try:
        await store.upgrade()
    finally:
        await store.close()
