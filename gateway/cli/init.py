"""``mash init``: a hub of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.first_day import examples
from gateway.first_day.laying_out import Plan, lay_out
from gateway.keys import place
from gateway.world import World
from schemas.errors import Rejected


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--public-url", default="http://127.0.0.1:8080", show_default=True, help="Where others reach the hub.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--broker", help="The broker's address without user and password: amqps://host:5671/mash.")
@click.option(
    "--pkcs11",
    "uri",
    metavar="URI",
    help="Make the master key in this token: pkcs11:token=...;object=...?module-path=... (PIN: MASH_PKCS11_PIN_FILE).",
)
@click.option(
    "--example",
    type=click.Choice(examples.NAMES),
    help="Begin with an example's file, which has addresses of its own, instead of a plain one.",
)
@click.pass_context
def init(  # noqa: PLR0917 - one option each
    ctx: click.Context,
    directory: Path,
    public_url: str,
    listen: str,
    broker: str | None,
    uri: str | None,
    example: str | None,
) -> None:
    """Lay out a hub in DIRECTORY: hub.toml, its master key, and for https and a broker what those need.

    Example: mash init hub && mash serve --config hub/hub.toml
    """
    for option in ("public_url", "listen"):
        if example is not None and ctx.get_parameter_source(option) is not click.core.ParameterSource.DEFAULT:
            raise Rejected("init.example", "the example's file has this: change it there", at=f"--{option}")
    token = place.token_key(uri, os.environ) if uri else None
    plan = Plan(directory=directory, public_url=public_url, listen=listen, broker=broker, token=token, example=example)
    for path in lay_out(plan, World()):
        click.echo(path)
    if token is None:
        key = place.key_file(directory)
        click.echo(f"\nKeep a copy of {key} away from this machine, or share it among officers (mash ceremony begin):")
        click.echo("without it nothing opens.")
    else:
        click.echo("\nThe master key is in the token alone and can't be copied: without the token nothing opens.")
        click.echo("A ceremony gives officers what replaces it: mash ceremony begin")
    click.echo(f"Next: mash serve --config {directory / 'hub.toml'}")
