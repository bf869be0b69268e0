"""A copy of a hub to rehearse on: its database as a backup has it, its keys, its file, and a clock that is moved."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway import backup as backups
from gateway.bootstrap import Gateway, bootstrap
from gateway.settings import Settings
from gateway.world import World
from schemas.errors import Rejected

SCRATCH = "MASH_DRILL_DATABASE_URL"


class Ahead:
    """The time, as far ahead of the real one as it was moved: what a rehearsal would wait for is over at once."""

    def __init__(self, world: World) -> None:
        self._now = world.now
        self._moved = timedelta(0)

    def __call__(self) -> datetime:
        """The time, aware UTC."""
        return self._now() + self._moved

    def pass_by(self, time: timedelta) -> None:
        """Let this much time pass."""
        self._moved += time


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Two gateways on the copy, as two processes of a hub; neither has a broker or listens anywhere."""

    here: Gateway
    there: Gateway
    clock: Ahead


@asynccontextmanager
async def copied(settings: Settings, world: World, environ: Mapping[str, str]) -> AsyncIterator[Copy]:
    """A copy of the hub, gone when the block ends. The hub may serve meanwhile: it is only read, by its backup.

    SQLite is copied into a private temporary file. Of PostgreSQL, ``MASH_DRILL_DATABASE_URL`` names an empty database
    to restore into; what it held is lost.

    Raises:
        Rejected: there is no such database, or it is the hub's own.
        Unavailable: a database is not there, or PostgreSQL's programs are not installed.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-drill-")))
        file = folder / "copy.sqlite3"
        await asyncio.to_thread(backups.backup, settings.database_url, file, environ)
        url = f"sqlite:///{file}"
        if make_url(settings.database_url).get_backend_name() != "sqlite":
            url = _scratch(settings, environ)
            await asyncio.to_thread(backups.restore, url, file, environ, replace=True)
        clock = Ahead(world)
        moved = World(now=clock, random=world.random)
        copy = replace(settings, database_url=url, broker_url=None)
        here = await stack.enter_async_context(bootstrap(copy, moved))
        there = await stack.enter_async_context(bootstrap(copy, moved))
        yield Copy(here=here, there=there, clock=clock)


def _scratch(settings: Settings, environ: Mapping[str, str]) -> str:
    url = environ.get(SCRATCH, "")
    if not url:
        raise Rejected("drill.scratch", "name an empty PostgreSQL database to rehearse in", at=SCRATCH)
    own, other = make_url(settings.database_url), make_url(url)
    if (own.host, own.port, own.database) == (other.host, other.port, other.database):
        raise Rejected("drill.scratch", "this is the hub's own database", at=SCRATCH)
    return url
