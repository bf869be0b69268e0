"""``mash adapters``: which formats the gateway reads."""

from __future__ import annotations

import json

import click

from adapters import registry


@click.group()
def adapters() -> None:
    """The formats that the gateway reads.

    Example: mash adapters list --json
    """


@adapters.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def list_adapters(*, as_json: bool) -> None:
    """List every adapter: its name, version and sector, and what it reads.

    Example: mash adapters list
    """
    found = [registry.get(name) for name in registry.names()]
    if as_json:
        rows = [
            {"name": each.name, "version": each.version, "sector": each.sector.value, "summary": each.summary}
            for each in found
        ]
        click.echo(json.dumps(rows))
        return
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        click.echo(f"{each.name:<{width}}  {each.version:<6}  {each.sector.value:<10}  {each.summary}")
