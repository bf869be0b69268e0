"""Plots are documents that everybody can read."""

import pytest
from lxml import etree

from benchmarks.bars import Bar, Chart, described, render

CHART = Chart(
    title="Intake & more",
    unit="messages a second",
    legend=("gateway", "bound"),
    groups=(
        (
            "MLLP, <SQLite>",
            (
                Bar(series=0, value=50, lowest=40, highest=60),
                Bar(series=1, value=100, lowest=90, highest=120),
            ),
        ),
    ),
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> etree._Element:
    return etree.fromstring(render(chart).encode())


def test_it_says_in_words_what_it_shows() -> None:
    root = drawn(CHART)
    assert root.findtext(f"{SVG}title") == "Intake & more"
    assert root.findtext(f"{SVG}desc") == described(CHART)
    assert "MLLP, <SQLite>: gateway 50, bound 100" in described(CHART)
    assert root.get("role") == "img"


def test_bars_are_as_long_as_their_values() -> None:
    bars = [float(one.get("width", "0")) for one in drawn(CHART).iter(f"{SVG}rect") if one.get("height") == "16"]
    assert bars[1] == pytest.approx(bars[0] * 2, abs=0.2)


def test_nothing_leaves_the_page() -> None:
    for logarithmic in (False, True):
        root = drawn(Chart(**{**CHART.__dict__, "logarithmic": logarithmic}))
        width = float(root.get("width", "0"))
        assert all(float(one.get("x2", "0")) <= width for one in root.iter(f"{SVG}line"))
