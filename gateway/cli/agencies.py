"""``mash agencies``: who may speak to this hub, enrolled, listed, suspended."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.agencies import Listed
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run, table
from gateway.enrolment import SIZE_LIMIT, Enrolment
from schemas.errors import Rejected


@click.group()
def agencies() -> None:
    """The agencies of this hub, with their keys and clients.

    Example: mash agencies list
    """


async def enrolled(gateway: Opened, data: bytes) -> Enrolment:
    """Enrol an agency from the bytes of its file."""
    return await gateway.agencies.enrol(data, gateway.world.now(), actor=OPERATOR)


async def listed(gateway: Opened) -> tuple[Listed, ...]:
    """Every agency of the hub's file."""
    return await gateway.agencies.listing()


async def suspended(gateway: Opened, agency: str) -> None:
    """Refuse this agency's calls and signatures from now on."""
    await gateway.agencies.suspend(agency, gateway.world.now(), actor=OPERATOR)


@agencies.command()
@click.option("--keys", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Its JSON file.")
@config_option
@json_option
def enrol(file: Path, config: Path | None, *, as_json: bool) -> None:
    """Enrol an agency's public keys and clients, or enrol it anew: what its file leaves out is retired.

    Example: mash agencies enrol --keys police.json
    """
    try:
        with file.open("rb") as source:
            data = source.read(SIZE_LIMIT + 1)
    except OSError:
        raise Rejected("agency.file", "the file can't be read", at="--keys") from None
    done = run(config, lambda gateway: enrolled(gateway, data))
    kids, names = [key.kid for key in done.signing], [client.client_id for client in done.clients]
    if as_json:
        click.echo(json.dumps({"agency": done.agency, "signing_keys": kids, "clients": names}))
        return
    click.echo(f"{done.agency}: {len(kids)} signing keys, clients: {', '.join(names) or 'none'}")


@agencies.command("list")
@config_option
@json_option
def list_agencies(config: Path | None, *, as_json: bool) -> None:
    """List the agencies of the hub's file: who enrolled, with which keys and clients.

    Example: mash agencies list --json
    """
    rows = [_row(each) for each in run(config, listed)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    columns = ("agency", "status", "keys", "clients")
    lines = [(row["agency"], row["status"], len(row["signing_keys"]), len(row["clients"])) for row in rows]
    table([columns, *(tuple(str(cell) for cell in line) for line in lines)])


@agencies.command()
@click.argument("agency")
@config_option
def suspend(agency: str, config: Path | None) -> None:
    """Refuse an agency's calls and new signatures from now on.

    Example: mash agencies suspend police
    """
    run(config, lambda gateway: suspended(gateway, agency))
    click.echo(f"{agency} is suspended")


def _row(each: Listed) -> dict[str, list[dict[str, object]] | str]:
    keys: list[dict[str, object]] = [{"kid": key.kid, "state": key.state} for key in each.keys]
    clients: list[dict[str, object]] = [
        {"client_id": c.client_id, "recipient": c.recipient, "grants": list(c.grants), "state": c.state}
        for c in each.clients
    ]
    status = each.agency.status if each.agency else "not enrolled"
    return {"agency": each.id, "name": each.name, "status": status, "signing_keys": keys, "clients": clients}
