"""``mash feeds details``: what thin messages point to and could not be had, and asking for it again."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.working import working
from gateway.intake.details import ask_again
from gateway.store.records import DetailRecord


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The hub's file (or MASH_CONFIG).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for a program.")
@click.option("--again", metavar="MESSAGE", help="Ask again for the detail of this message.")
def details(config: Path | None, as_json: bool, again: str | None) -> None:  # noqa: FBT001 - click gives it so
    """What thin messages point to and could not be had, with its reason.

    Example: mash feeds details --again msg_...
    """
    parked = working(config, lambda gateway: _parked(gateway, again))
    rows = [{"message": one.message_id, "feed": one.feed, "code": one.reason} for one in parked]
    if as_json:
        click.echo(json.dumps(rows))
        return
    if again:
        click.echo(f"{again} is asked for again.")
    if not rows:
        click.echo("No detail is set aside.")
        return
    table = Table("message", "feed", "reason")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console().print(table)


async def _parked(gateway: Gateway, again: str | None) -> list[DetailRecord]:
    if again:
        await ask_again(gateway.store, gateway.log, gateway.world, again, actor="operator")
        await gateway.log.sequence()
    async with gateway.store.reading() as work:
        return await work.details.parked()
