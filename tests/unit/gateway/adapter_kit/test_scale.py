"""The quality scale: every adapter has a file, and no file claims what is not so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import registry
from adapters.kit.quality import RULES, Level, State, parse
from gateway import cli
from gateway.adapter_kit import scale
from gateway.adapter_kit.finding import find


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.mash, ("adapters", "quality", *arguments))


def lines_of(name: str) -> dict[str, scale.Line]:
    found = find(name, Path())
    quality = found.quality()
    assert quality is not None
    return {line.rule.name: line for line in scale.lines(found, quality)}


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_adapter_has_a_quality_file(name: str) -> None:
    path = find(name, Path()).quality_file
    assert path is not None
    todo = f"run `mash adapters quality {name} --draft > {path.name}` beside the module, read it, mend it, commit it"
    assert path.is_file(), todo


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_no_quality_file_claims_what_is_not_so(name: str) -> None:
    lines = lines_of(name)
    assert not [rule for rule, line in lines.items() if line.contradicted]
    reached = scale.level(list(lines.values()))
    assert reached is not None, "an adapter that ships has the first level"


def test_a_claim_that_the_files_deny_is_found() -> None:
    line = lines_of("police.ppn")["golden"]
    assert line.seen
    denied = scale.Line(rule=line.rule, claim=line.claim, seen=False)
    assert denied.contradicted
    assert scale.level([denied]) is None


def test_a_level_is_reached_where_nothing_is_left_to_do_below_it() -> None:
    lines = list(lines_of("police.ppn").values())
    assert scale.level([line for line in lines if line.rule.level is Level.BRONZE]) is Level.GOLD
    assert scale.level(lines) in {Level.SILVER, Level.GOLD}


def test_the_scale_of_all_and_of_one_is_printed() -> None:
    everybody = run()
    assert everybody.exit_code == 0, everybody.output
    assert all(name in everybody.stdout for name in registry.BUILT_IN)
    one = run("police.ppn", "--json")
    assert one.exit_code == 0
    (found,) = json.loads(one.stdout)
    assert [rule["rule"] for rule in found["rules"]] == [rule.name for rule in RULES]
    assert all(rule["reason"] for rule in found["rules"] if rule["state"] != State.DONE)


def test_a_draft_can_be_read_again_and_claims_only_what_was_seen() -> None:
    done = run("police.ppn", "--draft")
    quality = parse(done.stdout)
    assert quality.claims["golden"].state is State.DONE
    assert quality.claims["peers"].state is State.TODO


def test_an_adapter_without_a_file_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(cli.mash, ("adapters", "new", "unrated"))
    (tmp_path / "unrated" / "mash_adapter_unrated" / "adapter.quality.toml").unlink()
    done = run("unrated")
    assert done.exit_code == 1
    assert "quality.missing" in done.stderr
    assert "--draft" in done.stderr
