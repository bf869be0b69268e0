"""A chart of figures as SVG text, and its table: bars that differ by pattern and say their values.

No style attribute and no script, so that the strictest content policy shows it; whoever can't see it reads the table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from gateway.evaluation.exporting import FEWER, ExportedFigure

WIDTH, LABELS, BAR, GAP = 720, 220, 22, 10
_ROOM = WIDTH - LABELS - 90
"""What the longest bar takes: the rest is for the label before it and the value after it."""
_PATTERNS = (
    '<path d="M0 0h8v8H0z" fill="#1d70b8"/>',
    '<path d="M0 0h8v8H0z" fill="#fff"/><path d="M0 8L8 0" stroke="#1d70b8" stroke-width="3"/>',
    '<path d="M0 0h8v8H0z" fill="#fff"/><circle cx="4" cy="4" r="2.5" fill="#1d70b8"/>',
    '<path d="M0 0h8v8H0z" fill="#fff"/><path d="M0 4h8" stroke="#1d70b8" stroke-width="3"/>',
    '<path d="M0 0h8v8H0z" fill="#fff"/><path d="M4 0v8" stroke="#1d70b8" stroke-width="3"/>',
)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its label, its value (None: left out), and the words beside it, such as ``83.3% of 24``.

    ``series`` decides its pattern: bars of one series look the same.
    """

    label: str
    value: float | None
    words: str
    series: int = 0


def bars_of(figures: Sequence[ExportedFigure]) -> list[Bar]:
    """The figures of one metric as bars, each group with a pattern of its own as far as there are so many."""
    return [
        Bar(label=one.group.replace("_", " "), value=one.value, words=_words(one), series=place)
        for place, one in enumerate(figures)
    ]


def svg(title: str, bars: Sequence[Bar], *, most: float | None = None) -> str:
    """The bars as an SVG document for a page; ``most`` is the end of the scale, else the largest value.

    A value that was left out has no bar and says so.
    """
    scale = most or max((one.value for one in bars if one.value is not None), default=0) or 1
    height = GAP + len(bars) * (BAR + GAP)
    key = hashlib.sha256(title.encode()).hexdigest()[:8]
    used = sorted({one.series % len(_PATTERNS) for one in bars})
    patterns = "".join(
        f'<pattern id="p{key}{one}" width="8" height="8" patternUnits="userSpaceOnUse">{_PATTERNS[one]}</pattern>'
        for one in used
    )
    drawn = "".join(_bar(place, one, scale, key) for place, one in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="t{key}" class="mash-chart" font-family="sans-serif" font-size="14">'
        f'<title id="t{key}">{escape(title)}</title><defs>{patterns}</defs>{drawn}</svg>'
    )


def table(title: str, bars: Sequence[Bar], *, heading: str = "", value: str = "Value") -> str:
    """The same figures as an HTML table, for beside the chart."""
    rows = "".join(
        f'<tr class="govuk-table__row"><th scope="row" class="govuk-table__header">{escape(one.label)}</th>'
        f'<td class="govuk-table__cell govuk-table__cell--numeric">{escape(one.words)}</td></tr>'
        for one in bars
    )
    return (
        f'<table class="govuk-table"><caption class="govuk-table__caption">{escape(title)}</caption>'
        f'<thead class="govuk-table__head"><tr class="govuk-table__row">'
        f'<th scope="col" class="govuk-table__header">{escape(heading)}</th>'
        f'<th scope="col" class="govuk-table__header govuk-table__header--numeric">{escape(value)}</th></tr></thead>'
        f'<tbody class="govuk-table__body">{rows}</tbody></table>'
    )


def _words(one: ExportedFigure) -> str:
    if one.suppressed:
        return f"left out: {FEWER}"
    if one.value is None:
        return "no case"
    return f"{one.value:g}% of {one.of}" if one.unit == "percent" else f"{one.value:g} h, {one.of} decided"


def _bar(place: int, bar: Bar, scale: float, key: str) -> str:
    top = GAP + place * (BAR + GAP)
    line = top + BAR - 6
    label = f'<text x="{LABELS - 8}" y="{line}" text-anchor="end">{escape(bar.label)}</text>'
    if bar.value is None:
        return f'{label}<text x="{LABELS}" y="{line}">{escape(bar.words)}</text>'
    width = round(_ROOM * max(0.0, min(1.0, bar.value / scale)), 1)
    rectangle = (
        f'<rect x="{LABELS}" y="{top}" width="{width:g}" height="{BAR}" stroke="#0b0c0c" '
        f'fill="url(#p{key}{bar.series % len(_PATTERNS)})"/>'
    )
    return f'{label}{rectangle}<text x="{LABELS + width + 8:g}" y="{line}">{escape(bar.words)}</text>'
