"""``mash normalise``: what an adapter makes of native files, with no gateway running."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from adapters import registry
from adapters.port import Adapter, FeedContext
from gateway.normalising import Row, refusal, rows

SOME_REFUSED = 2
STANDARD_INPUT = "-"


@click.command()
@click.option("--adapter", "adapter_name", required=True, metavar="NAME", help="See: mash adapters list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line for each item.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="An option of the feed.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def normalise(*, adapter_name: str, as_json: bool, options: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Turn native files into canonical notifications. "-" reads standard input.

    What an adapter cannot read is told as the gateway would treat it: "quarantined" (kept with its bytes, to be
    mended and replayed) or "refused" (over a limit, or no file to be read). Exit code 0: all were accepted; 2: some
    were not.

    An option that is a table takes its own keys after a dot, one option each.

    Example: mash normalise --adapter police.ppn --json report.xml

    Example: mash normalise --adapter schools.csv --option "columns.Vorname=given" --option dates=day-first list.csv
    """
    adapter = registry.get(adapter_name)
    context = FeedContext(feed="normalise", agency="", options=_options(options))
    found = [row for file in files for row in _rows(adapter, context, file)]
    for row in found:
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _summary(row))
    if any(row["outcome"] != "accepted" for row in found):
        raise click.exceptions.Exit(SOME_REFUSED)


def _options(pairs: Sequence[str]) -> dict[str, object]:
    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter("write it as KEY=VALUE", param_hint="--option")
    options: dict[str, object] = {}
    for name, _, value in (pair.partition("=") for pair in pairs):
        table, dot, key = name.partition(".")
        if not dot:
            options[name] = value
            continue
        inner = options.setdefault(table, {})
        if not isinstance(inner, dict):
            raise click.BadParameter(f"{table} is given both as a value and as a table", param_hint="--option")
        inner[key] = value
    return options


def _rows(adapter: Adapter, context: FeedContext, file: str) -> Iterator[Row]:
    try:
        payload = _bytes(file)
    except OSError:
        detail = "Name a file that exists and may be read."
        yield refusal(file, "refused", code="file.unreadable", at="", detail=detail)
        return
    yield from rows(adapter, context, file, payload)


def _bytes(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    return Path(file).read_bytes()


def _summary(row: Row) -> str:
    problem, notification = row["problem"], row["notification"]
    if isinstance(problem, dict):
        told = ": ".join(part for part in (problem["code"], problem["at"], problem["detail"]) if part)
        return f"{row['file']}: {row['outcome']}: {told}"
    if not isinstance(notification, dict):
        return f"{row['file']}: {row['outcome']}"
    counts = (
        f"{len(notification['children'])} children, {len(notification['adults'])} adults, "
        f"{_length(row['provenance'])} fields, {_length(row['unmapped'])} not carried, {_length(row['quality'])} flags"
    )
    kind = f"{notification['kind']} ({notification['kind_reason']})"
    return f"{row['file']}: {row['outcome']}: {notification['format']}: {kind}: {counts}"


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0
