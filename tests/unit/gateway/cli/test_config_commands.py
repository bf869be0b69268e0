"""``mash config``: what it prints, what it changes, how it ends."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.config import config
from gateway.cli.init import init
from gateway.configuration.reading import digest
from schemas.errors import Conflict, Unknown


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub that was laid out and never started; its file."""
    monkeypatch.delenv("MASH_CONFIG", raising=False)
    monkeypatch.delenv("MASH_DATABASE_URL", raising=False)
    assert CliRunner().invoke(init, [str(tmp_path / "hub")]).exit_code == 0
    return tmp_path / "hub" / "hub.toml"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(config, [str(one) for one in arguments])


def good(*arguments: object) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def changed(hub: Path, old: str, new: str, name: str = "new.toml") -> Path:
    """A copy of the hub's file with one change."""
    text = hub.read_text()
    assert old in text
    path = hub.parent.parent / name
    path.write_text(text.replace(old, new, 1))
    return path


def events(hub: Path) -> list[tuple[str, str]]:
    """What the log tells of the configuration, and who did it."""
    with closing(sqlite3.connect(hub.parent / "hub.sqlite3")) as database:
        rows = database.execute("SELECT event, actor FROM log_entries WHERE event LIKE '%config%' ORDER BY at, id")
        return sorted(rows.fetchall())


def test_a_good_file_is_good_and_says_how_to_see_its_effect(hub: Path) -> None:
    said = good("check", hub)
    assert said.startswith(f"{hub}: good, digest {digest(hub.read_bytes())}")
    assert "--against" in said
    assert not (hub.parent / "hub.sqlite3").exists(), "a look at a file opens no database"


def test_what_is_wrong_is_told_by_line_and_column_on_standard_error(hub: Path) -> None:
    broken = changed(hub, "hours = 4\n", "hours = 0\n")
    result = call("check", broken)
    assert result.exit_code == 1
    line = broken.read_text().split("\n").index("hours = 0") + 1
    assert result.stderr.startswith(f"{broken}:{line}:1: ratings.0.hours: ")
    rows = json.loads(call("check", broken, "--json").stdout)["wrong"]
    assert [(one["line"], one["column"], one["code"]) for one in rows] == [(line, 1, "config.invalid")]


def test_the_effect_is_told_under_its_headings_and_what_needs_a_restart_apart(hub: Path) -> None:
    new = changed(hub, "hours = 4\nreply_hours = 2\n", "hours = 6\nreply_hours = 3\n")
    new.write_text(new.read_text().replace("queue_hours = 48", "queue_hours = 24"))
    said = good("check", new, "--against", hub)
    assert (
        "\nclocks:\n  red is decided in 6 h, answered in 3 h, runs through nights\n    was: red is decided in 4 h"
        in said
    )
    assert "broker.queue_hours = 24" in said.partition("the rest:")[2]
    assert said.rstrip().endswith("Needs a restart with this file, and does not count before:\n  broker")
    told: dict[str, Any] = json.loads(good("check", new, "--against", hub, "--json"))
    assert (told["restart"], {one["area"] for one in told["changes"]}) == (["broker"], {"clocks", "the rest"})
    assert "changes nothing" in good("check", hub, "--against", hub)


def test_a_file_is_staged_applied_shown_and_rolled_back(hub: Path) -> None:
    new = changed(hub, "hours = 4\nreply_hours = 2\n", "hours = 6\nreply_hours = 3\n")
    assert "Staged, not in force" in good("stage", new, "--config", hub)
    said = good("apply", "--digest", digest(new.read_bytes())[:12], "--config", hub)
    assert said.startswith("in force: version 1")
    assert "red is decided in 6 h" in said
    assert good("show", "--config", hub) == new.read_text()
    assert "changes nothing" in good("check", new, "--config", hub)
    assert "red is decided in 4 h" in good("check", hub, "--config", hub)
    good("stage", hub, "--config", hub)
    good("apply", "--config", hub)
    assert good("rollback", "--config", hub).startswith(f"in force: version 3, digest {digest(new.read_bytes())}")
    rows = json.loads(good("history", "--json", "--config", hub))
    assert [(one["version"], one["origin"], one["by"]) for one in rows] == [
        (1, "applied", "operator"),
        (2, "applied", "operator"),
        (3, "rolled_back", "operator"),
    ]
    assert good("history", "--config", hub).count("\n") == 4
    assert good("show", "--version", 2, "--config", hub) == hub.read_text()
    assert events(hub) == [("configuration.staged", "operator")] * 2 + [("hub.configured", "operator")] * 3


def test_what_can_not_be_done_is_said_and_changes_nothing(hub: Path) -> None:
    assert isinstance(call("apply", "--config", hub).exception, Unknown)
    assert isinstance(call("rollback", "--config", hub).exception, Unknown)
    away = changed(hub, "[repeats]\ncount = 3\n", "[repeats]\nenabled = false\n")
    result = call("stage", away, "--config", hub)
    assert result.exit_code == 1
    assert "component.5" in result.stderr
    with closing(sqlite3.connect(hub.parent / "hub.sqlite3")) as database:
        told = database.execute("SELECT event, actor FROM log_entries WHERE event LIKE 'action%'").fetchall()
    assert told == [("action.refused", "operator")]
    good("stage", changed(hub, "hours = 4\n", "hours = 5\n"), "--config", hub)
    assert isinstance(call("apply", "--digest", "ffff", "--config", hub).exception, Conflict)
    assert events(hub) == [("configuration.staged", "operator")]


def test_the_schema_is_written_as_it_is_published() -> None:
    published = Path(__file__).parents[4] / "docs" / "hub.schema.json"
    assert good("schema") == published.read_text(encoding="utf-8")
