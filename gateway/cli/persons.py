"""``mash persons``: what waits for somebody to look at who is who. Opaque ids and codes, nothing of anybody."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.opened import Opened, config_option, json_option, run, table


@click.group()
def persons() -> None:
    """Whom the hub knows, by opaque ids.

    Example: mash persons merges
    """


async def waiting(gateway: Opened) -> list[dict[str, object]]:
    """A row per merge that waits for a person, oldest first; times are RFC 3339 in UTC."""
    async with gateway.store.reading() as work:
        found = await work.merges.waiting()
    return [
        {
            "id": one.id,
            "at": one.at.isoformat(),
            "kind": one.kind,
            "because": one.because,
            "surviving": one.surviving_id,
            "prior": one.prior_id,
            "message": one.message_id,
        }
        for one in found
    ]


@persons.command()
@config_option
@json_option
def merges(config: Path | None, *, as_json: bool) -> None:
    """Merges that a source asked for and a person must look at, with the reason.

    Example: mash persons merges --json
    """
    rows = run(config, waiting)
    if as_json:
        click.echo(json.dumps(rows))
    elif rows:
        columns = ("id", "at", "kind", "because", "surviving", "prior")
        table([columns, *(tuple(str(row[column] or "-") for column in columns) for row in rows)])
    else:
        click.echo("No merge waits for a person.")
