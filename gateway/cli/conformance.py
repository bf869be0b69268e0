"""``mash conformance``: the five core components, each with its evidence."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import click

from gateway import settings
from gateway.bootstrap import bootstrap
from gateway.cli.opened import config_option, json_option
from gateway.conformance import Evidence, examine


@click.command()
@config_option
@json_option
def conformance(config: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click gives it so
    """Show each of the five core components with what this hub's own record says of it.

    Example: mash conformance --config hub/hub.toml
    """
    evidence = asyncio.run(_examine(config))
    if as_json:
        click.echo(json.dumps([_row(one) for one in evidence]))
    else:
        for one in evidence:
            click.echo(f"{one.component.number}. {one.component.title}: {'holds' if one.holds else 'BROKEN'}")
            click.echo(f"   {one.component.guarantee}")
            for claim in one.claims:
                broken = f", {claim.broken} BROKEN" if claim.broken else ""
                click.echo(f"   - {claim.text}: {claim.seen}{broken}")
    if not all(one.holds for one in evidence):
        raise click.exceptions.Exit(2)


async def _examine(config: Path | None) -> tuple[Evidence, ...]:
    async with bootstrap(settings.load(config, os.environ)) as gateway:
        await gateway.log.sequence()
        return await examine(gateway)


def _row(one: Evidence) -> dict[str, object]:
    return {
        "number": one.component.number,
        "title": one.component.title,
        "holds": one.holds,
        "claims": [{"text": claim.text, "seen": claim.seen, "broken": claim.broken} for claim in one.claims],
    }
