"""``mash feeds replay`` and what belongs to it: one message by one person, several by two."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gateway.bootstrap import Gateway
from gateway.cli.opened import OPERATOR, config_option, json_option
from gateway.cli.working import working
from gateway.intake.bulk_replay import BATCH, FAILED, Selection, Standing
from gateway.intake.moments import moment
from gateway.intake.replay import Replayed

_OPERATOR = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")
_operator = click.option("--operator", help="Your own name for the log, such as e.sandhu. Two people need theirs.")


@click.command()
@config_option
@json_option
@click.argument("messages", nargs=-1)
@click.option("--feed", help="What waits of this feed.")
@click.option("--since", help="What was received from then on, such as 2026-11-25T09:00Z.")
@click.option("--until", help="What was received before then.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen: fields and fates, never what they say.")
@_operator
def replay(  # noqa: PLR0917 - click gives them by name
    config: Path | None,
    as_json: bool,  # noqa: FBT001 - click gives it so
    messages: tuple[str, ...],
    feed: str | None,
    since: str | None,
    until: str | None,
    dry_run: bool,  # noqa: FBT001 - click gives it so
    operator: str | None,
) -> None:
    """Put quarantined messages through again, under their own identity.

    One goes through at once. Several are proposed: somebody else looks at the list and approves it.

    \b
    Example: mash feeds replay msg_... --dry-run
             mash feeds replay --feed school-csv --since 2026-11-25T09:00Z --operator e.sandhu
    """  # noqa: D301 - click reads the backslash
    chosen = Selection(
        messages=messages,
        feed=feed,
        since=moment(since, at="--since") if since else None,
        until=moment(until, at="--until") if until else None,
    )
    actor = actor_of(operator)
    if dry_run:
        _preview(config, chosen, actor, as_json=as_json)
    elif len(messages) == 1 and (feed, since, until) == (None, None, None):
        done = working(config, lambda gateway: _one(gateway, messages[0], actor))
        click.echo(json.dumps(asdict(done) | {"dry_run": False}) if as_json else _line(done, "is"))
        if done.code:
            raise click.exceptions.Exit(2)
    else:
        if chosen == Selection():
            raise click.UsageError("name a message, or several, or say --feed, --since or --until")
        if operator is None:
            raise click.UsageError("several messages take two people: say who you are with --operator")
        standing = working(config, lambda gateway: _proposed(gateway, chosen, actor))
        if as_json:
            click.echo(json.dumps(_json(standing)))
            return
        record = standing.record
        until_then = f"{record.expires_at:%d %B %H:%M} UTC"
        click.echo(f"{record.id} proposes to replay {record.count} messages, until {until_then}.")
        click.echo("Somebody else looks at it and approves it:")
        click.echo(f"  mash feeds replays {record.id}")
        click.echo(f"  mash feeds approve {record.id} --digest {record.digest} --operator NAME")


@click.command()
@config_option
@json_option
@click.argument("replay_id", metavar="[REPLAY]", required=False)
def replays(config: Path | None, as_json: bool, replay_id: str | None) -> None:  # noqa: FBT001 - click gives it so
    """Replays of several messages: all of them, or one with its messages.

    Example: mash feeds replays rpl_...
    """
    if replay_id is None:
        listed = working(config, lambda gateway: gateway.bulk_replay.latest())
        if as_json:
            click.echo(json.dumps([_json(one) for one in listed]))
        else:
            click.echo("\n".join(map(_state, listed)) or "No replay of several messages was proposed.")
        return
    standing = working(config, lambda gateway: gateway.bulk_replay.standing(replay_id))
    messages = working(config, lambda gateway: gateway.bulk_replay.messages(replay_id))
    rows = [{"message": one.message_id, "outcome": one.outcome or "", "code": one.code or ""} for one in messages]
    if as_json:
        click.echo(json.dumps(_json(standing) | {"messages": rows}))
        return
    click.echo(_state(standing))
    click.echo(f"digest {standing.record.digest}")
    for row in rows:
        click.echo("  ".join((row["message"], row["outcome"] or "waits", row["code"])).rstrip())


@click.command()
@config_option
@json_option
@click.argument("replay_id", metavar="REPLAY")
@click.option("--digest", required=True, help="The digest of the list that you looked at.")
@click.option("--operator", required=True, help="Your own name for the log; not that of who proposed it.")
def approve(config: Path | None, as_json: bool, replay_id: str, digest: str, operator: str) -> None:  # noqa: FBT001 - click gives it so
    """Approve what somebody else proposed, and put it through. The same command again goes on where it stopped.

    Example: mash feeds approve rpl_... --digest DIGEST --operator k.moss
    """
    standing = working(config, lambda gateway: _approved(gateway, replay_id, digest, actor_of(operator), quiet=as_json))
    click.echo(json.dumps(_json(standing)) if as_json else _state(standing))
    if standing.outcomes.get(FAILED) or standing.outcomes.get("quarantined"):
        raise click.exceptions.Exit(2)


def _preview(config: Path | None, chosen: Selection, actor: str, *, as_json: bool) -> None:
    seen, count = working(config, lambda gateway: gateway.bulk_replay.preview(chosen, actor=actor))
    if as_json:
        rows = [asdict(one) | {"dry_run": True} for one in seen]
        # One message by its name was always one object.
        click.echo(json.dumps(rows[0] if len(chosen.messages) == 1 else {"count": count, "messages": rows}))
    else:
        for one in seen:
            click.echo(_line(one, "would be"))
            for item in one.seen:
                ending = f", to end as {item.end_state}" if item.end_state else ""
                click.echo(f"  {item.kind}{ending}; {len(item.fields)} fields, {item.unmapped} values beside them")
                click.echo(f"    {', '.join(item.fields)}")
                if item.quality:
                    click.echo(f"    flags: {', '.join(item.quality)}")
        if count > len(seen):
            click.echo(f"These are the first {len(seen)} of {count}.")
    if any(one.code for one in seen):
        raise click.exceptions.Exit(2)


async def _one(gateway: Gateway, name: str, actor: str) -> Replayed:
    done = await gateway.bulk_replay.one(name, actor=actor, dry_run=False)
    await gateway.log.sequence()
    return done


async def _proposed(gateway: Gateway, chosen: Selection, actor: str) -> Standing:
    standing = await gateway.bulk_replay.propose(chosen, actor=actor)
    await gateway.log.sequence()
    return standing


async def _approved(gateway: Gateway, name: str, digest: str, actor: str, *, quiet: bool) -> Standing:
    standing = await gateway.bulk_replay.approve(name, digest, actor=actor)
    with click.progressbar(length=standing.waiting, label="replaying", hidden=quiet) as bar:
        while standing.waiting:
            before = standing.waiting
            standing = await gateway.bulk_replay.run(name, actor=actor, most=BATCH)
            bar.update(before - standing.waiting)
    await gateway.log.sequence()
    return standing


def actor_of(operator: str | None) -> str:
    """Whoever acts by command, as the log names them."""
    if operator is None:
        return OPERATOR
    if not _OPERATOR.fullmatch(operator):
        raise click.UsageError("--operator is a short name of small letters, digits, dots and hyphens")
    return f"{OPERATOR}:{operator}"


def _line(done: Replayed, verb: str) -> str:
    now = f" ({done.code} at {done.at})" if done.at else f" ({done.code})" if done.code else ""
    was = f"waits for {done.was.code}" + (f" at {done.was.at}" if done.was.at else "")
    return f"{done.message_id} {was}; {verb} {done.fate}: {done.items} items{now}"


def _state(standing: Standing) -> str:
    record = standing.record
    told: Sequence[str] = [f"{number} {name or 'waiting'}" for name, number in sorted(standing.outcomes.items())]
    approved = f"approved by {record.approved_by}" if record.approved_by else "not approved yet"
    return f"{record.id}  {record.count} messages: {', '.join(told)}; proposed by {record.proposed_by}, {approved}"


def _json(standing: Standing) -> dict[str, object]:
    record = standing.record
    return {
        "id": record.id,
        "digest": record.digest,
        "count": record.count,
        "waiting": standing.waiting,
        "outcomes": {name: number for name, number in standing.outcomes.items() if name},
        "proposed_by": record.proposed_by,
        "approved_by": record.approved_by,
        "expires_at": record.expires_at.isoformat(),
    }
