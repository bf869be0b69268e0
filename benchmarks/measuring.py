"""How a figure is taken: several subjects in turn, run after run, and the median of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

RUNS = 5
RUN_SECONDS = 0.06


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
    """One row of the results: a figure, and what stands beside it. More is better in every unit used here."""

    name: str
    unit: str
    figure: Figure
    bound: Figure | None = None
    bound_name: str = ""
    peer: Figure | None = None
    peer_name: str = ""

    def json(self) -> dict[str, object]:
        """The row as it is written; a ratio of 1 is as fast as what it is compared with, less is slower."""
        value = self.figure.median
        bound, peer = (one.median if one else None for one in (self.bound, self.peer))
        return {
            "name": self.name,
            "value": rounded(value),
            "unit": self.unit,
            "bound": rounded(bound),
            "peer": rounded(peer),
            "ratio_to_bound": rounded(value / bound) if bound else None,
            "ratio_to_peer": rounded(value / peer) if peer else None,
            "runs": len(self.figure.runs),
            "lowest": rounded(min(self.figure.runs)),
            "highest": rounded(max(self.figure.runs)),
            "bound_name": self.bound_name,
            "peer_name": self.peer_name,
        }


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
    names: Sequence[str] = list(subjects)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        subjects[name]()  # not counted: what is loaded and cached at the first call
    for run in range(runs):
        for offset in range(len(names)):
            name = names[(run + offset) % len(names)]
            taken[name].append(subjects[name]())
    return {name: Figure(runs=tuple(figures)) for name, figures in taken.items()}
