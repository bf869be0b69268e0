"""What it must show: each figure with its target, and whether this run held it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks import bad_input, intake, openings, starting, verifying_log, workers
from benchmarks.measuring import Row, rounded
from benchmarks.normalising import TITLES

Measure = Literal["value", "ratio_to_bound", "ratio_to_peer"]
_WORDS = {"value": "", "ratio_to_bound": " times its bound", "ratio_to_peer": " times its peer"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A row's value or ratio, and the least or the most that it may be."""

    row: str
    of: Measure
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def text(self) -> str:
        """What is asked."""
        word, limit = ("at least", self.least) if self.least is not None else ("at most", self.most)
        return f"{word} {limit:g}{_WORDS[self.of]}{' ' + self.unit if self.unit else ''}"

    def judge(self, rows: dict[str, Row]) -> Judged:
        """What this run says of it."""
        row = rows.get(self.row)
        figure = None if row is None else _figure(row, self.of)
        held = None
        if figure is not None:
            held = (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)
        return Judged(name=self.row, target=self.text, figure=rounded(figure), held=held, note=self._note(row))

    def _note(self, row: Row | None) -> str:
        """How the bound itself stands beside the peer: nothing that does the work can be much faster."""
        if self.of != "ratio_to_peer" or row is None or row.bound is None or row.peer is None:
            return ""
        return f"the bound itself: {rounded(row.bound.median / row.peer.median):g} times"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A target with its figure; ``held`` is None where nothing was measured."""

    name: str
    target: str
    figure: float | None
    held: bool | None
    note: str = ""

    @property
    def word(self) -> str:
        """Held, not held, or not measured."""
        return "not measured" if self.held is None else "held" if self.held else "**not held**"


def _figure(row: Row, of: Measure) -> float | None:
    match of:
        case "value":
            return row.figure.median
        case "ratio_to_bound":
            return row.ratio_to(row.bound)
        case "ratio_to_peer":
            return row.ratio_to(row.peer)


def judged(rows: Sequence[Row]) -> list[Judged]:
    """Every target, in order."""
    found = {row.name: row for row in rows}
    return [target.judge(found) for target in _targets()]


def _targets() -> Iterator[Target]:
    yield from _intake()
    for readers in openings.READERS:
        yield Target(row=openings.title(readers), of="ratio_to_bound", least=0.6)
    hl7, bounded = TITLES
    yield from (Target(row=name, of="ratio_to_peer", least=2.0) for name in hl7)
    yield from (Target(row=name, of="ratio_to_bound", least=0.5) for name in bounded)
    yield Target(row=workers.PER_PROCESSOR, of="value", least=0.9)
    for database in intake.DATABASES:
        yield Target(row=starting.start_title(database), of="value", most=2.0, unit="s")
        yield Target(row=starting.memory_title(database), of="value", most=150, unit="MiB")
        yield Target(
            row=verifying_log.title(verifying_log.ENTRIES, database), of="ratio_to_bound", most=verifying_log.MOST
        )
    for bad, times in bad_input.FACTORS.items():
        yield Target(row=bad_input.waits_title(bad), of="value", most=times)
        yield Target(row=bad_input.memory_title(bad), of="value", most=bad_input.MOST_MEMORY, unit="MiB")


def _intake() -> Iterator[Target]:
    places = [(over, database) for database in intake.DATABASES for over in intake.OVERS]
    for over, database in places:
        many = intake.title(over, database, intake.MANY)
        yield Target(row=many, of="ratio_to_bound", least=0.5)
        yield Target(row=many, of="ratio_to_peer", least=3.0)
    for database in intake.DATABASES:
        yield Target(row=intake.engine_title(database), of="ratio_to_peer", least=5.0)
        yield Target(row=intake.engine_title(database, ", p99"), of="ratio_to_peer", most=0.25)
    for over, database in places:
        yield Target(row=f"{intake.title(over, database, 1)}, p50", of="ratio_to_bound", most=1.6)
    for over, database in places:
        half = intake.half_title(over, database)
        yield Target(row=f"{half}, p99 over p50", of="value", most=3.0)
        yield Target(row=f"{half}, {intake.AWAY}", of="value", most=1.3)
