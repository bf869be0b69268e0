"""``mash init``: a hub of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.first_day.laying_out import Plan, lay_out
from gateway.world import World


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--public-url", default="http://127.0.0.1:8080", show_default=True, help="Where others reach the hub.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--broker", help="The broker's address without user and password: amqps://host:5671/mash.")
def init(directory: Path, public_url: str, listen: str, broker: str | None) -> None:
    """Lay out a hub in DIRECTORY: hub.toml, its master key, and for https and a broker what those need.

    Example: mash init hub && mash serve --config hub/hub.toml
    """
    written = lay_out(Plan(directory=directory, public_url=public_url, listen=listen, broker=broker), World())
    for path in written:
        click.echo(path)
    click.echo(
        f"\nKeep a copy of {directory / 'secrets' / 'master.key'} away from this machine: without it nothing opens."
    )
    click.echo(f"Next: mash serve --config {directory / 'hub.toml'}")
