"""``mash erase``: legal holds, what is due, and erasures that one person proposes and another approves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gateway.bootstrap import Gateway
from gateway.cli.log import CUSTODY, ERASED
from gateway.cli.opened import config_option, json_option, table
from gateway.cli.replays import actor_of
from gateway.cli.working import working
from gateway.erasure.bulk import MOST, Bulk
from gateway.erasure.erasing import Preview
from gateway.erasure.ledger import Erased
from gateway.whole_file import whole_file
from routing.retention import ForGood

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

    async def approved(gateway: Gateway) -> tuple[Erased, ForGood]:
        done = await gateway.erasing.approve(referral, actor=actor_of(operator))
        return done, await gateway.proofs.gone(referral)

    done, gone = working(config, approved)
    click.echo(f"{referral} is erased: {len(done.scopes)} keys destroyed, line {done.number} of the ledger.")
    click.echo(f"Backups from before hold them still: gone for good no sooner than {gone.at.isoformat()}.")


@erase.command()
@click.option("--class", "retention_class", help="Only what is due by this retention class.")
@config_option
@json_option
def due(retention_class: str | None, config: Path | None, *, as_json: bool) -> None:
    """What is kept no longer: found in the background by the hub's retention classes, for people to decide on.

    Example: mash erase due
    """
    found = working(config, lambda gateway: gateway.due.listed(retention_class, limit=MOST))
    rows = [
        {
            "subject": one.record.subject,
            "class": one.record.retention_class,
            "found_at": one.record.found_at.isoformat(),
            "held": one.held,
            "proposed_by": one.erasure.proposed_by if one.erasure else None,
            "list": one.erasure.bulk if one.erasure else None,
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows))
    elif not rows:
        click.echo("Nothing is due to be erased.")
    else:
        _rows(rows)


@erase.command("propose-due")
@click.option("--class", "retention_class", help="Only what is due by this retention class.")
@_operator
@config_option
@json_option
def propose_due(retention_class: str | None, operator: str, config: Path | None, *, as_json: bool) -> None:
    """Propose to erase what is due, as one list; somebody else looks at it and approves it by its digest.

    Example: mash erase propose-due --class no-further-action --operator e.sandhu
    """

    async def proposed(gateway: Gateway) -> Bulk:
        made = await gateway.bulk_erasure.propose(retention_class, actor=actor_of(operator))
        await gateway.log.sequence()
        return made

    made = working(config, proposed)
    if as_json:
        click.echo(json.dumps({"list": made.id, "digest": made.digest, "subjects": made.subjects}))
        return
    click.echo("".join(f"{subject}\n" for subject in made.subjects), nl=False)
    click.echo(f"{len(made.subjects)} proposed. Somebody else approves this very list:")
    click.echo(f"mash erase approve-due {made.id} --digest {made.digest} --operator NAME")


@erase.command("approve-due")
@click.argument("name", metavar="LIST")
@click.option("--digest", required=True, help="The digest of the list that you looked at.")
@_operator
@config_option
def approve_due(name: str, digest: str, operator: str, config: Path | None) -> None:
    """Approve a list that somebody else proposed, and erase what is on it. It can't be undone.

    What was held, reopened or linked to an open referral since is left as it is, and said. Given again it goes on.

    Example: mash erase approve-due era_... --digest ... --operator k.moss
    """

    async def approved(gateway: Gateway) -> tuple[int, dict[str, str]]:
        done, left = 0, dict[str, str]()
        while True:
            run = await gateway.bulk_erasure.approve(name, digest, actor=actor_of(operator))
            done, left = done + len(run.erased), {**left, **dict(run.left)}
            if not run.waiting:
                break
        await gateway.log.sequence()
        return done, left

    done, left = working(config, approved)
    click.echo("".join(f"{subject} is left as it is: {code}\n" for subject, code in left.items()), nl=False)
    click.echo(f"{done} erased, {len(left)} left.")


@erase.command()
@click.argument("subject")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Write over a file of that name.")
@config_option
@json_option
def proof(subject: str, file: Path | None, config: Path | None, *, replace: bool, as_json: bool) -> None:
    """Write the proof of an erasure into a file, with the two programs that check it by themselves beside it.

    \b
    Example: mash erase proof ref_...
             python erased.py ref_....erased --trust KEY
    """  # noqa: D301 - click reads the backslash
    target = file or Path(f"{subject}.erased")

    async def written(gateway: Gateway) -> tuple[ForGood, str]:
        programs = [program.beside(target, replace=replace) for program in (ERASED, CUSTODY)]
        with whole_file(target) as opened:
            gone = await gateway.proofs.write(opened, subject)
        for program, beside in zip((ERASED, CUSTODY), programs, strict=True):
            beside.write_text(program.text(), encoding="utf-8")
        return gone, gateway.keys.log_key()

    gone, key = working(config, written)
    verifier = target.parent / ERASED.name
    if as_json:
        row = {"proof": str(target), "verifier": str(verifier), "key": key, "for_good": gone.at.isoformat()}
        click.echo(json.dumps({**row, "fixed": gone.fixed}))
        return
    click.echo(f"Gone for good {'on' if gone.fixed else 'no sooner than'} {gone.at.isoformat()}. Check the proof with:")
    click.echo(f"python {verifier} {target} --trust '{key}'")


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
            "subject": one.subject,
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
        _rows(rows)


def _rows(rows: Sequence[Mapping[str, object]]) -> None:
    head = tuple(rows[0])
    table([head, *(tuple(str(row[name] if row[name] is not None else "") for name in head) for row in rows)])
