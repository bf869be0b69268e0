"""``mash evaluate``: the figures in every form, and several hubs' files side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway import cli
from gateway.cli import evaluate
from gateway.evaluation.exporting import Export, export
from routing.metrics import Figure

PERIOD = ("--from", "2026-01-01", "--to", "2026-01-31")


def of_hub(hub: str, count: int) -> Export:
    figure = Figure(metric="levels_agree", group="all", count=count, of=40, value=count * 2.5)
    return export(hub, date(2026, 1, 1), date(2026, 1, 31), [figure])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.mash, ["evaluate", *arguments])


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Export:
    """What a hub would say."""
    monkeypatch.setattr(evaluate, "working", lambda _config, _run: of_hub("inner", 30))
    return of_hub("inner", 30)


def test_json_is_what_compare_reads(figures: Export) -> None:
    assert Export.model_validate_json(run(*PERIOD, "--json").stdout) == figures


def test_csv_and_text_bear_the_marking(figures: Export) -> None:
    assert figures.figures
    assert run(*PERIOD, "--csv").stdout.splitlines()[1] == (
        "OFFICIAL-SENSITIVE,inner,2026-01-01,2026-01-31,levels_agree,all,30,40,75.0,percent"
    )
    lines = run(*PERIOD).stdout.splitlines()
    assert lines[0].startswith("OFFICIAL-SENSITIVE  inner")
    assert lines[2].split() == ["levels_agree", "all", "percent", "75"]


def test_a_period_is_needed() -> None:
    found = run("--from", "2026-01-01")
    assert found.exit_code == 2
    assert "--from and --to" in found.stderr


def test_hubs_side_by_side(tmp_path: Path) -> None:
    paths = []
    for hub, count in (("inner", 30), ("outer", 3)):
        path = tmp_path / f"{hub}.json"
        path.write_text(of_hub(hub, count).model_dump_json())
        paths.append(str(path))
    assert [line.split() for line in run("compare", *paths).stdout.splitlines()[1:]] == [
        ["metric", "group", "unit", "inner", "outer"],
        ["levels_agree", "all", "percent", "75", "<5"],
    ]
    assert run("compare", *paths, "--csv").stdout.splitlines()[1].endswith("75,<5")


def test_a_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"marking": "OFFICIAL"}')
    found = run("compare", str(path))
    assert found.exit_code == 1
    assert "other.json" in found.stderr
