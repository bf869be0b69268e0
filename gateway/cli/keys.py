"""``mash keys``: the hub's own keys listed, rotated, revoked."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from crypto.keys import Purpose
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run, table
from gateway.keys import RevocationReason, Rotation
from gateway.keys.policy import PURPOSES
from gateway.log import Event

DEFAULT = (Purpose.SIGNING, Purpose.SEALING)
_REWRAP = 500


@click.group()
def keys() -> None:
    """The hub's own keys.

    Example: mash keys list
    """


async def listed(gateway: Opened) -> list[dict[str, object]]:
    """A row per key, nothing secret in it: times are RFC 3339 in UTC."""
    return [
        {
            "kid": row.kid,
            "purpose": row.purpose,
            "version": row.version,
            "state": row.state,
            "created_at": _text(row.created_at),
            "promoted_at": _text(row.promoted_at),
            "retired_at": _text(row.retired_at),
            "revoked_at": _text(row.revoked_at),
        }
        for row in gateway.keys.rows
    ]


async def rotated(gateway: Opened, purposes: tuple[Purpose, ...], *, compromise: bool) -> list[Rotation]:
    """A step of each purpose's rotation; after a compromise of a KEK, every scope is wrapped anew before this ends."""
    steps = [
        await gateway.keys.rotate(purpose, gateway.world.now(), compromise=compromise, actor=OPERATOR)
        for purpose in purposes
    ]
    if compromise and Purpose.AT_REST in purposes:
        await rewrapped(gateway)
    return steps


async def rewrapped(gateway: Opened) -> int:
    """Wrap every scope under the current KEK, batch by batch; how many that were."""
    total = 0
    while True:
        async with gateway.store.work() as work:
            done = await gateway.vault.rewrap(work, _REWRAP)
            if done == 0:
                return total
            await gateway.log.append(
                work,
                event=Event.KEYS_REWRAPPED,
                actor=OPERATOR,
                now=gateway.world.now(),
                detail={"scopes": done, "version": gateway.keys.keks().current},
            )
            await work.commit()
        total += done
        click.echo(f"wrapped anew: {total} scopes", err=True)


async def revoked(gateway: Opened, kid: str, reason: RevocationReason) -> None:
    """The key is trusted for nothing any more; an active one has a successor at once."""
    await gateway.keys.revoke(kid, reason, gateway.world.now(), actor=OPERATOR)


@keys.command("list")
@config_option
@json_option
def list_keys(config: Path | None, *, as_json: bool) -> None:
    """List every key with its purpose, version and state.

    Example: mash keys list --json
    """
    rows = run(config, listed)
    if as_json:
        click.echo(json.dumps(rows))
        return
    columns = ("kid", "purpose", "version", "state", "created_at", "promoted_at")
    table([columns, *(tuple(str(row[column] or "-") for column in columns) for row in rows)])


@keys.command()
@config_option
@json_option
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([str(purpose) for purpose in PURPOSES]),
    help="What the key is for; may be given again. Without it: signing and sealing.",
)
@click.option(
    "--compromise",
    is_flag=True,
    help="The old key may be in other hands: the new one takes over now.",
)
def rotate(config: Path | None, *, purposes: tuple[str, ...], compromise: bool, as_json: bool) -> None:
    """Publish a successor, which a serving gateway promotes once every cache holds it; nothing stops meanwhile.

    Asked again after that time, this command promotes it itself.

    Example: mash keys rotate --purpose signing
    """
    chosen = tuple(Purpose(purpose) for purpose in purposes) or DEFAULT
    steps = run(config, lambda gateway: rotated(gateway, chosen, compromise=compromise))
    if as_json:
        click.echo(
            json.dumps(
                [
                    {"purpose": str(s.purpose), "kid": s.kid, "state": str(s.state), "due_at": _text(s.due_at)}
                    for s in steps
                ]
            )
        )
        return
    for step in steps:
        due = f", to be promoted at {_text(step.due_at)}" if step.due_at else ""
        click.echo(f"{step.purpose}: {step.kid} is {step.state}{due}")


@keys.command()
@click.argument("kid")
@click.option(
    "--reason", required=True, type=click.Choice([str(reason) for reason in RevocationReason]), help="For the log."
)
@config_option
def revoke(kid: str, reason: str, config: Path | None) -> None:
    """Trust a key for nothing any more; if it was the active one, a new one takes over at once.

    Example: mash keys revoke policy.1 --reason suspected
    """
    run(config, lambda gateway: revoked(gateway, kid, RevocationReason(reason)))
    click.echo(f"{kid} is revoked")


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else None
