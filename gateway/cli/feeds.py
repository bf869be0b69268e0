"""``mash feeds``: what came in, what waits in quarantine, and putting it through again."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.intake.replay import Replayed
from gateway.store.records import FeedCounts, MessageRecord
from schemas.errors import Unknown

T = TypeVar("T")
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
    counts = _with(config, _counts)
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
def quarantine(config: Path | None, as_json: bool, feed: str | None) -> None:  # noqa: FBT001 - click gives it so
    """What waits in quarantine, with its reason; never what it says.

    Example: mash feeds quarantine --feed school-csv
    """
    waiting = _with(config, lambda gateway: _quarantined(gateway, feed))
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


@feeds.command()
@_config
@_json
@click.argument("message")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def replay(config: Path | None, as_json: bool, message: str, dry_run: bool) -> None:  # noqa: FBT001 - click gives it so
    """Put a quarantined message through again, under its own identity.

    Example: mash feeds replay msg_... --dry-run
    """
    done = _with(config, lambda gateway: _replayed(gateway, message, dry_run=dry_run))
    if as_json:
        click.echo(json.dumps(asdict(done) | {"dry_run": dry_run}))
    else:
        verb = "would be" if dry_run else "is"
        reason = f" ({done.code} at {done.at})" if done.code else ""
        click.echo(f"{message} {verb} {done.fate}: {done.items} items{reason}")
    if done.code:
        raise click.exceptions.Exit(2)


def _with(config: Path | None, run: Callable[[Gateway], Awaitable[T]]) -> T:
    async def inside() -> T:
        async with bootstrap(settings.load(config, os.environ)) as gateway:
            return await run(gateway)

    return asyncio.run(inside())


async def _counts(gateway: Gateway) -> list[FeedCounts]:
    async with gateway.store.reading() as work:
        return [await work.messages.counts(name) for name in gateway.feeds]


async def _quarantined(gateway: Gateway, feed: str | None) -> list[MessageRecord]:
    async with gateway.store.reading() as work:
        return await work.messages.quarantined(feed)


async def _replayed(gateway: Gateway, name: str, *, dry_run: bool) -> Replayed:
    async with gateway.store.reading() as work:
        message = await work.messages.get(name)
    feed = gateway.feeds.get(message.feed)
    if feed is None:
        raise Unknown("feed.unknown", "the hub's file names this feed no more", at="feed")
    done = await gateway.replay.one(feed, name, actor="operator", dry_run=dry_run)
    await gateway.log.sequence()
    return done
