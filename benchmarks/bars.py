"""Grouped bars as SVG, by hand: no dependency, readable in the dark and in the light, told in words as well.

Source: SVG 1.1; WAI-ARIA for graphics (``role``, ``title``, ``desc``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT = 860, 250, 120
_TOP, _BAR, _GAP, _BETWEEN = 84, 16, 3, 14
_STYLE = """
svg { font: 13px system-ui, sans-serif }
.ground { fill: #ffffff } text { fill: #1f2328 } .faint { fill: #59636e } .line { stroke: #d1d9e0 }
.s0 { fill: #0969da } .s1 { fill: #9a6700 } .s2 { fill: #8250df } .s3 { fill: #57606a }
.spread { stroke: #1f2328; stroke-width: 1.2 } .title { font-size: 16px; font-weight: 600 }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } text { fill: #e6edf3 } .faint { fill: #9198a1 } .line { stroke: #3d444d }
.s0 { fill: #4493f8 } .s1 { fill: #d29922 } .s2 { fill: #ab7df8 } .s3 { fill: #9198a1 } .spread { stroke: #e6edf3 }
}
"""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One value with the lowest and the highest run. ``series`` is its place in the legend."""

    series: int
    value: float
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """``groups`` are labels with their bars. ``logarithmic`` where values lie powers of ten apart."""

    title: str
    unit: str
    legend: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]
    logarithmic: bool = False


def render(chart: Chart) -> str:
    """The chart as an SVG document."""
    height = _TOP + sum(_height(bars) + _BETWEEN for _, bars in chart.groups) + 34
    scale = _Scale(chart)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"',
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(chart.title)}</title>',
        f'<desc id="desc">{escape(described(chart))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="16" y="28">{escape(chart.title)}</text>',
        *_legend(chart.legend),
        *scale.lines(height - 30),
    ]
    y = _TOP
    for label, bars in chart.groups:
        parts.append(
            f'<text x="{_LEFT - 10}" y="{y + _height(bars) / 2 + 4:.0f}" text-anchor="end">{escape(label)}</text>'
        )
        for bar in bars:
            parts += _bar(bar, y, scale)
            y += _BAR + _GAP
        y += _BETWEEN - _GAP
    parts.append(f'<text class="faint" x="{_LEFT}" y="{height - 8}">{escape(chart.unit)}{scale.note}</text>')
    return "\n".join([*parts, "</svg>", ""])


def described(chart: Chart) -> str:
    """What the chart shows, in words."""
    told = [
        f"{label}: " + ", ".join(f"{chart.legend[bar.series]} {short(bar.value)}" for bar in bars)
        for label, bars in chart.groups
    ]
    return f"{chart.unit}. " + "; ".join(told) + "."


def short(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class _Scale:
    """Values to places on the page."""

    def __init__(self, chart: Chart) -> None:
        values = [bar.highest for _, bars in chart.groups for bar in bars if bar.highest > 0]
        lowest = [bar.value for _, bars in chart.groups for bar in bars if bar.value > 0]
        self._log = chart.logarithmic
        self._top = max(values, default=1.0)
        self._floor = 10 ** math.floor(math.log10(min(lowest, default=1.0)))
        self.note = ", logarithmic" if self._log else ""

    def place(self, value: float) -> float:
        """Where this value lies."""
        room = _WIDTH - _LEFT - _RIGHT
        if self._log:
            over = max(math.log10(self._top / self._floor), 1e-9)
            return _LEFT + room * max(0.0, math.log10(max(value, self._floor) / self._floor)) / over
        return _LEFT + room * value / self._top

    def lines(self, bottom: float) -> list[str]:
        """The lines of the grid with their values."""
        made = []
        for value in self._ticks():
            x = self.place(value)
            made.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{bottom:.0f}"/>')
            made.append(f'<text class="faint" x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle">{short(value)}</text>')
        return made

    def _ticks(self) -> list[float]:
        if self._log:
            count = math.floor(math.log10(self._top / self._floor))
            return [self._floor * 10**power for power in range(count + 1)]
        step = 10 ** math.floor(math.log10(self._top))
        while self._top / step < 3:
            step /= 2
        return [step * number for number in range(int(self._top / step) + 1)]


def _height(bars: Sequence[Bar]) -> int:
    return len(bars) * (_BAR + _GAP) - _GAP


def _legend(names: Sequence[str]) -> list[str]:
    made, x = [], 16
    for place, name in enumerate(names):
        made.append(f'<rect class="s{place}" x="{x}" y="40" width="12" height="12" rx="2"/>')
        made.append(f'<text x="{x + 18}" y="50">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    return made


def _bar(bar: Bar, y: int, scale: _Scale) -> list[str]:
    end, low, high = (scale.place(value) for value in (bar.value, bar.lowest, bar.highest))
    middle = y + _BAR / 2
    return [
        f'<rect class="s{bar.series}" x="{_LEFT}" y="{y}" width="{max(1.0, end - _LEFT):.1f}" height="{_BAR}" rx="2"/>',
        f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
        f'<text x="{max(end, high) + 6:.1f}" y="{y + 12}">{short(bar.value)}</text>',
    ]
