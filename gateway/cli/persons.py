"""``mash persons``: who is who, and what waits for somebody to look. Opaque ids and codes, nothing of anybody."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from gateway.cli.opened import Opened, config_option, json_option, run, table
from gateway.intake.explaining import explained
from gateway.strongbox import Strongbox


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


def links_of(person: str) -> Callable[[Opened], Awaitable[list[dict[str, object]]]]:
    """A row per link of this person, oldest first, with its reasons."""

    async def body(gateway: Opened) -> list[dict[str, object]]:
        strongbox, found = Strongbox(gateway.vault), list[dict[str, object]]()
        async with gateway.store.reading() as work:
            for one in await work.links.of_person(person):
                note = await explained(work, strongbox, one)
                found.append(
                    {
                        "item": one.item_id,
                        "ref": one.ref,
                        "at": one.at.isoformat(),
                        "how": one.how,
                        "weight": None if one.weight is None else one.weight / 100,
                        "because": note.because if note else "erased",
                        "reasons": [each.model_dump() for each in note.reasons] if note else [],
                        "doubts": list(one.doubts),
                    }
                )
        return found

    return body


@persons.command()
@click.argument("person")
@config_option
@json_option
def links(person: str, config: Path | None, *, as_json: bool) -> None:
    """Why the hub takes PERSON for who they are: each link with its reasons, oldest first.

    Example: mash persons links per_0123456789abcdefghjkmnpqrs --json
    """
    rows = run(config, links_of(person))
    if as_json:
        click.echo(json.dumps(rows))
    for row in () if as_json else rows:
        click.echo(f"{row['at']}  {row['how']}  {row['item']} {row['ref']}: {row['because']}")
    if not rows and not as_json:
        click.echo("Nothing links anybody to this person.")
