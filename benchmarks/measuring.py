"""How a figure is taken: several subjects in turn, run after run, and the median of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

RUNS = 5
RUN_SECONDS = 0.06
_Run = TypeVar("_Run")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One subject's runs, in the unit of its row."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.runs)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the results: a figure, and what stands beside it.

    Rates are better the more they are; waits, time and memory (``less_is_better``) the less.
    """

    name: str
    unit: str
    figure: Figure
    bound: Figure | None = None
    bound_name: str = ""
    peer: Figure | None = None
    peer_name: str = ""
    less_is_better: bool = False
    note: str = ""

    def json(self) -> dict[str, object]:
        """The row as it is written; a ratio of 1 is the same as what it is compared with."""
        value = self.figure.median
        return {
            "name": self.name,
            "value": rounded(value),
            "unit": self.unit,
            "bound": rounded(self.bound.median if self.bound else None),
            "peer": rounded(self.peer.median if self.peer else None),
            "ratio_to_bound": rounded(self.ratio_to(self.bound)),
            "ratio_to_peer": rounded(self.ratio_to(self.peer)),
            "runs": len(self.figure.runs),
            "lowest": rounded(min(self.figure.runs)),
            "highest": rounded(max(self.figure.runs)),
            "bound_name": self.bound_name,
            "peer_name": self.peer_name,
            "less_is_better": self.less_is_better,
            "note": self.note,
        }

    def ratio_to(self, other: Figure | None) -> float | None:
        """The middle run over that of another."""
        return self.figure.median / other.median if other is not None and other.median else None


def rounded(value: float | None) -> float | None:
    """Three significant digits: more would be noise."""
    return None if value is None else float(f"{value:.3g}")


def per_second(call: Callable[[], object]) -> Callable[[], float]:
    """A run that repeats ``call`` for a short while and gives calls per second."""

    def run() -> float:
        calls, began = 0, time.perf_counter()
        while (passed := time.perf_counter() - began) < RUN_SECONDS:
            call()
            calls += 1
        return calls / passed

    return run


def interleaved(subjects: Mapping[str, Callable[[], float]], *, runs: int = RUNS) -> dict[str, Figure]:
    """Each subject's figure. They take turns, and each run begins with another, so that drift hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for call in subjects.values():
        call()  # not counted: what is loaded and cached at the first call
    for name in turns(list(subjects), runs):
        taken[name].append(subjects[name]())
    return {name: Figure(runs=tuple(figures)) for name, figures in taken.items()}


async def in_turn(
    subjects: Mapping[str, Callable[[], Awaitable[_Run]]], *, runs: int = RUNS, warm: bool = True
) -> dict[str, list[_Run]]:
    """The same for subjects that are awaited and whose runs have several figures. ``warm``: one run is not counted."""
    taken: dict[str, list[_Run]] = {name: [] for name in subjects}
    if warm:
        for call in subjects.values():
            await call()
    for name in turns(list(subjects), runs):
        taken[name].append(await subjects[name]())
    return taken


def turns(names: Sequence[str], runs: int) -> list[str]:
    """Whose turn it is, one after another."""
    return [names[(run + offset) % len(names)] for run in range(runs) for offset in range(len(names))]


def figure(runs: Sequence[_Run], of: Callable[[_Run], float]) -> Figure:
    """One of the figures of these runs."""
    return Figure(runs=tuple(of(run) for run in runs))
