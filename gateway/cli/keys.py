"""``mash keys``: the hub's own keys listed, rotated, suspended, revoked, destroyed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import click

from crypto.keys import KeyState, Purpose
from gateway.cli.drill import drill
from gateway.cli.master import master
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run, settings, table
from gateway.keys import RevocationReason, Rotation
from gateway.keys.policy import ROTATED
from gateway.log import Event
from gateway.touched import Touched, list_touched, note_touched

DEFAULT = (Purpose.SIGNING, Purpose.SEALING)
_REWRAP = 500
reason_option = click.option(
    "--reason", required=True, type=click.Choice([str(reason) for reason in RevocationReason]), help="For the log."
)


@click.group()
def keys() -> None:
    """The hub's own keys.

    Example: mash keys list
    """


keys.add_command(master)


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


async def rotated(
    gateway: Opened, purposes: tuple[Purpose, ...], *, compromise: bool
) -> tuple[list[Rotation], list[Touched]]:
    """A step of each purpose's rotation.

    After a compromise of a key that stored things are read or found with, all of it is wrapped or hashed anew before
    this ends, and the old key is revoked. What every lost key touched is listed.
    """
    steps, lists = [], []
    for purpose in purposes:
        lost = gateway.keys.ring.active(purpose).kid
        steps.append(await gateway.keys.rotate(purpose, gateway.world.now(), compromise=compromise, actor=OPERATOR))
        if compromise:
            lists.append(await noted(gateway, lost))
            await _done_with(gateway, purpose, lost)
    return steps, lists


async def _done_with(gateway: Opened, purpose: Purpose, lost: str) -> None:
    if purpose is Purpose.AT_REST:
        await rewrapped(gateway)
    elif purpose is Purpose.LOOKUP:
        click.echo(f"hashed anew: {await gateway.rehash.all(gateway.world.now())}", err=True)
    else:
        return
    await gateway.keys.revoke(lost, RevocationReason.COMPROMISED, gateway.world.now(), actor=OPERATOR)


async def touched_by(gateway: Opened, kid: str) -> Touched:
    """What this key touched, as the store holds it now."""
    async with gateway.store.reading() as work:
        return await list_touched(work, gateway.vault, await work.keys.get(kid))


async def noted(gateway: Opened, kid: str) -> Touched:
    """The same, with an entry of the log that has the list's digest."""
    found = await touched_by(gateway, kid)
    async with gateway.store.work() as work:
        await note_touched(work, gateway.log, found, actor=OPERATOR, now=gateway.world.now())
        await work.commit()
    return found


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


async def suspended(gateway: Opened, kid: str, reason: RevocationReason) -> None:
    """The key is trusted for nothing until it is cleared; an active one has a successor at once."""
    await gateway.keys.suspend(kid, reason, gateway.world.now(), actor=OPERATOR)


async def resumed(gateway: Opened, kid: str) -> KeyState:
    """The key is cleared; the state that it is in now."""
    return await gateway.keys.resume(kid, gateway.world.now(), actor=OPERATOR)


async def destroyed(gateway: Opened, kid: str, wait: timedelta) -> None:
    """The key's material is wiped."""
    await gateway.keys.destroy(kid, gateway.world.now(), wait=wait, actor=OPERATOR)


async def revoked(gateway: Opened, kid: str, reason: RevocationReason) -> Touched:
    """The key is trusted for nothing any more; an active one has a successor at once. What it touched is listed."""
    await gateway.keys.revoke(kid, reason, gateway.world.now(), actor=OPERATOR)
    return await noted(gateway, kid)


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
    type=click.Choice([str(purpose) for purpose in ROTATED]),
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
    steps, lists = run(config, lambda gateway: rotated(gateway, chosen, compromise=compromise))
    if as_json:
        rows: list[dict[str, object]] = [
            {"purpose": str(s.purpose), "kid": s.kid, "state": str(s.state), "due_at": _text(s.due_at)} for s in steps
        ]
        for row, found in zip(rows, lists, strict=False):
            row["touched"] = found.document()
        click.echo(json.dumps(rows))
        return
    for step in steps:
        due = f", to be promoted at {_text(step.due_at)}" if step.due_at else ""
        click.echo(f"{step.purpose}: {step.kid} is {step.state}{due}")
    for found in lists:
        click.echo(f"{found.kid}: {found.sentence()}")


@keys.command()
@click.argument("kid")
@reason_option
@config_option
@json_option
def revoke(kid: str, reason: str, config: Path | None, *, as_json: bool) -> None:
    """Trust a key for nothing any more; if it was the active one, a new one takes over at once.

    What was signed or sealed under it is listed, and the list's digest is an entry of the log.

    Example: mash keys revoke policy.1 --reason suspected
    """
    found = run(config, lambda gateway: revoked(gateway, kid, RevocationReason(reason)))
    if as_json:
        click.echo(json.dumps({"kid": kid, "state": str(KeyState.REVOKED), "touched": found.document()}))
        return
    click.echo(f"{kid} is revoked; {found.sentence()}")


@keys.command()
@click.argument("kid")
@reason_option
@config_option
def suspend(kid: str, reason: str, config: Path | None) -> None:
    """Trust a key for nothing until it is cleared; if it was the active one, a new one takes over at once.

    Example: mash keys suspend policy.1 --reason suspected
    """
    run(config, lambda gateway: suspended(gateway, kid, RevocationReason(reason)))
    click.echo(f"{kid} is suspended: mash keys resume {kid} clears it, mash keys revoke ends it")


@keys.command()
@click.argument("kid")
@config_option
def resume(kid: str, config: Path | None) -> None:
    """Clear a suspended key: what it signed verifies again, and what was sealed to it opens.

    Example: mash keys resume policy.1
    """
    click.echo(f"{kid} is {run(config, lambda gateway: resumed(gateway, kid))}")


@keys.command()
@click.argument("kid")
@config_option
def destroy(kid: str, config: Path | None) -> None:
    """Wipe the material of a key that was out of use for `destroy_days`; nothing can ever be opened with it again.

    A serving gateway does this to revoked keys by itself.

    Example: mash keys destroy at_rest.1
    """
    wait = timedelta(days=settings(config).hub.keys.destroy_days)
    run(config, lambda gateway: destroyed(gateway, kid, wait))
    click.echo(f"{kid} is destroyed")


@keys.command()
@click.argument("kid")
@config_option
@json_option
def touched(kid: str, config: Path | None, *, as_json: bool) -> None:
    """List what was signed or sealed under a key: ids and counts, and the digest that the log has of the list.

    Example: mash keys touched policy.1 --json
    """
    found = run(config, lambda gateway: touched_by(gateway, kid))
    click.echo(json.dumps(found.document()) if as_json else f"{kid}: {found.sentence()}")


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else None


keys.add_command(drill)
