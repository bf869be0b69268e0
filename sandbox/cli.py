"""``mash demo``: both acceptance scenarios on a hub of its own."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from pathlib import Path

import click
from rich.console import Console

from sandbox.demo import Outcome, Wanted, run_demo
from sandbox.failures import HubFailed
from sandbox.identity_provider import IdentityProvider
from sandbox.scenarios.playing import Playing, family
from sandbox.scenarios.stage import Stage
from sandbox.views import Progress, show, show_access, show_clicks

SERVED = Path(".demo")


@click.command(
    epilog="Example: mash demo --database postgresql://postgres@localhost --broker amqp://guest:guest@localhost"
)
@click.option("--database", metavar="URL", help="A PostgreSQL server; a database of the run's own is made on it.")
@click.option("--broker", metavar="URL", help="A RabbitMQ broker; without it agencies use the HTTPS mailbox.")
@click.option("--serve", is_flag=True, help="Leave the hub running at the end, until Ctrl-C.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result there.")
def demo(database: str | None, broker: str | None, serve: bool, json_file: Path | None) -> None:  # noqa: FBT001 - click's
    """Play both acceptance scenarios over the wire, on simulated agencies, and verify the log.

    Exits 0 only if every expectation held and the log verified.
    """
    console = Console()
    directory = SERVED / secrets.token_hex(4) if serve else None
    wanted = Wanted(database=database, broker=broker, directory=directory, keep=serve)
    try:
        outcome = asyncio.run(_run(console, wanted, serve=serve))
    except HubFailed as error:
        raise click.ClickException(str(error)) from error
    if not serve:
        show(console, outcome)
    if json_file is not None:
        json_file.write_text(json.dumps(outcome.json(), indent=2) + "\n", encoding="utf-8")
    if not outcome.held:
        raise SystemExit(1)


async def _run(console: Console, wanted: Wanted, *, serve: bool) -> Outcome:
    with Progress(console) as progress:

        async def linger(outcome: Outcome, stage: Stage, provider: IdentityProvider) -> None:
            progress.close()
            show(console, outcome)
            playing = Playing(stage=stage, family=family())
            fresh = await playing.begin()
            show_access(console, stage.hub.place, provider.issuer, provider.users.values())
            show_clicks(console, stage.hub.place, fresh)
            answering = asyncio.create_task(playing.go_on())
            await _until_interrupted()
            answering.cancel()

        return await run_demo(wanted, progress, linger=linger if serve else None)


async def _until_interrupted() -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ended.set)
    await ended.wait()
