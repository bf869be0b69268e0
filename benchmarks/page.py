"""The page of results: what was asked and what was found, every figure, the plots, the machine, and who was absent."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import plots
from benchmarks.bars import short
from benchmarks.beside import ENGINE, ENGINE_VARIABLE
from benchmarks.measuring import Figure, Row, rounded
from benchmarks.targets import Judged

FOLDER = Path(__file__).parents[1] / "docs" / "benchmarks"


def write(
    parts: Mapping[str, Sequence[Row]], targets: Sequence[Judged], machine: Mapping[str, str], told: Sequence[str]
) -> None:
    """Write ``docs/benchmarks/results.md`` and its plots. ``told`` is what the parts had to say, each a line."""
    pictures = plots.write([row for rows in parts.values() for row in rows], FOLDER)
    lines = [
        "# Results of `make bench`",
        "",
        "Written by `make bench`; [what is measured and how](../benchmarks.md). Compare ratios rather than values.",
        "",
        *_table(("machine", ""), [(name, value) for name, value in machine.items()]),
        *[f"- {line}" for line in [*told, *absent()]],
        "",
        "## What it must show",
        "",
        *_table(
            ("", "target", "figure", "", ""),
            [(one.name, one.target, _cell(one.figure), one.word, one.note) for one in targets],
        ),
        "## Plots",
        "",
        *[line for file, title in pictures for line in (f"![{title}]({file})", "")],
        "## Every figure",
        "",
        "Medians; in brackets the lowest and the highest run. A ratio of 1 is the same as the bound or the peer.",
        "",
        *[line for name, rows in parts.items() if rows for line in _part(name, rows)],
    ]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "results.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def absent() -> list[str]:
    """Peers that could not be started here."""
    made = ["No figure of the mailbox or of linkage is taken yet: neither mesh-sandbox nor Splink stands beside one."]
    if not os.environ.get(ENGINE_VARIABLE):
        made.append(f"{ENGINE} was absent: {ENGINE_VARIABLE} names its MLLP host and port where it runs.")
    return made


def _part(name: str, rows: Sequence[Row]) -> list[str]:
    beside = {"Bound": [row.bound_name for row in rows], "Peer": [row.peer_name for row in rows]}
    named = {word: [one for one in dict.fromkeys(names) if one] for word, names in beside.items()}
    return [
        f"### {name}",
        "",
        *[f"- {word}: {'; '.join(names)}." for word, names in named.items() if names],
        "",
        *_table(("", "unit", "value", "bound", "ratio", "peer", "ratio", "runs", "note"), [_row(row) for row in rows]),
    ]


def _row(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.unit,
        _spread(row.figure),
        _spread(row.bound),
        _cell(rounded(row.ratio_to(row.bound))),
        _spread(row.peer),
        _cell(rounded(row.ratio_to(row.peer))),
        str(len(row.figure.runs)),
        row.note,
    )


def _spread(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{short(figure.median)} ({short(min(figure.runs))} to {short(max(figure.runs))})"


def _cell(value: float | None) -> str:
    return "" if value is None else short(value)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}", *body, ""]
