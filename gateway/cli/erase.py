"""``mash erase``: legal holds, and erasures that one person proposes and another approves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from gateway.bootstrap import Gateway
from gateway.cli.opened import config_option, json_option, table
from gateway.cli.replays import actor_of
from gateway.cli.working import working
from gateway.erasure.erasing import Preview
from gateway.erasure.ledger import Erased

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}")
_operator = click.option("--operator", required=True, help="Your own name for the log, such as e.sandhu.")


def _code(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _CODE.fullmatch(value):
        raise click.BadParameter("a code or a reference of letters, digits, dots, hyphens and slashes, not a sentence")
    return value


_reason = click.option("--reason", required=True, callback=_code, help="A code or a reference, such as CASE-2026/17.")


@click.group()
def erase() -> None:
    """Erasure of referrals.

    Example: mash erase propose ref_... --reason retention --dry-run --operator e.sandhu
    """


@erase.command()
@click.argument("referral")
@_reason
@_operator
@config_option
def hold(referral: str, reason: str, operator: str, config: Path | None) -> None:
    """Put a referral under legal hold: nothing of it is erased until the hold is lifted.

    Example: mash erase hold ref_... --reason CASE-2026/17 --operator e.sandhu
    """

    async def held(gateway: Gateway) -> None:
        await gateway.erasing.hold(referral, reason, actor=actor_of(operator))
        await gateway.log.sequence()

    working(config, held)
    click.echo(f"{referral} is under hold")


@erase.command()
@click.argument("referral")
@_operator
@config_option
def lift(referral: str, operator: str, config: Path | None) -> None:
    """Lift a legal hold.

    Example: mash erase lift ref_... --operator k.moss
    """

    async def lifted(gateway: Gateway) -> None:
        await gateway.erasing.lift(referral, actor=actor_of(operator))
        await gateway.log.sequence()

    working(config, lifted)
    click.echo(f"{referral} is under hold no more")


@erase.command()
@click.argument("referral")
@_reason
@click.option("--dry-run", is_flag=True, help="Only say what would be destroyed.")
@_operator
@config_option
def propose(referral: str, reason: str, operator: str, config: Path | None, *, dry_run: bool) -> None:
    """Propose to erase a closed referral; somebody else approves it.

    Example: mash erase propose ref_... --reason retention --operator e.sandhu
    """

    async def proposed(gateway: Gateway) -> Preview:
        seen = await gateway.erasing.preview(referral)
        if not dry_run:
            await gateway.erasing.propose(referral, reason, actor=actor_of(operator))
            await gateway.log.sequence()
        return seen

    seen = working(config, proposed)
    click.echo(f"{seen.scopes} keys and {seen.entries} entries of the log would be destroyed.")
    if seen.held:
        click.echo("It is under legal hold: it can't be erased.")
    if not dry_run:
        click.echo(f"Somebody else approves it: mash erase approve {referral} --operator NAME")


@erase.command()
@click.argument("referral")
@_operator
@config_option
def approve(referral: str, operator: str, config: Path | None) -> None:
    """Approve what somebody else proposed, and erase it. It can't be undone.

    Example: mash erase approve ref_... --operator k.moss
    """

    async def approved(gateway: Gateway) -> Erased:
        done = await gateway.erasing.approve(referral, actor=actor_of(operator))
        await gateway.log.sequence()
        return done

    done = working(config, approved)
    click.echo(f"{referral} is erased: {len(done.scopes)} keys destroyed, line {done.number} of the ledger.")
    click.echo("Backups from before can still be opened with the master key until their keys' version is destroyed.")


@erase.command()
@config_option
@json_option
def status(config: Path | None, *, as_json: bool) -> None:
    """What was proposed, approved and erased.

    Example: mash erase status
    """
    found = working(config, lambda gateway: gateway.erasing.status())
    rows = [
        {
            "referral": one.referral_id,
            "reason": one.reason,
            "proposed_by": one.proposed_by,
            "approved_by": one.approved_by,
            "done_at": one.done_at.isoformat() if one.done_at else None,
            "ledger": one.number,
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows))
    elif not rows:
        click.echo("Nothing was proposed to be erased.")
    else:
        head = tuple(rows[0])
        table([head, *(tuple(str(row[name] if row[name] is not None else "") for name in head) for row in rows)])
