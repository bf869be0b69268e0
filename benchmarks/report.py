"""The results: tables for people, files for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Row
from benchmarks.targets import Judged

RESULTS = Path(__file__).with_name("results.json")
TARGETS = Path(__file__).with_name("targets.json")


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list."""
    path.write_text(json.dumps([row.json() for row in rows], indent=2) + "\n", encoding="utf-8")


def write_targets(targets: Sequence[Judged], machine: Mapping[str, str], path: Path = TARGETS) -> None:
    """Write what was asked, what was found, and on which machine."""
    told = {"machine": dict(machine), "targets": [asdict(one) for one in targets]}
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def show(rows: Sequence[Row]) -> None:
    """Print the table: medians, and how far each is from its bound and its peer."""
    table = Table(title="medians; a ratio of 1 is the same as the bound or the peer")
    for heading in ("name", "unit", "value", "bound", "ratio", "peer", "ratio"):
        table.add_column(heading, justify="left" if heading in {"name", "unit"} else "right")
    for row in rows:
        told = row.json()
        cells = (told[name] for name in ("value", "bound", "ratio_to_bound", "peer", "ratio_to_peer"))
        table.add_row(row.name, row.unit, *("" if cell is None else f"{cell:g}" for cell in cells))
    Console(width=160).print(table)


def show_targets(targets: Sequence[Judged]) -> None:
    """Print what was asked and what was found."""
    table = Table(title="what it must show")
    for heading in ("", "target", "figure", "held"):
        table.add_column(heading, justify="right" if heading == "figure" else "left")
    for one in targets:
        figure = "" if one.figure is None else f"{one.figure:g}"
        table.add_row(one.name, one.target, figure, one.word.replace("*", ""))
    Console(width=160).print(table)
