"""``mash feeds``: what came in, what waits in quarantine, and putting it through again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.details import details
from gateway.cli.replays import approve, replay, replays
from gateway.cli.working import working
from gateway.intake.moments import moment
from gateway.store.records import FeedCounts, MessageOutline

_config = click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The hub's file (or MASH_CONFIG)."
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for a program.")


@click.group()
def feeds() -> None:
    """What came in by each feed.

    Example: mash feeds status --config hub/hub.toml
    """


@feeds.command()
@_config
@_json
def status(config: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click gives it so
    """Counts per feed: received = accepted + duplicate + quarantined + refused.

    Example: mash feeds status --json
    """
    counts = working(config, _counts)
    if as_json:
        click.echo(json.dumps([asdict(one) | {"reconciled": one.reconciled} for one in counts]))
        return
    table = Table("feed", "received", "accepted", "duplicate", "quarantined", "refused", "items", "reconciled")
    for one in counts:
        numbers = (one.received, one.accepted, one.duplicate, one.quarantined, one.refused, one.items)
        table.add_row(one.feed, *map(str, numbers), "yes" if one.reconciled else "NO")
    Console().print(table)


@feeds.command()
@_config
@_json
@click.option("--feed", help="Only this feed.")
@click.option("--since", help="Only what was received from then on, such as 2026-11-25T09:00Z.")
@click.option("--until", help="Only what was received before then.")
def quarantine(config: Path | None, as_json: bool, feed: str | None, since: str | None, until: str | None) -> None:  # noqa: FBT001 - click gives it so
    """What waits in quarantine, with its reason; never what it says.

    Example: mash feeds quarantine --feed school-csv
    """
    waiting = working(config, lambda gateway: _quarantined(gateway, feed, since, until))
    rows = [
        {
            "id": one.id,
            "feed": one.feed,
            "received_at": one.received_at.isoformat(),
            "code": one.reason_code,
            "at": one.reason_at,
        }
        for one in waiting
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    if not rows:
        click.echo("Nothing is in quarantine.")
        return
    table = Table("message", "feed", "received", "reason", "at")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console().print(table)


async def _counts(gateway: Gateway) -> list[FeedCounts]:
    async with gateway.store.reading() as work:
        return [await work.messages.counts(name) for name in gateway.feeds]


async def _quarantined(
    gateway: Gateway, feed: str | None, since: str | None, until: str | None
) -> list[MessageOutline]:
    async with gateway.store.reading() as work:
        return await work.messages.quarantined(
            feed,
            since=moment(since, at="--since") if since else None,
            until=moment(until, at="--until") if until else None,
        )


for _command in (replay, replays, approve, details):
    feeds.add_command(_command)
