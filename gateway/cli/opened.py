"""A hub's gateway, opened for one command and closed behind it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import click

from gateway.agencies import Agencies
from gateway.keys import Keys
from gateway.log import Log
from gateway.rehash import Rehash
from gateway.settings import Settings, load
from gateway.store import Store
from gateway.trust import Trust
from gateway.vault import Vault
from gateway.world import World

T = TypeVar("T")
OPERATOR = "operator"
"""The actor of what is done by command: whoever may use the hub's database and master key."""

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The hub's file; otherwise MASH_CONFIG names it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


class Opened(Protocol):
    """What commands use of a gateway."""

    @property
    def store(self) -> Store: ...  # noqa: D102 - the composition root's word for it
    @property
    def keys(self) -> Keys: ...  # noqa: D102 - the composition root's word for it
    @property
    def vault(self) -> Vault: ...  # noqa: D102 - the composition root's word for it
    @property
    def rehash(self) -> Rehash: ...  # noqa: D102 - the composition root's word for it
    @property
    def log(self) -> Log: ...  # noqa: D102 - the composition root's word for it
    @property
    def agencies(self) -> Agencies: ...  # noqa: D102 - the composition root's word for it
    @property
    def trust(self) -> Trust: ...  # noqa: D102 - the composition root's word for it
    @property
    def world(self) -> World: ...  # noqa: D102 - the composition root's word for it


def settings(config: Path | None) -> Settings:
    """The hub's settings, from its file and the environment.

    Raises:
        Rejected: something is missing or wrong, with what to do.
    """
    return load(config, os.environ)


@asynccontextmanager
async def opening(config: Path | None) -> AsyncIterator[Opened]:
    """The gateway of the hub that is configured, for as long as the block runs.

    Raises:
        Rejected: the settings or the master key.
        Unavailable: the store is not there.
    """
    # Not before it is needed: it imports every part of the gateway, and --help should not wait for that.
    from gateway.bootstrap import bootstrap  # noqa: PLC0415 - imported when it is needed and not before

    async with bootstrap(settings(config)) as gateway:
        yield gateway


def run(config: Path | None, body: Callable[[Opened], Awaitable[T]]) -> T:
    """What ``body`` gives, run with the hub's gateway."""

    async def opened() -> T:
        async with opening(config) as gateway:
            return await body(gateway)

    return asyncio.run(opened())


def table(rows: list[tuple[str, ...]]) -> None:
    """Write rows in columns, the first of them as headings."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
