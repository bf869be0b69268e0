"""Which plots the page shows, from the rows of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import bad_input, intake, openings
from benchmarks.bars import Bar, Chart, render
from benchmarks.measuring import Figure, Row

_THREE = ("gateway", "bound", "python-hl7")
_BOTH = ("gateway", "bound")


def write(rows: Sequence[Row], folder: Path) -> list[tuple[str, str]]:
    """Write a file for each plot whose rows are there; file name and title of each."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, chart in _charts({row.name: row for row in rows}):
        if chart.groups:
            (folder / f"{name}.svg").write_text(render(chart), encoding="utf-8")
            made.append((f"{name}.svg", chart.title))
    return made


def _charts(rows: Mapping[str, Row]) -> Iterator[tuple[str, Chart]]:
    places = [(over, database) for database in intake.DATABASES for over in intake.OVERS]
    labels = {(over, database): f"{intake.SPOKEN[over]}, {database}" for over, database in places}
    many = {labels[place]: intake.title(*place, intake.MANY) for place in places}
    yield (
        "intake-rate",
        Chart(
            title=f"Intake, {intake.MANY} connections",
            unit="messages a second; the line is from the lowest run to the highest",
            legend=_THREE,
            groups=_groups(rows, many),
        ),
    )
    yield (
        "intake-processor",
        Chart(
            title="Processor time of the whole server for a message",
            unit="milliseconds, user and system",
            legend=_THREE,
            groups=_groups(rows, {label: f"{name}, processor" for label, name in many.items()}),
        ),
    )
    for part in ("p50", "p99"):
        waits = {
            f"{labels[place]}, {connections}": f"{intake.title(*place, connections)}, {part}"
            for place in places
            for connections in intake.CONNECTIONS
        }
        yield (
            f"intake-{part}",
            Chart(
                title=f"Wait for the acknowledgement, {part}, by connections",
                unit="milliseconds",
                legend=_THREE,
                groups=_groups(rows, waits),
                logarithmic=True,
            ),
        )
    yield (
        "broker-away",
        Chart(
            title="At half of the peak rate: p99 with the broker and with it gone",
            unit="milliseconds from the intended time of each message",
            legend=("broker there", "broker away"),
            groups=_pairs(
                rows,
                {
                    labels[p]: (f"{intake.half_title(*p)}, p99", f"{intake.half_title(*p)}, {intake.AWAY_P99}")
                    for p in places
                },
            ),
        ),
    )
    yield (
        "openings",
        Chart(
            title="Envelopes opened over HTTP",
            unit="openings a second",
            legend=_BOTH,
            groups=_groups(rows, {f"{readers} at once": openings.title(readers) for readers in openings.READERS}),
        ),
    )
    yield (
        "bad-input",
        Chart(
            title="p99 of ordinary senders beside bad ones, and without",
            unit="milliseconds",
            legend=("beside", "without"),
            groups=_groups(rows, {bad: bad_input.p99_title(bad) for bad in bad_input.FACTORS}),
            logarithmic=True,
        ),
    )


def _groups(rows: Mapping[str, Row], names: Mapping[str, str]) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    found = [(label, rows[name]) for label, name in names.items() if name in rows]
    return tuple(
        (label, tuple(_bar(place, one) for place, one in enumerate((row.figure, row.bound, row.peer)) if one))
        for label, row in found
    )


def _pairs(rows: Mapping[str, Row], names: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    return tuple(
        (label, tuple(_bar(place, rows[name].figure) for place, name in enumerate(pair)))
        for label, pair in names.items()
        if all(name in rows for name in pair)
    )


def _bar(series: int, figure: Figure) -> Bar:
    return Bar(series=series, value=figure.median, lowest=min(figure.runs), highest=max(figure.runs))
