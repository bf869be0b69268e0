"""What is written of the figures is what is counted."""

from __future__ import annotations

from pathlib import Path

from routing.metrics import ROWS

PAGE = Path(__file__).parents[4] / "docs" / "evaluation.md"


def test_the_page_has_every_metric_with_its_formula() -> None:
    written = {
        cells[1].strip().strip("`"): cells[4].strip()
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if len(cells := line.split("|")) == 6
    }
    for row in ROWS:
        assert written[row.metric] == row.formula
