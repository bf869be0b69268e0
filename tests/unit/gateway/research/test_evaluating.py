"""A small generated year: what is planted is found, and the rest makes little work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway import cli
from gateway.research.borough.planted import KINDS
from gateway.research.evaluating import Outcome, evaluate
from schemas.hub import RepeatRule, ResearchRule

NOTIFICATIONS, PLANTED = 2_000, 24
BLUNT = ResearchRule(
    weight=50, agencies=6, masked=10, rising=6, family=20, moving=10, adult_families=6, alleged_families=6,
    place_families=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return evaluate(3, NOTIFICATIONS, PLANTED, ResearchRule(), RepeatRule())


def test_nearly_all_that_is_planted_is_found_for_few_alerts_a_working_day(outcome: Outcome) -> None:
    assert outcome.recall >= 0.9, outcome.by_kind()
    # A tenth of a borough's notifications and of its analysts' day; planted is a little more in proportion.
    assert outcome.per_day <= 1.5
    assert outcome.working_days == 253
    assert outcome.notifications == pytest.approx(NOTIFICATIONS, rel=0.15)


def test_every_kind_is_planted_and_every_alert_has_evidence(outcome: Outcome) -> None:
    assert set(outcome.by_kind()) == set(KINDS)
    assert outcome.raised
    assert outcome.without_evidence == 0
    assert all(len(one.finding.evidence) >= 2 for one in outcome.raised)


def test_blunt_numbers_find_less_and_the_figures_tell() -> None:
    blunt = evaluate(3, NOTIFICATIONS, PLANTED, BLUNT, RepeatRule())
    assert blunt.recall < 0.5
    assert blunt.per_day < 0.2


def test_a_seed_repeats_a_year_and_another_makes_another() -> None:
    first, again, other = (evaluate(seed, 400, 8, ResearchRule(), RepeatRule()) for seed in (3, 3, 4))
    assert again.raised == first.raised
    assert other.raised != first.raised


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.mash, ["research", "evaluate", "--seed", "3", *arguments], env={"MASH_CONFIG": ""})


def test_the_command_gives_the_figures_and_says_which_bound_is_missed(tmp_path: Path) -> None:
    small = ("--notifications", "400", "--planted", "8")
    told = run(*small, "--json")
    figures = json.loads(told.stdout.splitlines()[0])
    assert figures["planted"] == 8
    assert figures["without_evidence"] == 0
    assert run("--config", str(tmp_path / "none.toml"), *small).exit_code == 1


def test_a_missed_bound_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.research.MOST_ALERTS", 0.0)
    missed = run("--notifications", "400", "--planted", "8")
    assert missed.exit_code == 1
    assert "alerts a working day: at most 0" in missed.stderr
