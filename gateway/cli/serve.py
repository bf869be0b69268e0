"""``mash serve``: the gateway."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import click
import structlog

from gateway import logs, settings
from gateway.bootstrap import bootstrap
from gateway.serving import serving


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The hub's file (or MASH_CONFIG).")
@click.option("--log-level", type=click.Choice(["DEBUG", "INFO", "WARNING"]), default="INFO", show_default=True)
def serve(config: Path | None, log_level: str) -> None:
    """Serve HTTP, MLLP and the broker until told to stop.

    Example: mash serve --config hub/hub.toml
    """
    logs.configure(log_level)
    asyncio.run(_serve(settings.load(config, os.environ)))


async def _serve(loaded: settings.Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    log = structlog.get_logger("mash")
    async with bootstrap(loaded) as gateway, serving(gateway) as listening:
        log.info(
            "serving",
            hub=loaded.hub.hub.id,
            http=listening.http,
            mllp=listening.mllp,
            database=gateway.store.dialect,
            broker=loaded.broker_url is not None,
        )
        await stopped.wait()
        log.info("stopping")
