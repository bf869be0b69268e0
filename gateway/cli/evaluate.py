"""``mash evaluate``: the hub's figures of a period, and several hubs' exports side by side."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from pydantic import ValidationError

from gateway.bootstrap import Gateway
from gateway.cli.opened import OPERATOR, config_option, json_option, table
from gateway.cli.working import working
from gateway.evaluation.exporting import Export, as_csv, compared, compared_as_csv
from schemas.errors import Rejected

_DAY = click.DateTime(formats=["%Y-%m-%d"])
csv_option = click.option("--csv", "as_table", is_flag=True, help="Comma-separated values, for a spreadsheet.")


@click.group(invoke_without_command=True)
@click.option("--from", "begins", type=_DAY, help="The first day.")
@click.option("--to", "ends", type=_DAY, help="The last day.")
@config_option
@json_option
@csv_option
@click.pass_context
def evaluate(
    context: click.Context,
    *,
    begins: datetime | None,
    ends: datetime | None,
    config: Path | None,
    as_json: bool,
    as_table: bool,
) -> None:
    """The hub's figures, with counts under five left out; docs/evaluation.md has the formulae.

    Example: mash evaluate --from 2026-01-01 --to 2026-03-31 --csv
    """
    if context.invoked_subcommand is not None:
        return
    if begins is None or ends is None:
        raise click.UsageError("say --from and --to, as days such as 2026-01-01")
    found = working(config, lambda gateway: _figures(gateway, begins.date(), ends.date()))
    if as_json:
        click.echo(found.model_dump_json())
    elif as_table:
        click.echo(as_csv(found), nl=False)
    else:
        click.echo(f"{found.marking}  {found.hub}  {found.begins} to {found.ends}")
        table([tuple(line) for line in compared([found])])


@evaluate.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@csv_option
def compare(files: tuple[Path, ...], *, as_table: bool) -> None:
    """Several hubs' exports (`mash evaluate --json`) of one period, side by side.

    Example: mash evaluate compare inner.json outer.json --csv
    """
    exports = [_read(path) for path in files]
    if as_table:
        click.echo(compared_as_csv(exports), nl=False)
    else:
        first = exports[0]
        lines = compared(exports)
        click.echo(f"{first.marking}  {first.begins} to {first.ends}")
        table([tuple(line) for line in lines])


async def _figures(gateway: Gateway, begins: date, ends: date) -> Export:
    found: Export = await gateway.evaluation.figures(begins, ends, actor=OPERATOR)
    await gateway.log.sequence()
    return found


def _read(path: Path) -> Export:
    try:
        return Export.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise Rejected("evaluation.file", "give files that mash evaluate --json wrote", at=path.name) from error
