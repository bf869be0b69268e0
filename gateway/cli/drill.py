"""``mash keys drill``: a rotation and a compromise of the hub's keys rehearsed on a copy."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import click

from gateway.cli.opened import OPERATOR, config_option, json_option, settings
from gateway.log import Event


@click.command("drill")
@config_option
@json_option
def drill(config: Path | None, *, as_json: bool) -> None:
    """Rehearse a rotation and a compromise of every kind of key, and prove what still verifies and opens.

    On a copy of the hub, which may serve meanwhile and is changed by nothing but an entry of its log. Progress on the
    standard error, a page of Markdown on the standard output. It ends with 0 only if everything held. Of a hub on
    PostgreSQL, MASH_DRILL_DATABASE_URL names an empty database to rehearse in.

    Example: mash keys drill > drill.md
    """
    held = asyncio.run(_drilled(config, as_json=as_json))
    sys.exit(0 if held else 1)


async def _drilled(config: Path | None, *, as_json: bool) -> bool:
    # Not before it is needed: it imports every part of the gateway, and --help should not wait for that.
    from gateway.bootstrap import bootstrap  # noqa: PLC0415 - imported when it is needed and not before
    from gateway.drill.copying import copied  # noqa: PLC0415 - imported when it is needed and not before
    from gateway.drill.rehearsal import rehearse  # noqa: PLC0415 - imported when it is needed and not before
    from gateway.drill.report import page  # noqa: PLC0415 - imported when it is needed and not before

    loaded = settings(config)
    async with bootstrap(loaded) as gateway:
        click.echo("copying the hub", err=True)
        async with copied(loaded, gateway.world, os.environ) as copy:
            found = await rehearse(copy, lambda line: click.echo(line, err=True))
        now = gateway.world.now()
        async with gateway.store.work() as work:
            await gateway.log.append(
                work,
                event=Event.KEYS_DRILLED,
                actor=OPERATOR,
                now=now,
                detail={"held": found.held, "looked_at": found.before.total, "digest": found.digest},
            )
            await work.commit()
        click.echo(json.dumps(found.document()) if as_json else page(found, hub=gateway.hub_id, now=now))
    return found.held
