"""``mash config``: a hub's file as code: checked, staged, put in force, rolled back."""

from __future__ import annotations

import json
import os
from datetime import UTC
from pathlib import Path

import click

from gateway.bootstrap import Gateway
from gateway.cli.opened import OPERATOR, config_option, json_option, table
from gateway.cli.working import working
from gateway.configuration import reading, schema
from gateway.settings import read_file
from gateway.store.records import ConfigurationRecord
from routing.effect import Area, Change, effect
from routing.taking_up import take_up
from schemas.hub import Hub

_WRONG = 1
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def config() -> None:
    """A hub's file: check it, see what it changes, put it in force without a restart, roll it back.

    Example: mash config check hub/hub.toml
    """


@config.command()
@click.argument("file", type=_file)
@click.option("--against", type=_file, help="A file to compare with, instead of the configuration in force.")
@config_option
@json_option
def check(file: Path, against: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Check FILE; say by line and column what is wrong, or what it changes.

    It is compared with the configuration in force of the hub that --config or MASH_CONFIG names, where one does.

    Example: mash config check new.toml --config hub/hub.toml
    """
    found = reading.check_installed(read_file(file), file.name)
    if not isinstance(found, Hub):
        _tell_wrong(file, found, as_json=as_json)
        raise click.exceptions.Exit(_WRONG)
    before: Hub | None = None
    if against is not None:
        before = reading.parse(read_file(against), against.name)
    elif config is not None or os.environ.get("MASH_CONFIG"):
        before = working(config, _in_force)
    changes = effect(before, found) if before is not None else None
    restart = take_up(before, found).restart if before is not None else ()
    digest = reading.digest(read_file(file))
    if as_json:
        click.echo(json.dumps({"digest": digest, "wrong": [], **_preview(changes, restart)}))
        return
    click.echo(f"{file}: good, digest {digest}")
    if changes is None:
        click.echo("Name a hub with --config, or a file with --against, to see what it changes.")
    else:
        _tell(changes, restart)


@config.command()
@click.argument("file", type=_file)
@config_option
def stage(file: Path, config: Path | None) -> None:
    """Check FILE and keep it at the hub, not in force; show what it would change.

    Example: mash config stage new.toml --config hub/hub.toml
    """
    data = read_file(file)
    found = reading.check_installed(data, file.name)
    if not isinstance(found, Hub):
        wrong = found[0].error
        working(config, lambda gateway: gateway.versions.not_staged(reading.digest(data), wrong, actor=OPERATOR))
        _tell_wrong(file, found, as_json=False)
        raise click.exceptions.Exit(_WRONG)
    wanted = found

    async def staged(gateway: Gateway) -> tuple[str, Hub]:
        return await gateway.versions.stage(data, file.name, actor=OPERATOR), await _in_force(gateway)

    digest, before = working(config, staged)
    _tell(effect(before, wanted), take_up(before, wanted).restart)
    click.echo(f"\nStaged, not in force. Next: mash config apply --digest {digest[:12]}")


@config.command()
@click.option("--digest", help="What you take to be staged: its digest, or the beginning of it.")
@config_option
def apply(digest: str | None, config: Path | None) -> None:
    """Put what is staged in force: processes that serve take it up within seconds.

    Open referrals keep what they were promised: no due time moves.

    Example: mash config apply --digest 3f9a1c2b7d55
    """

    async def applied(gateway: Gateway) -> tuple[ConfigurationRecord, Hub, Hub]:
        before = await _in_force(gateway)
        record = await gateway.versions.apply(digest, actor=OPERATOR)
        return record, before, reading.parse(record.text.encode(), "hub.toml")

    _tell_in_force(*working(config, applied))


@config.command()
@click.option("--version", type=click.IntRange(min=1), help="The version to go back to.  [default: the one before]")
@config_option
def rollback(version: int | None, config: Path | None) -> None:
    """Put an earlier version in force again, as a new one.

    Example: mash config rollback
    """

    async def rolled_back(gateway: Gateway) -> tuple[ConfigurationRecord, Hub, Hub]:
        before = await _in_force(gateway)
        record = await gateway.versions.roll_back(version, actor=OPERATOR)
        return record, before, reading.parse(record.text.encode(), "hub.toml")

    _tell_in_force(*working(config, rolled_back))


@config.command()
@config_option
@json_option
def history(config: Path | None, *, as_json: bool) -> None:
    """List the versions that the hub had, oldest first; the last is in force.

    Example: mash config history --json
    """
    found = working(config, lambda gateway: gateway.versions.history())
    if as_json:
        click.echo(json.dumps([_row(one) for one in found]))
        return
    rows: list[tuple[str, ...]] = [("version", "in force since", "origin", "by", "digest")]
    rows += [
        (str(one.version), f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}", one.origin, one.by, one.digest)
        for one in found
    ]
    table(rows)


@config.command()
@click.option("--version", type=click.IntRange(min=1), help="Which version.  [default: the one in force]")
@config_option
def show(version: int | None, config: Path | None) -> None:
    """Write a version's file as it was.

    Example: mash config show --version 3 > hub-3.toml
    """

    async def text(gateway: Gateway) -> str:
        async with gateway.store.reading() as work:
            latest = await work.configurations.latest()
            wanted = version or (latest.version if latest is not None else 0)
            return (await work.configurations.version(wanted)).text

    click.echo(working(config, text), nl=False)


@config.command(name="schema")
def schema_command() -> None:
    """Write the JSON Schema of a hub's file.

    Example: mash config schema > hub.schema.json
    """
    click.echo(schema.document(), nl=False)


async def _in_force(gateway: Gateway) -> Hub:
    """The version in force, or before the first the file that names the hub."""
    async with gateway.store.reading() as work:
        latest = await work.configurations.latest()
    return reading.parse(latest.text.encode(), "hub.toml") if latest is not None else gateway.settings.hub


def _tell_wrong(file: Path, found: tuple[reading.Finding, ...], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "line": one.place.line,
                "column": one.place.column,
                "at": one.error.at,
                "code": one.error.code,
                "detail": one.error.detail,
            }
            for one in found
        ]
        click.echo(json.dumps({"wrong": rows}))
    else:
        for one in found:
            click.echo(f"{file}:{one.line}", err=True)


def _tell(changes: tuple[Change, ...], restart: tuple[str, ...]) -> None:
    if not changes:
        click.echo("It changes nothing.")
    for area in Area:
        told = [one for one in changes if one.area is area]
        if told:
            click.echo(f"\n{area}:")
            for one in told:
                click.echo(f"  {one}")
    if restart:
        click.echo("\nNeeds a restart with this file, and does not count before:")
        for place in restart:
            click.echo(f"  {place}")


def _tell_in_force(record: ConfigurationRecord, before: Hub, after: Hub) -> None:
    click.echo(f"in force: version {record.version}, digest {record.digest}")
    _tell(effect(before, after), take_up(before, after).restart)


def _preview(changes: tuple[Change, ...] | None, restart: tuple[str, ...]) -> dict[str, object]:
    if changes is None:
        return {"changes": None, "restart": []}
    rows = [{"area": one.area, "before": one.before, "after": one.after} for one in changes]
    return {"changes": rows, "restart": list(restart)}


def _row(one: ConfigurationRecord) -> dict[str, object]:
    return {
        "version": one.version,
        "digest": one.digest,
        "origin": one.origin,
        "by": one.by,
        "at": one.at.astimezone(UTC).isoformat(),
    }
