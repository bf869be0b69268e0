"""What leaves the hub: marked, small counts left out, one hub's lines or several hubs' side by side."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from gateway.evaluation.exporting import Export, as_csv, compared, compared_as_csv, export
from routing.metrics import Figure
from schemas.errors import Rejected

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def share(metric: str, group: str, count: int, of: int) -> Figure:
    return Figure(metric=metric, group=group, count=count, of=of, value=round(100 * count / of, 1))


def hours(group: str, of: int, value: float) -> Figure:
    return Figure(metric="hours_to_decision_median", group=group, count=None, of=of, value=value)


def of_hub(hub: str, *figures: Figure, ends: date = JANUARY[1]) -> Export:
    return export(hub, JANUARY[0], ends, figures)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


INNER = of_hub(
    "inner",
    share("decided_on_time", "all", 40, 60),
    share("decided_on_time", "red", 20, 30),
    share("decided_on_time", "amber", 20, 30),
    hours("all", 60, 12.5),
    share("levels_agree", "all", 3, 60),
)
OUTER = of_hub("outer", share("decided_on_time", "all", 10, 20), share("decided_on_time", "blue", 10, 20))


def test_each_line_bears_marking_hub_and_period() -> None:
    lines = read(as_csv(INNER))
    assert len(lines) == 5
    for line in lines:
        assert (line["marking"], line["hub"], line["from"], line["to"]) == (
            "OFFICIAL-SENSITIVE",
            "inner",
            "2026-01-01",
            "2026-01-31",
        )


def test_a_share_has_its_counts_a_time_has_none_and_what_is_small_is_left_out() -> None:
    lines = {(one["metric"], one["group"]): one for one in read(as_csv(INNER))}
    first = lines["decided_on_time", "red"]
    assert (first["count"], first["of"], first["value"], first["unit"]) == ("20", "30", "66.7", "percent")
    time = lines["hours_to_decision_median", "all"]
    assert (time["count"], time["of"], time["value"], time["unit"]) == ("", "60", "12.5", "hours")
    small = lines["levels_agree", "all"]
    assert (small["count"], small["of"], small["value"]) == ("<5", "60", "<5")


def test_no_number_under_five_is_in_an_export_that_a_program_reads() -> None:
    again = Export.model_validate_json(INNER.model_dump_json())
    assert again == INNER
    assert all(number is None or number >= 5 for one in again.figures for number in (one.count, one.of))


def test_hubs_stand_side_by_side_with_what_only_one_of_them_has() -> None:
    heading, *lines = compared([INNER, OUTER])
    assert heading == ["metric", "group", "unit", "inner", "outer"]
    assert lines == [
        ["decided_on_time", "all", "percent", "66.7", "50"],
        ["decided_on_time", "amber", "percent", "66.7", ""],
        ["decided_on_time", "blue", "percent", "", "50"],
        ["decided_on_time", "red", "percent", "66.7", ""],
        ["hours_to_decision_median", "all", "hours", "12.5", ""],
        ["levels_agree", "all", "percent", "<5", ""],
    ]
    marked = read(compared_as_csv([INNER, OUTER]))
    assert {(one["marking"], one["from"], one["to"]) for one in marked} == {
        ("OFFICIAL-SENSITIVE", "2026-01-01", "2026-01-31")
    }


def test_one_hub_twice_or_another_period_is_refused() -> None:
    with pytest.raises(Rejected, match="each hub once"):
        compared([INNER, INNER])
    with pytest.raises(Rejected, match="same period"):
        compared([INNER, of_hub("outer", ends=date(2026, 3, 31))])


@pytest.mark.parametrize("hub", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_another_hubs_words_are_no_formula(hub: str) -> None:
    heading = next(csv.reader(io.StringIO(compared_as_csv([INNER, of_hub(hub, hours("all", 60, 1.0))]))))
    assert heading[-1] == f"'{hub}"
    assert not [cell for line in csv.reader(io.StringIO(as_csv(of_hub(hub)))) for cell in line if cell == hub]
