"""``mash serve``: the gateway."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import structlog

from gateway import logs, settings
from gateway.bootstrap import bootstrap
from gateway.doors import Doors, open_doors
from gateway.serving import serving
from schemas.errors import MashError

_BUG = 70
_COLLECT = (50_000, 20, 20)
_SWITCH_SECONDS = 0.0005


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The hub's file (or MASH_CONFIG).")
@click.option("--workers", type=click.IntRange(min=1), help="Processes, on PostgreSQL (or MASH_WORKERS).  [default: 1]")
@click.option("--log-level", type=click.Choice(["DEBUG", "INFO", "WARNING"]), default="INFO", show_default=True)
def serve(config: Path | None, workers: int | None, log_level: str) -> None:
    """Serve HTTP, MLLP and the broker until told to stop.

    Example: mash serve --config hub/hub.toml --workers 2
    """
    logs.configure(log_level)
    loaded = settings.load(config, os.environ, workers=workers)
    if loaded.workers == 1:
        _run(loaded)
    else:
        from gateway.workers import Workers  # noqa: PLC0415 - what one process alone does not need

        sys.exit(Workers(partial(_worker, loaded), open_doors(loaded.hub, loaded.workers)).run())


def _run(loaded: settings.Settings, doors: Doors | None = None, alive: int | None = None) -> None:
    # While a thread reads a large message, the loop asks for the interpreter that often and not every 5 ms.
    sys.setswitchinterval(_SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=_faster_loop()) as runner:
        runner.run(_serve(loaded, doors, alive))


def _worker(loaded: settings.Settings, doors: Doors, alive: int) -> int:
    """Serve as one of several; the exit code. What goes wrong is told as ``mash`` itself tells it."""
    try:
        _run(loaded, doors, alive)
    except MashError as error:
        click.echo(f"Error: {' '.join(str(error).split())}", err=True)
        return 1
    except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
        click.echo(f"Error: internal: {type(error).__name__}: please report it", err=True)
        return _BUG
    return 0


def _faster_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop where it is installed; else Python's own."""
    try:
        import uvloop  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made


def _settle_memory() -> None:
    """Let the collector of cycles pass over what was made to serve, and look less often at what comes and goes.

    What a message leaves is freed as its last reference goes; looking for cycles in it, and in all that is loaded, took
    a fifth of the processor, and every so often a tenth of a second at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


async def _serve(loaded: settings.Settings, doors: Doors | None, alive: int | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    if alive is not None:
        loop.add_reader(alive, stopped.set)  # it ends with the parent
    log = structlog.get_logger("mash")
    async with bootstrap(loaded) as gateway, serving(gateway, doors) as listening:
        _settle_memory()
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
    if alive is not None:
        loop.remove_reader(alive)
