"""The results: a table for people, a file for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Row

RESULTS = Path(__file__).with_name("results.json")


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list."""
    path.write_text(json.dumps([row.json() for row in rows], indent=2) + "\n", encoding="utf-8")


def show(rows: Sequence[Row]) -> None:
    """Print the table: medians, and how far each is from its bound and its peer."""
    table = Table(title="medians; a ratio of 1 is as fast as the bound or the peer")
    for heading in ("name", "unit", "value", "bound", "ratio", "peer", "ratio", "peer's name"):
        table.add_column(heading, justify="left" if heading in {"name", "unit", "peer's name"} else "right")
    for row in rows:
        told = row.json()
        cells = (told[name] for name in ("value", "bound", "ratio_to_bound", "peer", "ratio_to_peer"))
        table.add_row(row.name, row.unit, *("" if cell is None else f"{cell:g}" for cell in cells), row.peer_name)
    Console(width=160).print(table)
