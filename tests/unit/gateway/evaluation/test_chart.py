"""Charts that anybody can read: real XML, patterns, values in words, no style, and a table with the same words."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element, fromstring

from gateway.evaluation.chart import Bar, bars_of, svg, table
from gateway.evaluation.exporting import export
from routing.metrics import Figure

SVG = "{http://www.w3.org/2000/svg}"
BARS = [
    Bar(label="red & amber", value=50.0, words="50% of 20"),
    Bar(label="green", value=100.0, words="100% of 8", series=1),
    Bar(label="blue", value=None, words="left out: <5", series=2),
]


def drawn(text: str) -> Element:
    return fromstring(text)  # noqa: S314 - the same


def test_a_bar_is_as_long_as_its_value_and_says_it() -> None:
    chart = drawn(svg("Decided on time", BARS, most=100))
    widths = [float(one.get("width", "")) for one in chart.iter(f"{SVG}rect")]
    assert widths == [widths[1] / 2, widths[1]]
    words = [one.text for one in chart.iter(f"{SVG}text")]
    assert words == ["red & amber", "50% of 20", "green", "100% of 8", "blue", "left out: <5"]


def test_bars_of_different_series_differ_by_pattern_and_each_pattern_is_there() -> None:
    chart = drawn(svg("Decided on time", BARS))
    fills = [one.get("fill", "") for one in chart.iter(f"{SVG}rect")]
    patterns = {f"url(#{one.get('id')})" for one in chart.iter(f"{SVG}pattern")}
    assert len(set(fills)) == 2
    assert patterns.issuperset(fills)


def test_it_has_a_name_and_neither_style_nor_script() -> None:
    text = svg("A <title>", BARS)
    chart = drawn(text)
    title = chart.find(f"{SVG}title")
    assert title is not None
    assert (chart.get("role"), chart.get("aria-labelledby"), title.text) == ("img", title.get("id"), "A <title>")
    assert "style" not in text
    assert "script" not in text


def test_two_charts_on_one_page_share_no_id() -> None:
    ids = [{one.get("id") for one in drawn(svg(title, BARS)).iter() if one.get("id")} for title in ("one", "two")]
    assert not ids[0] & ids[1]


def test_the_table_says_the_same_words() -> None:
    found = drawn(table("Decided on time", BARS, heading="Rating"))
    assert [one.text for one in found.iter("td")] == [one.words for one in BARS]
    assert [one.text for one in found.iter("th")] == ["Rating", "Value", "red & amber", "green", "blue"]


def test_a_chart_of_nothing_is_a_chart() -> None:
    assert list(drawn(svg("Nothing", [])).iter(f"{SVG}rect")) == []
    assert drawn(svg("Nothing", [Bar(label="a", value=0.0, words="0")])) is not None


def test_figures_become_bars_in_words() -> None:
    figures = [
        Figure(metric="m", group="all", count=10, of=20, value=50.0),
        Figure(metric="hours_to_decision_median", group="all", count=None, of=9, value=2.5),
        Figure(metric="n", group="third_party", count=2, of=30, value=6.7),
    ]
    exported = export("hub", date(2026, 1, 1), date(2026, 1, 31), figures)
    assert [(one.label, one.value, one.words) for one in bars_of(exported.figures)] == [
        ("all", 50.0, "50% of 20"),
        ("all", 2.5, "2.5 h, 9 decided"),
        ("third party", None, "left out: <5"),
    ]
