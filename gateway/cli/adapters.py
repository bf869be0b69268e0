"""``mash adapters``: which formats the gateway reads, and the kit for those who write adapters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters import registry
from adapters.kit.quality import State
from gateway.adapter_kit import checking, laying_out, samples, scale
from gateway.adapter_kit.finding import Found, find
from schemas.errors import MashError, Unknown

SOME_FAILED = 2
_FEW = 3
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for a program.")


@click.group()
def adapters() -> None:
    """The formats that the gateway reads, and the kit for those who write adapters.

    Example: mash adapters list --json
    """


@adapters.command("list")
@_json
def list_adapters(*, as_json: bool) -> None:
    """List every adapter: its name, version and sector, and what it reads.

    Example: mash adapters list
    """
    found, broken = [], []
    for name in registry.names():
        try:
            found.append(registry.get(name))
        except MashError as error:
            broken.append(f"{name}: {error}")
    if as_json:
        rows = [
            {"name": each.name, "version": each.version, "sector": each.sector.value, "summary": each.summary}
            for each in found
        ]
        click.echo(json.dumps(rows))
    else:
        width = max((len(each.name) for each in found), default=0)
        for each in found:
            click.echo(f"{each.name:<{width}}  {each.version:<6}  {each.sector.value:<10}  {each.summary}")
    for line in broken:
        click.echo(line, err=True)
    if broken:
        raise click.exceptions.Exit(SOME_FAILED)


@adapters.command()
@click.argument("name")
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where it goes.")
def new(*, name: str, directory: Path) -> None:
    """Lay out an adapter called NAME: a package that works, with its tests, golden files and quality file.

    Example: mash adapters new housing.visits && mash adapters check housing.visits
    """
    try:
        written = laying_out.lay_out(name, directory)
    except OSError as error:
        raise click.ClickException(f"{directory}: {error.strerror}: name a directory that may be written") from error
    for path in written:
        click.echo(path)
    where = "" if str(directory) == "." else f"cd {directory} && "
    click.echo(f"\nNext: {where}mash adapters check {name}, then change the format in {name}/README.md and its module.")


@adapters.command()
@click.argument("name")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILES]...")
@_json
def check(*, name: str, files: tuple[Path, ...], as_json: bool) -> None:
    """Check an adapter: NAME as listed, a directory made by `new`, or module:attribute; on FILES or its own samples.

    Exit code 0: every check holds; 2: some do not, and the table says where and what to do.

    Example: mash adapters check police.ppn report.xml
    """
    found = find(name, Path.cwd())
    quality = found.quality()
    chosen = samples.of(found, quality, files)
    rows: list[checking.Row] = []
    console = Console(stderr=True)
    with console.status("checking") as status:
        for row in checking.check(found, quality, chosen, files):
            rows.append(row)
            status.update(f"{len(rows)} checks done")
    if as_json:
        click.echo(json.dumps(_document(found, rows)))
    else:
        _show(found, rows)
    if not all(row.held for row in rows):
        raise click.exceptions.Exit(SOME_FAILED)


@adapters.command()
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILES...")
@click.option("--replace", is_flag=True, help="Write it anew where there is one.")
def golden(*, name: str, files: tuple[Path, ...], replace: bool) -> None:
    """Write what the adapter makes of each file beside it, as FILE.canonical.json: read it before you keep it.

    Example: mash adapters golden demo demo/tests/samples/visit.json --replace
    """
    found = find(name, Path.cwd())
    for file in files:
        click.echo(samples.agree(found, file, replace=replace))


def _document(found: Found, rows: Sequence[checking.Row]) -> dict[str, object]:
    return {
        "adapter": found.adapter.name,
        "version": found.adapter.version,
        "origin": found.origin,
        "held": all(row.held for row in rows),
        "checks": [
            {
                "check": row.check,
                "asks": row.asks,
                "held": row.held,
                "samples": row.samples,
                "note": row.note,
                "failures": [
                    {"sample": failure.sample, "where": failure.where, "todo": failure.todo} for failure in row.failures
                ],
            }
            for row in rows
        ],
    }


def _show(found: Found, rows: Sequence[checking.Row]) -> None:
    table = Table("check", "samples", "holds", "where", "what to do")
    for row in rows:
        held = "yes" if row.held else "NO"
        failures = row.failures[:_FEW]
        where = "\n".join(": ".join(part for part in (one.sample, one.where) if part) for one in failures) or row.note
        todo = "\n".join(dict.fromkeys(one.todo for one in failures))
        more = len(row.failures) - len(failures)
        todo = f"{todo}\nand {more} more" if more else todo
        table.add_row(row.check, str(row.samples or ""), held, escape(where), escape(todo))
    console = Console()
    console.print(f"{found.adapter.name} {found.adapter.version} ({found.origin})", markup=False, highlight=False)
    console.print(table)
    failed = sum(not row.held for row in rows)
    console.print(
        f"{failed} of {len(rows)} checks failed" if failed else f"all {len(rows)} checks hold", highlight=False
    )


@adapters.command()
@click.argument("name", required=False)
@_json
@click.option("--draft", is_flag=True, help="Write a first quality file for NAME to standard output.")
def quality(*, name: str | None, as_json: bool, draft: bool) -> None:
    """The quality scale: what each adapter has done, is exempt from, or has still to do; of NAME, rule by rule.

    Exit code 0: no file claims what is not so; 2: one does, or an adapter has none.

    Example: mash adapters quality police.ppn
    """
    if draft:
        if name is None:
            raise click.UsageError("name the adapter that the draft is for")
        click.echo(scale.draft(find(name, Path.cwd())), nl=False)
        return
    named = [find(each, Path.cwd()) for each in ([name] if name else registry.names())]
    found = [(each, _lines(each)) for each in named]
    if as_json:
        click.echo(json.dumps([_scale(each, lines) for each, lines in found]))
    elif name is not None:
        _show_rules(*found[0])
    else:
        _show_scale(found)
    if any(lines is None or any(line.contradicted for line in lines) for _, lines in found):
        raise click.exceptions.Exit(SOME_FAILED)


def _lines(found: Found) -> list[scale.Line] | None:
    said = found.quality()
    return list(scale.lines(found, said)) if said is not None else None


def _scale(found: Found, lines: Sequence[scale.Line] | None) -> dict[str, object]:
    rules = [
        {
            "rule": line.rule.name,
            "level": line.rule.level.value,
            "asks": line.rule.asks,
            "state": line.claim.state.value,
            "reason": line.claim.reason,
            "seen": line.seen,
        }
        for line in lines or ()
    ]
    reached = scale.level(lines) if lines else None
    return {"adapter": found.adapter.name, "level": reached.value if reached else None, "rules": rules}


def _show_scale(found: Sequence[tuple[Found, list[scale.Line] | None]]) -> None:
    table = Table("adapter", "level", "done", "exempt", "to do", "not so")
    for each, lines in found:
        if lines is None:
            table.add_row(each.adapter.name, "no quality file")
            continue
        counts = [str(count) for count in scale.summary(lines).values()]
        wrong = sum(line.contradicted for line in lines)
        table.add_row(each.adapter.name, scale.level(lines) or "none yet", *counts, str(wrong or ""))
    Console().print(table)


def _show_rules(found: Found, lines: Sequence[scale.Line] | None) -> None:
    if lines is None:
        path = found.quality_file
        raise Unknown(
            "quality.missing",
            f"mash adapters quality {found.adapter.name} --draft writes a first one",
            at=path.name if path else "",
        )
    table = Table("level", "rule", "asks", "state", "seen")
    seen = {True: "yes", False: "not so", None: "a person's word"}
    for line in lines:
        said = f"{line.claim.state}: {line.claim.reason}" if line.claim.reason else str(line.claim.state)
        looked = seen[line.seen] if line.claim.state is not State.TODO or line.seen else ""
        table.add_row(line.rule.level, line.rule.name, line.rule.asks, escape(said), looked)
    Console().print(table)
    Console().print(f"{found.adapter.name}: {scale.level(lines) or 'no level yet'}", highlight=False)
